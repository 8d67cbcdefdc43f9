from typing import Any

import ops
import pytest
from ops import testing

from unit.charm.states import login_ui, route


def test_every_page_goes_where_it_belongs(run: Any, configured: Any) -> None:
    selfservice = configured(run(login_ui()))["selfservice"]
    assert {flow: found["ui_url"] for flow, found in selfservice["flows"].items() if "ui_url" in found} == {
        "error": "https://shop.test/ui/error",
        "login": "https://shop.test/ui/login",
        "recovery": "https://shop.test/ui/reset_email",
        "registration": "https://shop.test/ui/register",
        "settings": "https://shop.test/ui/manage_details",
        "verification": "https://shop.test/ui/verification",
    }
    assert selfservice["default_browser_return_url"] == "https://shop.test/ui/manage_details"
    assert selfservice["flows"]["login"]["style"] == "identifier_first"
    after = selfservice["flows"]["settings"]["after"]
    assert after["webauthn"]["default_browser_return_url"] == "https://shop.test/ui/setup_passkey"
    assert after["oidc"]["default_browser_return_url"] == "https://shop.test/ui/manage_connected_accounts"
    # What the charm sets itself is still there.
    assert after["password"]["hooks"] == [{"hook": "revoke_active_sessions"}]


def test_t14_only_the_login_ui_may_call_with_peoples_cookies(run: Any, configured: Any) -> None:
    assert configured(run(login_ui()))["serve"]["public"]["cors"] == {
        "enabled": True,
        "allowed_origins": ["https://shop.test"],
    }


def test_t14_without_a_login_ui_nobody_may(run: Any, configured: Any) -> None:
    assert configured(run())["serve"]["public"]["cors"] == {"enabled": False}


def test_people_may_return_to_the_login_ui(run: Any, configured: Any) -> None:
    config = configured(run(login_ui("https://ui.test"), route("public-route")))
    assert config["selfservice"]["allowed_return_urls"] == ["https://shop.test/", "https://ui.test/"]


def test_a_login_ui_without_a_route_gives_paths(run: Any, configured: Any) -> None:
    config = configured(run(login_ui("")))
    assert config["selfservice"]["flows"]["login"]["ui_url"] == "/ui/login"
    assert config["serve"]["public"]["cors"] == {"enabled": False}


def test_two_applications_share_the_work(run: Any, configured: Any) -> None:
    one = testing.Relation("ui-endpoint-info", remote_app_data={"login_url": "https://a.test/login"})
    two = testing.Relation("ui-endpoint-info", remote_app_data={"error_url": "https://b.test/error"})
    flows = configured(run(one, two))["selfservice"]["flows"]
    assert (flows["login"]["ui_url"], flows["error"]["ui_url"]) == ("https://a.test/login", "https://b.test/error")


def test_two_applications_with_one_page_are_one_too_many(run: Any) -> None:
    out = run(login_ui("https://a.test"), login_ui("https://b.test"))
    assert isinstance(out.unit_status, ops.BlockedStatus)
    assert "two applications offer error_url" in out.unit_status.message


@pytest.mark.parametrize("event", ["relation_created", "relation_broken"])
def test_without_data_the_servers_own_pages_are_used(run: Any, configured: Any, event: str) -> None:
    relation = login_ui() if event == "relation_broken" else testing.Relation("ui-endpoint-info")
    selfservice = configured(run(relation, event=event))["selfservice"]
    assert selfservice["default_browser_return_url"] == "/self-service/settings/browser"
    assert not [flow for flow in selfservice["flows"].values() if "ui_url" in flow]


@pytest.mark.parametrize("page", ["javascript:alert(1)", "//evil.test", "ui/login", "https://", "/a b", "/a\nb"])
def test_what_is_no_address_blocks(run: Any, page: str) -> None:
    out = run(login_ui(login_url=page))
    assert out.unit_status == ops.BlockedStatus(
        "ui-endpoint-info: login_url is not an address; allowed are a URL for http or https, and a path"
    )

from typing import Any

import ops
import pytest
from ops import testing

from unit.charm.states import ingress, provider, route

INFO = testing.Relation("kratos-info")


@pytest.mark.parametrize("event", ["relation_created", "relation_changed", "config_changed"])
def test_everything_is_published_at_any_occasion(run: Any, bag: Any, event: str) -> None:
    assert bag(run(testing.Relation("kratos-info"), route("public-route"), event=event), "kratos-info") == {
        "admin_endpoint": "http://kratos.shop.svc.cluster.local:4434",
        "public_endpoint": "http://kratos.shop.svc.cluster.local:4433",
        "login_browser_endpoint": "https://shop.test/self-service/login/browser",
        "sessions_endpoint": "http://kratos.shop.svc.cluster.local:4433/sessions/whoami",
        "providers_configmap_name": "kratos-oidc-providers",
        "schemas_configmap_name": "kratos-identity-schemas",
        "configmaps_namespace": "shop",
        "mfa_enabled": "True",
        "oidc_webauthn_sequencing_enabled": "False",
        "verification_enabled": "False",
        "feature_flags": "password,totp,backup_codes",
    }


def test_an_inner_route_is_the_way_to_the_apis(run: Any, bag: Any) -> None:
    inside = route("internal-route", external_host="inside.test", scheme="http")
    config = {"keyless_admin_api": "route"}
    written = bag(run(INFO, route("public-route"), inside, config=config), "kratos-info")
    assert written["admin_endpoint"] == written["public_endpoint"] == "http://inside.test"
    assert written["sessions_endpoint"] == "http://inside.test/sessions/whoami"


def test_an_ingress_will_do(run: Any, bag: Any) -> None:
    written = bag(run(INFO, ingress()), "kratos-info")
    assert written["login_browser_endpoint"] == "https://shop.test/shop-kratos/self-service/login/browser"


@pytest.mark.parametrize(
    ("config", "flags"),
    [
        ({"enforce_mfa": False, "enable_local_idp": False}, ""),
        ({"enforce_mfa": False}, "password"),
        ({"enforce_mfa": False, "enable_passwordless_login_method": True}, "password,webauthn"),
        ({"enforce_mfa": False, "enable_oidc_webauthn_sequencing": True}, "password,webauthn,backup_codes"),
    ],
)
def test_features_follow_the_options(run: Any, bag: Any, config: dict[str, bool], flags: str) -> None:
    stale = testing.Relation("kratos-info", local_app_data={"feature_flags": "password,totp,backup_codes"})
    assert bag(run(stale, route("public-route"), config=config), "kratos-info").get("feature_flags", "") == flags


def test_a_provider_means_linked_accounts(run: Any, bag: Any) -> None:
    written = bag(run(INFO, route("public-route"), provider()), "kratos-info")
    assert written["feature_flags"].endswith(",account_linking")


def test_without_a_public_address_all_is_withdrawn(run: Any, bag: Any) -> None:
    stale = testing.Relation(
        "kratos-info", local_app_data={"admin_endpoint": "http://old", "feature_flags": "password"}
    )
    out = run(stale)
    assert bag(out, "kratos-info") == {}
    assert out.unit_status == ops.BlockedStatus("kratos-info needs a public address: integrate public-route or ingress")


def test_a_follower_publishes_nothing(run: Any, bag: Any) -> None:
    assert bag(run(INFO, route("public-route"), leader=False), "kratos-info") == {}


def test_a_bad_option_does_not_change_what_is_published(run: Any, bag: Any) -> None:
    stale = testing.Relation("kratos-info", local_app_data={"admin_endpoint": "http://old"})
    out = run(stale, route("public-route"), config={"log_level": "loud"})
    assert bag(out, "kratos-info") == {"admin_endpoint": "http://old"}

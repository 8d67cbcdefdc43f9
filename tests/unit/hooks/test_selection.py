"""Which hooks run."""

from typing import Any

import pytest
import structlog.testing

from identity_server.configuration import load
from identity_server.hooks import selection

BASE = "selfservice.flows."


@pytest.fixture
def configured(tmp_path: Any) -> Any:
    def build(flows: dict[str, Any]) -> Any:
        import json

        from live_server import configuration

        file = tmp_path / "kratos.json"
        file.write_text(json.dumps({**configuration("memory", 1, 2, {"selfservice": {"flows": flows}}), "dev": True}))
        return load([str(file)], {}, {})

    return build


def names(hooks: list[dict[str, Any]]) -> list[str]:
    return [hook["hook"] for hook in hooks]


def test_a_methods_own_list_replaces_the_flows(configured: Any) -> None:
    after = {
        "hooks": [{"hook": "revoke_active_sessions"}],
        "password": {"hooks": [{"hook": "require_verified_address"}]},
        "oidc": {"hooks": []},
    }
    configuration = configured({"login": {"after": after}})
    assert names(selection.after(configuration, "login", "password")) == ["require_verified_address"]
    assert names(selection.after(configuration, "login", "oidc")) == ["revoke_active_sessions"]
    assert names(selection.after(configuration, "login", "lookup_secret")) == ["revoke_active_sessions"]


def test_only_a_methods_own_hooks_may_stop_what_is_about_to_be_stored(configured: Any) -> None:
    configuration = configured(
        {
            "settings": {
                "after": {"hooks": [{"hook": "web_hook", "config": {"url": "http://x.test/", "method": "POST"}}]}
            }
        }
    )
    assert selection.own(configuration, "settings", "profile") == []
    assert names(selection.after(configuration, "settings", "profile")) == ["web_hook"]


def test_flows_without_methods_have_one_list(configured: Any) -> None:
    configuration = configured({"recovery": {"after": {"hooks": [{"hook": "revoke_active_sessions"}]}}})
    assert names(selection.after(configuration, "recovery")) == ["revoke_active_sessions"]
    assert selection.after(configuration, "verification") == []


def test_nothing_stands_before_a_flow_by_default(configured: Any) -> None:
    assert selection.before(configured({}), "login") == []


def test_unknown_hooks_are_skipped_and_the_log_says_so() -> None:
    with structlog.testing.capture_logs() as lines:
        found = list(
            selection.known([{"hook": "b2b_sso"}, {"hook": "session"}, {"hook": "web_hook", "config": {"a": 1}}])
        )
    assert found == [("session", {}), ("web_hook", {"a": 1})]
    assert [(line["event"], line["hook"]) for line in lines] == [("unknown hook skipped", "b2b_sso")]

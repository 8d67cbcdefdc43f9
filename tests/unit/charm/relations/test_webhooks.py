import json
from typing import Any

import ops
import pytest
from ops import testing

from unit.charm.states import login_ui, provider, route, tracing, webhook

HOOK = {
    "hook": "web_hook",
    "config": {
        "url": "https://hooks.test/login",
        "method": "POST",
        "body": "base64://ZnVuY3Rpb24oY3R4KSBjdHg=",
        "response": {"ignore": False, "parse": True},
        "auth": {"type": "api_key", "config": {"name": "Authorization", "value": "hook-key", "in": "header"}},
        "emit_analytics_event": False,
    },
}


def hooks(config: dict[str, Any], flow: str, method: str) -> list[dict[str, Any]]:
    return list(config["selfservice"]["flows"][flow].get("after", {}).get(method, {}).get("hooks", []))


def test_a_hook_for_all_methods_stands_in_each_active_one(run: Any, configured: Any) -> None:
    config = configured(run(webhook("login"), provider(), route("public-route")))
    after = config["selfservice"]["flows"]["login"]["after"]
    assert set(after) == {"password", "oidc", "totp", "lookup_secret"}
    assert all(found == {"hooks": [HOOK]} for found in after.values())


def test_a_hook_for_one_method_stands_in_that_alone(run: Any, configured: Any) -> None:
    config = configured(run(webhook("login", methods='["totp"]')))
    assert set(config["selfservice"]["flows"]["login"]["after"]) == {"totp"}


def test_a_hook_for_a_method_that_is_off_stands_nowhere(run: Any, configured: Any) -> None:
    config = configured(run(webhook("login", methods='["totp"]'), config={"enforce_mfa": False}))
    assert "after" not in config["selfservice"]["flows"]["login"]


def test_who_signed_up_is_signed_in_last_of_all(run: Any, configured: Any) -> None:
    config = configured(run(webhook("registration"), config={"enable_verification": True}))
    kinds = [hook["hook"] for hook in hooks(config, "registration", "password")]
    assert kinds == ["web_hook", "show_verification_ui", "session"]


@pytest.mark.parametrize("flow", ["login", "registration"])
def test_a_hook_before_the_flow(run: Any, configured: Any, flow: str) -> None:
    config = configured(run(webhook(flow, mode="before")))
    (found,) = config["selfservice"]["flows"][flow]["before"]["hooks"]
    assert found["config"]["url"] == f"https://hooks.test/{flow}"
    assert "web_hook" not in [hook["hook"] for hook in hooks(config, flow, "password")]


def test_the_lightest_first(run: Any, configured: Any) -> None:
    relations = [webhook("login", url=f"https://hooks.test/{weight}", weight=str(weight)) for weight in (9, -1, 10)]
    found = hooks(configured(run(*relations)), "login", "password")
    assert [hook["config"]["url"][-2:].strip("/") for hook in found] == ["-1", "9", "10"]


def test_the_same_hook_twice_counts_once(run: Any, configured: Any) -> None:
    assert hooks(configured(run(webhook("login"), webhook("login"))), "login", "password") == [HOOK]


def test_without_a_key_none_is_sent(run: Any, configured: Any) -> None:
    relation = webhook("login", auth_type="", auth_config_name="", auth_config_value_secret="")
    (found,) = hooks(configured(run(relation)), "login", "password")
    assert "auth" not in found["config"]


def test_a_key_in_the_open(run: Any, configured: Any) -> None:
    relation = webhook("login", auth_config_value_secret="", auth_config_value="open", auth_config_in="cookie")
    (found,) = hooks(configured(run(relation)), "login", "password")
    assert found["config"]["auth"]["config"] == {"name": "Authorization", "value": "open", "in": "cookie"}


def test_a_rotated_key_is_taken_up(context: testing.Context[Any], configured: Any) -> None:
    from unit.charm.states import create_state

    content = {"auth-config-value": "old"}
    rotated = testing.Secret(content, latest_content={"auth-config-value": "new"}, id="secret:hook", owner=None)
    state = create_state(relations=[webhook("login")], secrets=[rotated])
    (found,) = hooks(configured(context.run(context.on.secret_changed(rotated), state)), "login", "password")
    assert found["config"]["auth"]["config"]["value"] == "new"


def test_traced_hooks_are_told_apart(run: Any, configured: Any) -> None:
    (found,) = hooks(configured(run(webhook("login"), tracing())), "login", "password")
    assert found["config"]["emit_analytics_event"] is True


@pytest.mark.parametrize("event", ["relation_created", "relation_broken"])
@pytest.mark.parametrize("flow", ["login", "registration"])
def test_without_data_there_is_no_hook(run: Any, configured: Any, event: str, flow: str) -> None:
    relation = webhook(flow) if event == "relation_broken" else testing.Relation(f"kratos-{flow}-webhook")
    assert "web_hook" not in json.dumps(configured(run(relation, event=event)))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"url": "hooks.test"}, "url is not a URL for http or https"),
        ({"body": "file:///etc/config/kratos/kratos.yaml"}, "body must be a base64:// or http(s):// address"),
        ({"body": ""}, "body must be"),
        ({"mode": "during"}, "mode: input should be 'before' or 'after'"),
        ({"method": "POST / HTTP/1.1\r\nX: y"}, "method: "),
        ({"methods": "password"}, "methods is not JSON"),
        ({"methods": '["telepathy"]'}, "methods must be a list of password"),
        ({"methods": '{"a": 1}'}, "methods must be a list"),
        ({"weight": "heavy"}, "weight: "),
        ({"response_ignore": "True"}, "response_ignore and response_parse exclude each other"),
        ({"auth_type": "magic"}, "auth_type must be api_key"),
        ({"auth_config_in": "body"}, "auth_config_in: "),
        ({"auth_config_value_secret": "secret:notgranted"}, "the secret with its key is not granted"),
    ],
)
@pytest.mark.parametrize("flow", ["login", "registration"])
def test_what_makes_no_sense_blocks(run: Any, flow: str, changes: dict[str, str], said: str) -> None:
    out = run(webhook(flow, **changes))
    assert isinstance(out.unit_status, ops.BlockedStatus)
    assert out.unit_status.message.startswith(f"kratos-{flow}-webhook: ") and said in out.unit_status.message


def test_a_login_ui_keeps_its_page_beside_the_hooks(run: Any, configured: Any) -> None:
    login = configured(run(webhook("login"), login_ui()))["selfservice"]["flows"]["login"]
    assert login["ui_url"] and login["after"]

"""``charms.kratos.v0.kratos_webhooks``, against the charm that reads them."""

import base64
from typing import Any

import ops
import pytest
from charms.kratos.v0.kratos_webhooks import (
    KratosLoginWebhookProvider,
    KratosRegistrationWebhookProvider,
    Webhook,
    as_body,
)
from ops import testing

from unit.charm.states import configuration, create_state

FLOWS = {"login": KratosLoginWebhookProvider, "registration": KratosRegistrationWebhookProvider}
META = {
    "name": "neighbour",
    "provides": {f"kratos-{flow}-webhook": {"interface": f"kratos_{flow}_webhook"} for flow in FLOWS},
}
HOOK = Webhook(
    "https://hooks.test/x", as_body("function(ctx) {}"), methods=("password",), weight=3, response_parse=True
)


class Neighbour(ops.CharmBase):
    """A charm that wants to be asked."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        self.hooks = {flow: kind(self) for flow, kind in FLOWS.items()}


def publish(flow: str, hook: Webhook, key: str = "", state: testing.State | None = None) -> testing.State:
    context = testing.Context(Neighbour, meta=META)
    state = state or testing.State(leader=True, relations=[testing.Relation(f"kratos-{flow}-webhook")])
    with context(context.on.update_status(), state) as manager:
        manager.charm.hooks[flow].publish(hook, key)
        return manager.run()


def bag(state: testing.State, flow: str) -> dict[str, str]:
    (relation,) = state.get_relations(f"kratos-{flow}-webhook")
    return dict(relation.local_app_data)


@pytest.mark.parametrize("flow", FLOWS)
def test_the_charm_reads_what_the_library_writes(context: testing.Context[Any], flow: str) -> None:
    sent = publish(flow, HOOK, "key")
    (secret,) = sent.secrets
    relation = testing.Relation(f"kratos-{flow}-webhook", remote_app_data=bag(sent, flow))
    granted = testing.Secret(secret.latest_content or {}, id=secret.id, owner=None)
    out = context.run(context.on.relation_changed(relation), create_state(relations=[relation], secrets=[granted]))
    after = configuration(context, out)["selfservice"]["flows"][flow]["after"]["password"]["hooks"]
    assert after[0] == {
        "hook": "web_hook",
        "config": {
            "url": "https://hooks.test/x",
            "method": "POST",
            "body": "base64://" + base64.b64encode(b"function(ctx) {}").decode(),
            "response": {"ignore": False, "parse": True},
            "auth": {"type": "api_key", "config": {"name": "Authorization", "value": "key", "in": "header"}},
            "emit_analytics_event": False,
        },
    }


@pytest.mark.parametrize("flow", FLOWS)
def test_the_key_is_in_a_secret_that_is_granted(flow: str) -> None:
    out = publish(flow, HOOK, "key")
    (secret,) = out.secrets
    (relation,) = out.get_relations(f"kratos-{flow}-webhook")
    assert "key" not in [*bag(out, flow).values()]
    assert secret.remote_grants == {relation.id: {relation.remote_app_name}}


def test_another_key_is_another_revision_of_the_same_secret() -> None:
    first = publish("login", HOOK, "key")
    second = publish("login", HOOK, "other", first)
    (before,), (after,) = first.secrets, second.secrets
    assert before.id == after.id
    assert after.latest_content == {"auth-config-value": "other"}
    assert bag(first, "login") == bag(second, "login")


def test_the_same_key_again_changes_nothing() -> None:
    first = publish("login", HOOK, "key")
    assert publish("login", HOOK, "key", first).secrets == first.secrets


def test_without_a_key_nothing_of_it_is_written() -> None:
    written = bag(publish("login", HOOK), "login")
    assert not [key for key in written if key.startswith("auth_")]


def test_without_a_relation_no_secret_is_made() -> None:
    assert not publish("login", HOOK, "key", testing.State(leader=True)).secrets


def test_withdrawing_takes_everything_back() -> None:
    context = testing.Context(Neighbour, meta=META)
    with context(context.on.update_status(), publish("login", HOOK, "key")) as manager:
        manager.charm.hooks["login"].withdraw()
        assert bag(manager.run(), "login") == {}


@pytest.mark.parametrize(
    ("flow", "hook", "said"),
    [
        ("registration", Webhook("u", "b", methods=("totp",)), "none of"),
        ("login", Webhook("u", "b", response_ignore=True, response_parse=True), "cannot be parsed"),
    ],
)
def test_a_webhook_that_makes_no_sense_is_refused_before_it_is_written(flow: str, hook: Webhook, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        publish(flow, hook)

"""``admin_api_keys``: the operator's own keys."""

import dataclasses
import hashlib
from typing import Any

import ops
import pytest
from ops import testing

from unit.charm.states import configuration, create_state, everything, login_ui, route

KEY = "k" * 32


def run(context: testing.Context[Any], content: dict[str, str] | None) -> testing.State:
    secrets = [] if content is None else [testing.Secret(content, id="secret:9m4e2mr0ui3e8a215n4g", owner=None)]
    return context.run(
        context.on.config_changed(),
        create_state(config={"admin_api_keys": "secret:9m4e2mr0ui3e8a215n4g"}, secrets=secrets),
    )


def test_callers_need_one_of_them(context: testing.Context[Any]) -> None:
    out = run(context, {"one": KEY, "two": KEY + "2"})
    found = configuration(context, out)["serve"]["admin"]["auth"]["keys"]
    assert [one["name"] for one in found] == ["charm", "one", "two"]
    assert found[1]["key_hash"] == hashlib.sha256(KEY.encode()).hexdigest()
    assert KEY not in str(found)


def named(context: testing.Context[Any], state: testing.State) -> list[str]:
    """The keys that the server knows after an event."""
    serve = configuration(context, context.run(context.on.config_changed(), state))["serve"]
    return [one["name"] for one in serve.get("admin", {}).get("auth", {}).get("keys", [])]


def test_t34_without_a_key_of_an_operator_callers_need_one_all_the_same(context: testing.Context[Any]) -> None:
    assert named(context, create_state()) == ["charm"]


@pytest.mark.parametrize("endpoint", ["internal-route", "public-route", "ingress", "ui-endpoint-info"])
def test_t34_no_route_opens_the_admin_api(context: testing.Context[Any], endpoint: str) -> None:
    (relation,) = [one for one in everything() if one.endpoint == endpoint]
    assert named(context, create_state(relations=[relation])) == ["charm"]


INFO, INSIDE = testing.Relation("kratos-info"), route("internal-route", external_host="inside.test", scheme="http")


def routed(state: testing.State) -> bool:
    """Whether the inner route leads to the admin API."""
    (relation,) = state.get_relations("internal-route")
    return "/admin/" in str(relation.local_app_data["config"])


@pytest.mark.parametrize(
    ("mode", "keys", "open_to_all", "leads_there"),
    [
        ("cluster", [], True, False),
        ("route", [], True, True),
        ("never", [], False, True),
        ("cluster", ["backup"], False, True),
        ("route", ["backup"], False, True),
    ],
)
def test_t34_who_needs_no_key_is_said_and_does_not_come_through_a_route_unnoticed(
    context: testing.Context[Any], mode: str, keys: list[str], open_to_all: bool, leads_there: bool
) -> None:
    state = create_state(
        config={"keyless_admin_api": mode}, relations=[INFO, INSIDE, route("public-route")], leader=True
    )
    for name in keys:
        state = context.run(context.on.action("create-admin-api-key", params={"name": name}), state)
    out = context.run(context.on.config_changed(), state)
    assert named(context, state) == ([] if open_to_all else ["charm", *keys])
    assert routed(out) is leads_there
    written = out.get_relation(INFO.id).local_app_data["admin_endpoint"]
    assert written == ("http://inside.test" if leads_there else "http://kratos.shop.svc.cluster.local:4434")
    status = out.unit_status
    assert isinstance(status, ops.ActiveStatus)
    assert ("asks the cluster" in status.message) is open_to_all
    assert ("internal-route" in status.message) is (open_to_all and leads_there)


def test_t34_while_the_options_say_nothing_the_worst_is_assumed(context: testing.Context[Any]) -> None:
    state = create_state(config={"keyless_admin_api": "nobody"}, relations=[INFO, INSIDE])
    out = context.run(context.on.config_changed(), state)
    assert "keyless_admin_api" in out.unit_status.message
    assert not routed(out)


def test_t34_applications_that_know_of_no_keys_get_in_until_an_operator_makes_one(
    context: testing.Context[Any],
) -> None:
    state = create_state(relations=[testing.Relation("kratos-info")])
    assert named(context, state) == []
    out = context.run(context.on.action("create-admin-api-key", params={"name": "backup"}), state)
    assert named(context, out) == ["charm", "backup"]


@pytest.mark.parametrize("relation", [testing.Relation("kratos-info"), login_ui()], ids=["keys", "origins"])
def test_opening_and_closing_restarts_nothing(context: testing.Context[Any], relation: testing.Relation) -> None:
    before = context.run(context.on.config_changed(), create_state())
    after = context.run(
        context.on.relation_changed(relation), dataclasses.replace(before, relations={*before.relations, relation})
    )
    assert (
        after.get_container("kratos").plan.services["kratos"] == before.get_container("kratos").plan.services["kratos"]
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "grant the secret with: juju grant-secret NAME kratos"),
        ({"one": "short"}, 'the key "one" has less than 32 characters'),
        ({"charm": KEY}, 'the name "charm" is taken'),
    ],
)
def test_keys_that_cannot_be_used(context: testing.Context[Any], content: dict[str, str] | None, said: str) -> None:
    out = run(context, content)
    assert out.unit_status == ops.BlockedStatus(f"Bad option: admin_api_keys: {said}")


def test_a_changed_secret_counts_at_once(context: testing.Context[Any]) -> None:
    secret = testing.Secret(
        {"one": KEY}, latest_content={"one": "n" * 32}, id="secret:9m4e2mr0ui3e8a215n4g", owner=None
    )
    state = create_state(config={"admin_api_keys": "secret:9m4e2mr0ui3e8a215n4g"}, secrets=[secret])
    found = configuration(context, context.run(context.on.secret_changed(secret), state))
    assert found["serve"]["admin"]["auth"]["keys"][1]["key_hash"] == hashlib.sha256(b"n" * 32).hexdigest()

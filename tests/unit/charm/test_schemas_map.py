"""The map of schemas follows the charm and its options, but for what the Admin UI wrote in it."""

import json
from typing import Any

import ops
import pytest
from ops import testing

from identity_charm import identity_schemas
from identity_charm.schemas_map import SchemasMap
from unit.charm.cluster_stub import ClusterStub
from unit.charm.states import configuration, create_state

NAME = "kratos-identity-schemas"


def schema(title: str) -> dict[str, Any]:
    traits = {"type": "object", "properties": {"email": {"type": "string", "title": title}}}
    return {"properties": {"traits": traits}}


OWN = {"identity_schemas": json.dumps({"own": schema("1")}), "default_identity_schema_id": "own"}


def run(context: testing.Context[Any], **changes: Any) -> tuple[set[str], str]:
    """The ids that the server knows after an event, and the default."""
    out = context.run(context.on.config_changed(), create_state(**changes))
    assert out.unit_status == ops.ActiveStatus()
    found = configuration(context, out)["identity"]
    return {one["id"] for one in found["schemas"]}, found["default_schema_id"]


def edit(kubernetes: ClusterStub, **entries: Any) -> None:
    """As the Admin UI does it: it changes entries, and leaves the rest of the map alone."""
    texts = {key: value if isinstance(value, str) else json.dumps(value, indent=1) for key, value in entries.items()}
    kubernetes.maps[NAME]["data"] |= {key.replace("default_schema", "default.schema"): v for key, v in texts.items()}


def test_a_reset_takes_the_schemas_and_the_default_back(context: testing.Context[Any], kubernetes: ClusterStub) -> None:
    assert run(context, config=OWN) == ({"admin_v0", "own", "social_user_v0"}, "own")
    assert kubernetes.data(NAME)["default.schema"] == "own"
    assert run(context) == ({"admin_v0", "social_user_v0"}, "social_user_v0")
    assert set(kubernetes.data(NAME)) == {"admin_v0", "social_user_v0", "default.schema"}
    assert kubernetes.data(NAME)["default.schema"] == "social_user_v0"


def test_a_changed_option_reaches_the_map(context: testing.Context[Any], kubernetes: ClusterStub) -> None:
    run(context, config=OWN)
    run(context, config={**OWN, "identity_schemas": json.dumps({"own": schema("2")})})
    assert json.loads(kubernetes.data(NAME)["own"]) == schema("2")


def test_a_later_charms_schema_counts(
    context: testing.Context[Any], kubernetes: ClusterStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = {**identity_schemas.built_in(), "admin_v0": schema("older")}
    with monkeypatch.context() as patch:
        patch.setattr(identity_schemas, "built_in", lambda: older)
        run(context)
        assert json.loads(kubernetes.data(NAME)["admin_v0"]) == schema("older")
    out = context.run(context.on.upgrade_charm(), create_state())
    urls = {one["id"]: one["url"] for one in configuration(context, out)["identity"]["schemas"]}
    newer = identity_schemas.built_in()["admin_v0"]
    assert urls["admin_v0"] == identity_schemas.as_url(newer)
    assert json.loads(kubernetes.data(NAME)["admin_v0"]) == newer


def test_what_the_admin_ui_wrote_stays(context: testing.Context[Any], kubernetes: ClusterStub) -> None:
    run(context, config=OWN)
    edit(kubernetes, social_user_v0=schema("edited"), added=schema("new"), default_schema="added")
    assert run(context) == ({"added", "admin_v0", "social_user_v0"}, "added")
    found = kubernetes.data(NAME)
    assert json.loads(found["social_user_v0"]) == schema("edited")
    assert "own" not in found, "nobody touched that one"
    assert run(context, config=OWN) == ({"added", "admin_v0", "own", "social_user_v0"}, "own")
    assert kubernetes.data(NAME)["default.schema"] == "added", "the option decides, and does not overwrite"


def test_nothing_is_written_where_nothing_changed(context: testing.Context[Any], kubernetes: ClusterStub) -> None:
    run(context)
    edit(kubernetes, added=schema("new"))
    run(context)
    run(context)
    assert not [call for call in kubernetes.calls if call.startswith("PUT")]


def test_a_follower_writes_nothing_and_sees_the_same(context: testing.Context[Any], kubernetes: ClusterStub) -> None:
    run(context, config=OWN)
    assert run(context, leader=False) == ({"admin_v0", "social_user_v0"}, "social_user_v0")
    assert "own" in kubernetes.data(NAME)


def test_who_wrote_meanwhile_is_not_overwritten(context: testing.Context[Any], kubernetes: ClusterStub) -> None:
    run(context, config=OWN)
    kubernetes.conflict = True
    assert run(context) == ({"admin_v0", "social_user_v0"}, "social_user_v0")
    assert "own" in kubernetes.data(NAME)
    kubernetes.conflict = False
    run(context)
    assert "own" not in kubernetes.data(NAME)


@pytest.mark.parametrize("note", ["{", "[]", '"x"', "null"])
def test_a_note_that_makes_no_sense_is_none(note: str) -> None:
    entries = {"a": "{}", "default.schema": "a"}
    assert SchemasMap.parse(entries, note) == SchemasMap(entries)
    assert SchemasMap.parse(entries, note).edited == entries

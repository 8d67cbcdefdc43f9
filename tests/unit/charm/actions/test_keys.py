import dataclasses
import hashlib
import json
from typing import Any

import pytest
from ops import testing

from identity_charm.admin_keys import LABEL
from unit.charm.admin_stub import AdminStub
from unit.charm.states import KINDS, configuration, container, create_state


def keys(state: testing.State) -> dict[str, Any]:
    (secret,) = (one for one in state.secrets if one.label == "server-secrets")
    return {name: json.loads(text) for name, text in (secret.latest_content or secret.tracked_content).items()}


class TestRotation:
    def test_alone_a_new_key_is_used_at_once_and_the_old_one_kept(self, context: testing.Context[Any]) -> None:
        before = create_state()
        out = context.run(context.on.action("rotate-secrets"), before)
        assert context.action_results == {"rotated": "cookie, cipher, default, pagination, admin"}
        for kind in KINDS:
            new, old = keys(out)[kind]
            assert [old] == keys(before)[kind]
            assert len(new) == 32
            assert configuration(context, out)["secrets"][kind] == [new, old]

    def test_one_kind(self, context: testing.Context[Any]) -> None:
        out = context.run(context.on.action("rotate-secrets", params={"kind": "cookie"}), create_state())
        assert {kind: len(keys(out)[kind]) for kind in KINDS} == {
            "cookie": 2,
            "cipher": 1,
            "default": 1,
            "pagination": 1,
        }

    def test_old_keys_can_go(self, context: testing.Context[Any]) -> None:
        rotated = context.run(context.on.action("rotate-secrets"), create_state())
        out = context.run(context.on.action("rotate-secrets", params={"drop-old": True}), rotated)
        assert context.action_results == {"dropped": "cookie, default, pagination, admin"}
        assert {kind: len(keys(out)[kind]) for kind in KINDS} == {
            "cookie": 1,
            "cipher": 2,
            "default": 1,
            "pagination": 1,
        }
        assert keys(out)["cookie"] == keys(rotated)["cookie"][:1]

    def test_old_cipher_keys_stay(self, refusal: Any) -> None:
        assert "lies in the database" in refusal("rotate-secrets", kind="cipher", drop_old=True)

    def test_only_the_leader(self, refusal: Any) -> None:
        assert "Only the leader" in refusal("rotate-secrets", create_state(leader=False))

    def test_before_there_are_any(self, refusal: Any) -> None:
        assert "no secrets yet" in refusal("rotate-secrets", create_state(keys=False))

    def test_no_key_is_shown(self, context: testing.Context[Any]) -> None:
        out = context.run(context.on.action("rotate-secrets"), create_state())
        shown = f"{context.action_results}{context.action_logs}{context.juju_log}"
        assert not [key for kind in KINDS for key in keys(out)[kind] if key in shown]


class TestAdminKeys:
    def test_the_key_lies_in_a_secret_and_its_hash_in_the_configuration(self, context: testing.Context[Any]) -> None:
        out = context.run(context.on.action("create-admin-api-key", params={"name": "backup"}), create_state())
        assert context.action_results
        (secret,) = (one for one in out.secrets if one.id == context.action_results["secret-id"])
        key = secret.tracked_content["key"]
        assert len(key) == 64
        configured = configuration(context, out)["serve"]["admin"]["auth"]["keys"]
        assert {one["name"] for one in configured} == {"charm", "backup"}
        assert configured[1] == {
            "name": "backup",
            "key_hash": hashlib.sha256(key.encode()).hexdigest(),
            "scopes": ["read", "write"],
        }
        everywhere_else = f"{context.action_results}{context.action_logs}{context.juju_log}{configured}"
        assert key not in everywhere_else
        (kept,) = (one for one in out.secrets if one.label == LABEL)
        assert key not in str(kept)

    def test_a_key_that_may_only_read(self, context: testing.Context[Any]) -> None:
        params = {"name": "reader", "scope": "read"}
        out = context.run(context.on.action("create-admin-api-key", params=params), create_state())
        assert configuration(context, out)["serve"]["admin"]["auth"]["keys"][1]["scopes"] == ["read"]

    def test_a_key_of_the_same_name_is_replaced(self, context: testing.Context[Any]) -> None:
        params = {"name": "backup"}
        first = context.run(context.on.action("create-admin-api-key", params=params), create_state())
        before = configuration(context, first)["serve"]["admin"]["auth"]["keys"]
        second = context.run(context.on.action("create-admin-api-key", params=params), first)
        after = configuration(context, second)["serve"]["admin"]["auth"]["keys"]
        assert [one["name"] for one in after] == [one["name"] for one in before] == ["charm", "backup"]
        assert after[0] == before[0] and after[1] != before[1]

    def test_a_key_can_go(self, context: testing.Context[Any]) -> None:
        state = create_state()
        for name in ("backup", "other"):
            state = context.run(context.on.action("create-admin-api-key", params={"name": name}), state)
        out = context.run(context.on.action("remove-admin-api-key", params={"name": "backup"}), state)
        assert context.action_results == {"name": "backup"}
        configured = configuration(context, out)["serve"]["admin"]["auth"]["keys"]
        assert [one["name"] for one in configured] == ["charm", "other"]
        labels = {one.label for one in out.secrets}
        assert "admin-api-key-backup" not in labels and "admin-api-key-other" in labels
        last = context.run(context.on.action("remove-admin-api-key", params={"name": "other"}), out)
        assert LABEL not in {one.label for one in last.secrets}
        again = context.run(context.on.action("create-admin-api-key", params={"name": "backup"}), last)
        assert len(configuration(context, again)["serve"]["admin"]["auth"]["keys"]) == 2

    def test_a_key_that_is_not_there(self, refusal: Any) -> None:
        assert "made no key backup" in refusal("remove-admin-api-key", name="backup")

    def test_only_the_leader_takes_keys_away(self, refusal: Any) -> None:
        assert "Only the leader" in refusal("remove-admin-api-key", create_state(leader=False), name="backup")

    def test_t34_the_last_key_does_not_open_the_admin_api_unnoticed(
        self, context: testing.Context[Any], refusal: Any, run: Any
    ) -> None:
        state = create_state(relations=[testing.Relation("kratos-info")])
        state = context.run(context.on.action("create-admin-api-key", params={"name": "backup"}), state)
        assert "From now on" in context.action_logs[-1]
        assert "open=true" in refusal("remove-admin-api-key", state, name="backup")
        closed = dataclasses.replace(state, config={"keyless_admin_api": "never"})
        assert run("remove-admin-api-key", closed, name="backup") == {"name": "backup"}
        out = context.run(context.on.action("remove-admin-api-key", params={"name": "backup", "open": True}), state)
        assert "admin" not in configuration(context, out)["serve"]

    def test_t34_the_charm_s_own_key_rotates(self, context: testing.Context[Any], admin: AdminStub) -> None:
        before = create_state()
        out = context.run(context.on.action("rotate-secrets", params={"kind": "admin"}), before)
        new, old = keys(out)["admin"]
        assert [old] == [keys(before)["admin"]]
        hashes = [one["key_hash"] for one in configuration(context, out)["serve"]["admin"]["auth"]["keys"]]
        assert hashes == [hashlib.sha256(key.encode()).hexdigest() for key in (new, old)]
        admin.add()
        context.run(context.on.action("get-identity", params={"email": "person@shop.test"}), out)
        assert admin.headers[-1]["Authorization"] == f"Bearer {new}"
        dropped = context.run(context.on.action("rotate-secrets", params={"kind": "admin", "drop-old": True}), out)
        assert keys(dropped)["admin"] == [new]

    def test_t34_the_charm_shows_its_own_key(self, context: testing.Context[Any], admin: AdminStub) -> None:
        out = context.run(context.on.action("create-admin-api-key", params={"name": "backup"}), create_state())
        admin.add()
        context.run(context.on.action("get-identity", params={"email": "person@shop.test"}), out)
        own = json.loads(json.dumps(keys(out)["admin"]))
        assert admin.headers[-1]["Authorization"] == f"Bearer {own}"
        configured = configuration(context, context.run(context.on.config_changed(), out))
        hashes = {one["name"]: one["key_hash"] for one in configured["serve"]["admin"]["auth"]["keys"]}
        assert hashes["charm"] == hashlib.sha256(own.encode()).hexdigest()

    def test_before_there_are_keys_none_is_shown(self, context: testing.Context[Any], admin: AdminStub) -> None:
        admin.add()
        state = create_state(keys=False, leader=False)
        context.run(context.on.action("get-identity", params={"email": "person@shop.test"}), state)
        assert "Authorization" not in admin.headers[-1]

    @pytest.mark.parametrize("name", ["charm", "ab", "Backup", "a_b", "-abc", "a" * 64, "9abc"])
    def test_a_bad_name(self, refusal: Any, name: str) -> None:
        assert "a name has 3 to 63" in refusal("create-admin-api-key", name=name)

    def test_only_the_leader(self, refusal: Any) -> None:
        state = create_state(leader=False, containers=[container()])
        assert "Only the leader" in refusal("create-admin-api-key", state, name="backup")

"""F24: while keys change, no unit meets a signature that it cannot check."""

import dataclasses
import json
from typing import Any

from ops import testing

from charm import KratosCharm
from unit.charm.states import DATABASE_USER, VERSION, configuration, create_state, database, peers

MIGRATED = {"migration_version_7007": f'"{VERSION}"'}


class Units:
    """Several units of one application: what one writes, the others read at their next event."""

    def __init__(self, count: int) -> None:
        state = create_state(relations=[database(), peers()], secrets=[DATABASE_USER])
        self.secrets = state.secrets
        self.app_bag: dict[str, str] = dict(MIGRATED)
        self.bags: dict[int, dict[str, str]] = {number: {} for number in range(count)}
        self.lists: dict[int, list[str]] = {}

    def run(self, unit: int, action: str = "", **params: Any) -> None:
        """An event of a unit; the first one leads."""
        context = testing.Context(KratosCharm, app_name="kratos", unit_id=unit)
        relation = testing.PeerRelation(
            "kratos-peers",
            id=7001,
            local_app_data=self.app_bag,
            local_unit_data=self.bags[unit],
            peers_data={number: bag for number, bag in self.bags.items() if number != unit},
        )
        state = create_state(leader=unit == 0, relations=[database(), relation], secrets=[DATABASE_USER])
        state = dataclasses.replace(state, secrets=self.secrets)
        event = context.on.action(action, params=params) if action else context.on.relation_changed(relation)
        out = context.run(event, state)
        left = out.get_relation(7001)
        assert isinstance(left, testing.PeerRelation)
        self.app_bag, self.bags[unit], self.secrets = dict(left.local_app_data), dict(left.local_unit_data), out.secrets
        if config := configuration(context, out):
            self.lists[unit] = config["secrets"]["cookie"]

    def all_understand_each_other(self) -> bool:
        """Whether each unit can check what each unit signs with."""
        return all(one[0] in other for one in self.lists.values() for other in self.lists.values())


def test_f24_old_new_then_new_old_then_new() -> None:
    units = Units(3)
    for unit in (0, 1, 2):
        units.run(unit)
    (old,) = units.lists[0]

    units.run(0, "rotate-secrets", kind="cookie")
    new = units.lists[0][1]
    assert units.lists[0] == [old, new]
    assert units.all_understand_each_other()

    units.run(1)
    assert units.lists[1] == [old, new]
    units.run(0)
    assert units.lists[0] == [old, new], "the third unit does not know the new key yet"

    units.run(2)
    units.run(0)
    assert units.lists[0] == [new, old]
    assert units.all_understand_each_other(), "two units still sign with the old key, one with the new"

    units.run(1)
    units.run(2)
    assert set(map(tuple, units.lists.values())) == {(new, old)}

    units.run(0, "rotate-secrets", kind="cookie", **{"drop-old": True})
    for unit in (1, 2):
        units.run(unit)
    assert set(map(tuple, units.lists.values())) == {(new,)}


def test_f24_old_keys_cannot_go_before_the_new_ones_are_everywhere() -> None:
    import pytest

    units = Units(2)
    units.run(0)
    units.run(0, "rotate-secrets", kind="cookie")
    with pytest.raises(testing.ActionFailed, match="on their way to all units"):
        units.run(0, "rotate-secrets", **{"drop-old": True})


def test_f24_a_second_rotation_meanwhile_adds_nothing() -> None:
    units = Units(2)
    units.run(0)
    units.run(0, "rotate-secrets", kind="cookie")
    units.run(0, "rotate-secrets", kind="cookie")
    assert len(units.lists[0]) == 2


def test_f24_the_others_are_woken() -> None:
    units = Units(2)
    units.run(0)
    units.run(0, "rotate-secrets", kind="cookie")
    assert json.loads(units.app_bag["keys_revision"]) == 2

"""F24: while keys change, no unit meets a signature that it cannot check."""

import json

import pytest
from ops import testing

from unit.charm.units import Units


def all_understand_each_other(units: Units) -> bool:
    """Whether each unit can check what each unit signs with."""
    return all(one[0] in other for one in units.lists.values() for other in units.lists.values())


def test_f24_old_new_then_new_old_then_new() -> None:
    units = Units(3)
    units.settle()
    (old,) = units.lists[0]

    units.run(0, "rotate-secrets", kind="cookie")
    new = units.lists[0][1]
    assert units.lists[0] == [old, new]
    seen = {tuple(units.lists[0])}
    for _ in range(12):
        for unit in range(3):
            units.run(unit)
            assert all_understand_each_other(units)
            seen |= set(map(tuple, units.lists.values()))
            if (new, old) in seen:
                assert all(new in known for known in units.lists.values()), "signed before all could check"
    assert seen == {(old,), (old, new), (new, old)}
    assert set(map(tuple, units.lists.values())) == {(new, old)}

    units.run(0, "rotate-secrets", kind="cookie", **{"drop-old": True})
    units.settle()
    assert set(map(tuple, units.lists.values())) == {(new,)}


@pytest.mark.parametrize("kind", ["cookie", "cipher", "default", "pagination"])
def test_t36_every_kind_of_key_is_made_and_rotates(kind: str) -> None:
    units = Units(2)
    units.settle()

    def keys() -> list[list[str]]:
        return [config["secrets"][kind] for config in units.configurations.values()]

    ((old,), _) = keys()
    assert len(old) == 32 and keys()[0] == keys()[1]
    units.run(0, "rotate-secrets", kind=kind)
    units.settle()
    assert [len(one) for one in keys()] == [2, 2]
    assert all(one[0] != old and one[1] == old for one in keys()), "the new one signs, the old one still counts"


def test_f24_the_charm_shows_a_key_only_once_every_server_knows_it() -> None:
    units = Units(2)
    units.settle()

    def known() -> list[list[str]]:
        found = [config["serve"]["admin"]["auth"]["keys"] for config in units.configurations.values()]
        return [[one["key_hash"] for one in keys] for keys in found]

    (old,) = known()[0]
    units.run(0, "rotate-secrets", kind="admin")
    new = known()[0][1]
    assert known() == [[old, new], [old]], "shown last, while the other server does not know it"
    units.settle()
    assert known() == [[new, old]] * 2


def test_f24_old_keys_cannot_go_before_the_new_ones_are_everywhere() -> None:
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

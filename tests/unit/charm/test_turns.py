"""Units restart one after the other."""

import time

import ops
import pytest

from identity_charm.workload import Plan, Workload
from unit.charm.units import Units

LONG_AFTER = time.time() + 3600
WAITING = ops.WaitingStatus("Waiting for its turn to restart the server; the others go first")


@pytest.fixture
def units() -> Units:
    """Three units whose servers run."""
    made = Units(3)
    made.settle()
    assert all(status == ops.ActiveStatus() for status in made.statuses.values())
    return made


def restarting(units: Units, before: dict[int, str]) -> set[int]:
    return {unit for unit, digest in before.items() if units.restarted(unit) != digest}


def digests(units: Units) -> dict[int, str]:
    return {unit: units.restarted(unit) for unit in units.bags}


def test_servers_that_do_not_run_yet_wait_for_nobody() -> None:
    units = Units(3)
    for unit in (2, 1, 0):
        units.run(unit)
        assert "restart" not in units.bags[unit]


def test_what_needs_no_restart_is_done_at_once(units: Units) -> None:
    units.config = {"enable_registration": True}
    for unit in (1, 2):
        units.run(unit)
        assert units.configurations[unit]["selfservice"]["flows"]["registration"]["enabled"]
        assert units.statuses[unit] == ops.ActiveStatus()


def test_one_at_a_time(units: Units) -> None:
    before = digests(units)
    units.config = {"log_level": "debug"}
    units.run(2)
    units.run(1)
    assert restarting(units, before) == set()
    assert units.statuses[1] == units.statuses[2] == WAITING

    units.run(0)
    assert units.app_bag["restart_turn"] == "kratos/1"
    assert restarting(units, before) == set(), "the leader waits like the others"
    units.run(2)
    assert restarting(units, before) == set()
    units.run(1)
    assert restarting(units, before) == {1}

    units.settle()
    assert restarting(units, before) == {0, 1, 2}
    assert all(status == ops.ActiveStatus() for status in units.statuses.values())
    assert "restart_turn" not in units.app_bag
    assert not [bag for bag in units.bags.values() if "restart" in bag]


def test_a_server_that_is_not_ready_again_keeps_the_others_as_they_are(
    units: Units, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken: set[int] = set()
    apply = Workload.apply

    def and_break(self: Workload, plan: Plan) -> None:
        apply(self, plan)
        broken.add(units.running)

    monkeypatch.setattr(Workload, "apply", and_break)
    monkeypatch.setattr("identity_charm.workload._says_ready", lambda: units.running not in broken)
    monkeypatch.setattr("identity_charm.turns.READY_SECONDS", 0.0)
    before = digests(units)
    units.config = {"log_level": "debug"}
    units.settle()
    assert restarting(units, before) == {0}
    assert units.statuses[1] == units.statuses[2] == WAITING
    monkeypatch.setattr("time.time", lambda: LONG_AFTER)
    units.settle()
    assert restarting(units, before) == {0}, "it began, so that it is not back says something about the configuration"

    monkeypatch.setattr("identity_charm.workload._says_ready", lambda: True)
    units.settle()
    assert restarting(units, before) == {0, 1, 2}


def test_a_unit_that_goes_takes_no_turn_along(units: Units) -> None:
    units.config = {"log_level": "debug"}
    units.run(2)
    units.run(0)
    units.run(1)
    units.app_bag["restart_turn"] = "kratos/2"
    del units.bags[2], units.containers[2]
    units.settle()
    assert units.statuses[0] == units.statuses[1] == ops.ActiveStatus()


def test_a_new_leader_goes_on_where_the_old_one_was(units: Units) -> None:
    before = digests(units)
    units.config = {"log_level": "debug"}
    units.run(1)
    units.run(2)
    units.leader = 2
    units.settle()
    assert restarting(units, before) == {0, 1, 2}


def test_who_changes_their_mind_restarts_nothing(units: Units) -> None:
    before = digests(units)
    units.config = {"log_level": "debug"}
    units.run(1)
    units.config = {}
    units.settle()
    assert restarting(units, before) == set()
    assert all(status == ops.ActiveStatus() for status in units.statuses.values())


def test_a_server_that_is_not_ready_anyway_waits_for_nobody(units: Units, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("identity_charm.workload._says_ready", lambda: units.running != 1)
    before = digests(units)
    units.config = {"log_level": "debug"}
    units.run(2)
    units.run(1)
    assert restarting(units, before) == {1}
    assert units.statuses[2] == WAITING


def test_a_unit_that_does_not_begin_loses_its_turn(units: Units, monkeypatch: pytest.MonkeyPatch) -> None:
    before = digests(units)
    units.config = {"log_level": "debug"}
    units.run(1)
    units.run(2)
    units.run(0)
    assert units.app_bag["restart_turn"] == "kratos/1"

    # The pod of unit 1 is down: it runs no event.
    for unit in (0, 2, 0):
        units.run(unit)
    assert units.app_bag["restart_turn"] == "kratos/1" and restarting(units, before) == set()

    monkeypatch.setattr("time.time", lambda: LONG_AFTER)
    for _ in range(3):
        units.run(0)
        units.run(2)
    assert restarting(units, before) == {0, 2}
    units.settle()
    assert restarting(units, before) == {0, 1, 2}
    assert not [key for key in units.app_bag if key.startswith("restart")]

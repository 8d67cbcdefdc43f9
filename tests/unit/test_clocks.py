"""F22: clocks that are set forward, set back, or differ from each other."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from identity_server.clocks import SteadyClock
from identity_server.errors import StorageUnavailable
from identity_server.storage.opening import open_database

START = datetime(2026, 5, 17, 9, 30, tzinfo=UTC)


class Machine:
    """A machine whose clock can be set."""

    def __init__(self) -> None:
        self.wall = START
        self.ticks = 1000.0

    def sleep(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.ticks += seconds

    def clock(self) -> SteadyClock:
        return SteadyClock(lambda: self.wall, lambda: self.ticks)


class Database:
    """A database with a clock of its own."""

    dialect = "postgresql"

    def __init__(self, now: datetime | None) -> None:
        self.now = now

    async def fetch(self, call: Any) -> Any:
        if self.now is None:
            raise StorageUnavailable("away")
        return [(self.now,)]


def test_f22_a_step_forward_is_followed_at_once() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.wall += timedelta(seconds=90)
    assert clock() == START + timedelta(seconds=90)


def test_f22_time_never_goes_back() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.sleep(60)
    before = clock()
    machine.wall -= timedelta(hours=1)
    seen = []
    for _ in range(7300):
        machine.sleep(1)
        seen.append(clock())
    assert before < seen[0] and seen == sorted(seen)
    assert seen[-1] == machine.wall


def test_f22_what_devices_go_by_is_set_back_with_the_clock() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.wall -= timedelta(hours=1)
    assert clock.believed() == machine.wall


@pytest.mark.anyio
async def test_f22_the_time_of_the_database_counts_whatever_is_done_to_the_machines() -> None:
    machine = Machine()
    clock = machine.clock()
    database: Any = Database(START + timedelta(seconds=90))
    await clock.ask(database)
    machine.sleep(5)
    machine.wall -= timedelta(hours=1)
    assert clock() == START + timedelta(seconds=95)
    machine.wall += timedelta(hours=3)
    assert clock() == clock.believed() == START + timedelta(seconds=95)


@pytest.mark.anyio
async def test_f22_a_machine_that_is_ahead_goes_by_the_database_from_the_start() -> None:
    machine = Machine()
    clock = machine.clock()
    database: Any = Database(START - timedelta(hours=1))
    await clock.ask(database)
    assert clock() == START - timedelta(hours=1)


@pytest.mark.anyio
async def test_f22_without_the_database_time_goes_on() -> None:
    machine = Machine()
    clock = machine.clock()
    database: Any = Database(START + timedelta(seconds=90))
    await clock.ask(database)
    database.now = None
    with pytest.raises(StorageUnavailable):
        await clock.ask(database)
    machine.sleep(3600)
    assert clock() == START + timedelta(seconds=3690)


@pytest.mark.anyio
async def test_f22_a_real_database_is_asked(dsn: str) -> None:
    machine = Machine()
    clock = machine.clock()
    database = open_database(dsn)
    await clock.ask(database)
    asked = clock.believed() != START
    await database.close()
    assert asked == dsn.startswith("postgres")

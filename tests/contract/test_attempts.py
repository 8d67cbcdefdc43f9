"""What is counted in a window of time and on a ladder of waits, on both databases."""

import asyncio
import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from identity_server import times
from identity_server.configuration import load
from identity_server.flows.attempts import address_window
from identity_server.storage.attempts import Attempts, Ladder, Window
from identity_server.storage.port import Database
from live_server import configuration

pytestmark = pytest.mark.anyio
BEGIN = datetime.fromisoformat("2026-01-01T12:00:00+00:00")
MINUTE = timedelta(minutes=1)


def at(seconds: float) -> str:
    return times.text(BEGIN + timedelta(seconds=seconds))


async def test_steady_traffic_below_the_budget_is_never_held_up(database: Database) -> None:
    attempts, window = Attempts(database), Window(20, MINUTE)
    # One every four seconds is fifteen a minute, for an hour, without a minute of silence.
    waits = {await attempts.count("office", window, at(4 * number)) for number in range(900)}
    assert waits == {0}


async def test_a_burst_above_the_budget_waits_for_the_end_of_its_window(database: Database) -> None:
    attempts, window = Attempts(database), Window(20, MINUTE)
    waits = [await attempts.count("burst", window, at(number / 2)) for number in range(30)]
    assert waits[:20] == [0] * 20
    assert waits[20:22] == [50, 50], "sixty seconds from the first, ten of which have passed"
    assert await attempts.count("burst", window, at(59.9)) == 1
    assert await attempts.count("burst", window, at(60)) == 0
    assert [await attempts.count("burst", window, at(61)) for _ in range(20)][18:] == [0, 59]


async def test_who_goes_on_while_held_up_is_not_held_up_for_longer(database: Database) -> None:
    attempts, window = Attempts(database), Window(5, MINUTE)
    waits = [await attempts.count("insists", window, at(number)) for number in range(121)]
    assert [number for number, wait in enumerate(waits) if not wait] == [*range(5), *range(60, 65), 120]


async def test_of_many_at_once_the_budget_passes(database: Database) -> None:
    attempts, window = Attempts(database), Window(20, MINUTE)
    waits = await asyncio.gather(*(attempts.count("many", window, at(0)) for _ in range(60)))
    assert sum(not wait for wait in waits) == 20


async def test_fifty_sign_ups_a_second_are_inside_the_default_budget(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "kratos.yml"
    file.write_text(json.dumps(configuration("memory", 4433, 4434)), encoding="utf-8")
    attempts, window = Attempts(database), address_window(load([str(file)], {}, {}))
    for second in range(130):
        waits = await asyncio.gather(*(attempts.count("address", window, at(second)) for _ in range(50)))
        assert not any(waits), f"held up after {second} seconds"


async def test_a_ladder_is_climbed_once_by_many_at_the_same_time(database: Database) -> None:
    ladder = Ladder(10, MINUTE, 15 * MINUTE, timedelta(hours=12))
    attempts = Attempts(database)
    waits = await asyncio.gather(*(attempts.begin("ada", ladder, at(0)) for _ in range(60)))
    assert sum(not wait for wait in waits) == 10
    assert {wait for wait in waits if wait} == {60}

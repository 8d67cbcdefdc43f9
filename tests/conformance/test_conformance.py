"""The server answers as the recordings of the reference do, at least as well as it once did."""

import json

import pytest

import postgres
from conformance import run


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_no_area_falls_below_its_floor(database: str) -> None:
    if reason := run.missing():
        pytest.skip(reason)
    if database == "postgres" and (reason := postgres.missing()):
        pytest.skip(reason)
    report = run.replay(database)
    below = run.below_floor(run.scores(report), database)
    assert not below or run.again(database, run.unlike(report)) == [], below


def test_every_area_has_a_floor_on_both_databases() -> None:
    floors = json.loads(run.FLOORS.read_text())
    assert floors["sqlite"].keys() == floors["postgres"].keys()
    assert all(0 <= floor <= 100 for areas in floors.values() for floor in areas.values())

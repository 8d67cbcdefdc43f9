import json
import re
from datetime import timedelta

import pytest
import yaml

from identity_server.cli.argon2_costs import LEAST_MEMORY, MIB, Costs, Wish, calibrate, load_test

CHEAP = ["--memory", "1MB", "--iterations", "1", "--parallelism", "1"]


@pytest.mark.parametrize("extra", [[], ["--parallel"]])
def test_hashing_prints_times_and_nothing_else(run, extra):
    ran = run("hashers", "argon2", "hash", "one-word", "another-word", *CHEAP, *extra)
    assert ran.status == 0
    assert all(re.fullmatch(r"[0-9.]+m?s", line) for line in ran.out.splitlines())
    assert len(ran.out.splitlines()) == 2


@pytest.mark.parametrize(
    ("args", "says"),
    [
        ([], "PASSWORD"),
        (["word", "--memory", "lots"], "'lots' is not a size such as 512KB"),
        (["word", "--iterations", "0"], "--iterations"),
        (["word", "--min-duration", "soon"], "'soon' is not a duration"),
    ],
)
def test_bad_flags_are_refused(run, args, says):
    ran = run("hashers", "argon2", "hash", *args)
    assert ran.status == 1
    assert says in ran.err


@pytest.mark.parametrize("name", ["load-test", "loadtest"])
def test_a_load_test_prints_what_it_measured(run, name):
    ran = run("hashers", "argon2", name, "600", *CHEAP, "--sample-time", "100ms", "--format", "json")
    assert ran.json.keys() == {
        "total_sample_time",
        "median_request_time",
        "standard_deviation",
        "min_request_time",
        "max_request_time",
        "memory_used",
    }


def test_calibration_prints_a_configuration(run):
    flags = ["--min-duration", "1us", "--expected-deviation", "10s", "--sample-time", "1ms", "--max-memory", "20MB"]
    ran = run("hashers", "argon2", "calibrate", "60", *CHEAP, *flags)
    assert ran.status == 0
    settled = yaml.safe_load(ran.out)["hashers"]
    assert settled["algorithm"] == "argon2"
    assert settled["argon2"].keys() == {"memory", "iterations", "parallelism", "salt_length", "key_length"}


def wish(**changes: object) -> Wish:
    wanted: dict[str, object] = {
        "per_minute": 60,
        "duration": timedelta(milliseconds=500),
        "deviation": timedelta(milliseconds=500),
        "most_memory": 512 * MIB,
        "dedicated_memory": 1024 * MIB,
        "step": 64 * MIB,
        "at_once": 4,
        "probes": 1,
        "span": timedelta(milliseconds=1),
    }
    return Wish(**{**wanted, **changes})  # type: ignore[arg-type]


def machine(mib_a_second: float):
    """Hashes in the time that memory times passes take, without hashing."""
    return lambda costs: costs.memory * costs.iterations / MIB / mib_a_second


def lines() -> list[str]:
    return []


def test_calibration_takes_memory_first_and_passes_when_there_is_no_more(monkeypatch):
    monkeypatch.setattr(
        "identity_server.cli.argon2_costs.load_test", lambda *args: load_test(*args[:4], lambda costs: 0.0)
    )
    found = calibrate(Costs(128 * MIB, 1, 2), wish(), lines().append, machine(4000))
    assert found.memory == 512 * MIB
    assert found.iterations == 4


def test_calibration_takes_less_memory_on_a_slow_machine(monkeypatch):
    monkeypatch.setattr(
        "identity_server.cli.argon2_costs.load_test", lambda *args: load_test(*args[:4], lambda costs: 0.0)
    )
    found = calibrate(Costs(512 * MIB, 1, 2), wish(), lines().append, machine(400))
    assert found.memory <= 200 * MIB
    assert found.memory >= LEAST_MEMORY


def test_calibration_gives_in_under_load_but_not_below_what_is_safe():
    said = lines()
    slow = wish(duration=timedelta(0), deviation=timedelta(0))
    found = calibrate(Costs(128 * MIB, 2, 2), slow, said.append, lambda costs: 0.001)
    assert (found.memory, found.iterations) == (LEAST_MEMORY, 1)
    assert "cannot hash that often" in said[-1]


def test_a_load_test_starts_as_many_hashes_as_people_sign_in():
    sample = load_test(Costs(MIB, 1, 1), 6000, timedelta(milliseconds=100), 4, lambda costs: 0.0)
    assert len(sample.times) == 10
    assert min(sample.times) <= sample.median <= max(sample.times)
    assert json.dumps(sample.memory)

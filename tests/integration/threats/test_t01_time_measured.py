"""T1, T2: the time of an answer does not tell who has an account.

Fifty answers about people who have one and fifty about people who have none, taken in turn, so that whatever else the
machine does happens to both. The largest distance between their distributions (Kolmogorov and Smirnov) is above 0.4 in
one of two thousand runs where both are the same, and near 1 where one does work that the other is spared.
"""

import time
from bisect import bisect_right
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest

from integration.mailbox import WITH_CODES
from live_server import PATIENCE, LiveServer, live_server, merged

pytestmark = pytest.mark.xdist_group("quiet")
EACH = 50
FARTHEST = 0.4
KNOWN, UNKNOWN = "known{}@example.com", "nobody{}@example.com"
#: Messages are limited in number per address, so each address is asked for once.
OVERRIDES: dict[str, Any] = merged(
    WITH_CODES,
    {
        "hashers": {"bcrypt": {"cost": 8}},
        "security": {"account_enumeration": {"mitigate": True}},
        "selfservice": {
            "methods": {"code": {"passwordless_enabled": True}},
            "flows": {
                "recovery": {"notify_unknown_recipients": False},
                "verification": {"notify_unknown_recipients": False},
            },
        },
    },
)


def distance(first: list[float], second: list[float]) -> float:
    """How far two samples' distributions are apart, from 0 to 1."""
    first, second = sorted(first), sorted(second)
    return max(
        abs(bisect_right(first, value) / len(first) - bisect_right(second, value) / len(second))
        for value in (*first, *second)
    )


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server with fifty people."""
    folder: Path = tmp_path_factory.mktemp("times")
    dsn = str(request.getfixturevalue("module_postgres_dsn")) if request.param == "postgres" else ""
    with live_server(folder, dsn, OVERRIDES) as server:
        credentials = {"password": {"config": {"password": "wind-9-Mill-Sail"}}}
        people = [
            {"create": {"schema_id": "default", "traits": {"email": KNOWN.format(n)}, "credentials": credentials}}
            for n in range(EACH)
        ]
        made = httpx2.patch(server.admin + "admin/identities", json={"identities": people}, timeout=PATIENCE)
        assert [each["action"] for each in made.json()["identities"]] == ["create"] * EACH
        yield server


@pytest.fixture(scope="module")
def module_postgres_dsn(postgres_server: str) -> Iterator[str]:
    """A database for all tests of this module."""
    with psycopg.connect(postgres_server + "postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE times_of_answers")
    yield f"{postgres_server}times_of_answers?sslmode=disable"
    with psycopg.connect(postgres_server + "postgres", autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS times_of_answers WITH (FORCE)")


def measured(
    server: LiveServer, kind: str, fields: Callable[[str], dict[str, Any]]
) -> tuple[list[float], list[float], set[int]]:
    """Seconds until an answer to a native submission about people known and unknown, and all statuses."""
    took: dict[str, list[float]] = {KNOWN: [], UNKNOWN: []}
    statuses: set[int] = set()
    with httpx2.Client(timeout=PATIENCE) as app:
        for number in range(EACH):
            for who in (KNOWN, UNKNOWN) if number % 2 else (UNKNOWN, KNOWN):
                flow = app.get(f"{server.public}self-service/{kind}/api").json()
                app.cookies.clear()
                began = time.perf_counter()
                answer = app.post(flow["ui"]["action"], json=fields(who.format(number)))
                took[who].append(time.perf_counter() - began)
                statuses.add(answer.status_code)
                app.cookies.clear()
    return took[KNOWN], took[UNKNOWN], statuses


def test_t01_a_wrong_password_takes_as_long_as_an_unknown_name(place: LiveServer) -> None:
    def fields(email: str) -> dict[str, Any]:
        return {"method": "password", "identifier": email, "password": "wrong-and-long-enough"}

    known, unknown, statuses = measured(place, "login", fields)
    assert statuses == {400}
    assert distance(known, unknown) <= FARTHEST


@pytest.mark.parametrize("kind", ["recovery", "verification"])
def test_t02_asking_for_mail_takes_as_long_whoever_it_is_for(place: LiveServer, kind: str) -> None:
    known, unknown, statuses = measured(place, kind, lambda email: {"method": "code", "email": email})
    assert statuses == {200}
    assert distance(known, unknown) <= FARTHEST


def test_t02_asking_for_a_code_to_sign_in_with_takes_as_long_whoever_it_is_for(place: LiveServer) -> None:
    known, unknown, statuses = measured(place, "login", lambda email: {"method": "code", "identifier": email})
    assert statuses == {400}
    assert distance(known, unknown) <= FARTHEST


def test_the_measure_tells_different_times_apart() -> None:
    assert distance([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]) == 0
    assert distance([1.0, 2.0, 3.0], [4.0, 5.0, 6.0]) == 1

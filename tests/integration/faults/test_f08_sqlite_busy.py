"""F8, F9: SQLite is locked by another process, or sixteen clients write at once."""

import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from integration.faults.people import PASSWORD, asking, is_ready, session_of, slowness, status_of
from live_server import PATIENCE, LiveServer, live_server

pytestmark = pytest.mark.xdist_group("quiet")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LiveServer, Path, dict[str, str]]]:
    """A server, its database, a session."""
    folder = tmp_path_factory.mktemp("busy")
    with live_server(folder) as server:
        yield server, folder / "kratos.sqlite", session_of(server)


@contextmanager
def locked(path: Path) -> Iterator[sqlite3.Connection]:
    """Another process's transaction that writes."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
    finally:
        connection.close()


def test_f08_who_writes_waits_for_another_process_and_who_reads_does_not(
    place: tuple[LiveServer, Path, dict[str, str]],
) -> None:
    server, path, session = place
    with locked(path) as other, ThreadPoolExecutor(3) as pool:
        writing = [pool.submit(httpx2.get, server.public + "self-service/login/api", timeout=PATIENCE) for _ in "abc"]
        with asking(server.public + "sessions/whoami", session, clients=1) as reading:
            time.sleep(4)
        assert is_ready(server)
        assert not any(one.done() for one in writing)
        other.execute("ROLLBACK")
        assert [one.result().status_code for one in writing] == [200] * 3
    assert set(reading.statuses) == {200} and reading.cut == []


def test_f08_who_has_waited_too_long_is_told_to_come_back(place: tuple[LiveServer, Path, dict[str, str]]) -> None:
    server, path, session = place
    with locked(path), ThreadPoolExecutor(6) as pool:
        began = time.monotonic()
        writing = [
            pool.submit(httpx2.get, server.public + "self-service/login/api", timeout=PATIENCE) for _ in "abcdef"
        ]
        answers = [one.result() for one in writing]
        took = time.monotonic() - began
        assert status_of(server.public + "sessions/whoami", session) == 200
    assert [answer.status_code for answer in answers] == [503] * 6
    assert all(int(answer.headers["retry-after"]) > 0 for answer in answers)
    # One waits for the lock; the others do not wait for it again one after the other.
    assert took < 30 * slowness()
    assert status_of(server.public + "self-service/login/api") == 200


def test_f09_sixteen_clients_sign_up_at_once(place: tuple[LiveServer, Path, dict[str, str]]) -> None:
    server = place[0]

    def sign_up(number: int) -> int:
        with httpx2.Client(timeout=PATIENCE) as client:
            flow = client.get(server.public + "self-service/registration/api").json()
            body = {"method": "password", "password": PASSWORD, "traits": {"email": f"many{number}@example.com"}}
            return client.post(flow["ui"]["action"], json=body).status_code

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(sign_up, range(24))) == [200] * 24

"""F3–F7: PostgreSQL is away, cuts its connections, says nothing, is slow, or has no connection left.

One server over one line to one database, so that these share two processes. A session is never denied meanwhile: 401
would sign people out, and 503 is what happened.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import httpx2
import psycopg
import pytest

import postgres
from integration.faults.people import (
    Traffic,
    asking,
    creating,
    eventually,
    is_ready,
    session_of,
    slowness,
    status_of,
    stored,
)
from integration.faults.proxy import Proxy, proxy
from live_server import LiveServer, live_server

pytestmark = pytest.mark.xdist_group("quiet")
CONNECTIONS = 4


@dataclass
class Place:
    """A server, its session of a person, the line to its database, and the database."""

    server: LiveServer
    session: dict[str, str]
    line: Proxy
    cluster: postgres.Cluster

    @property
    def whoami(self) -> str:
        return self.server.public + "sessions/whoami"


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    if reason := postgres.missing():
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("away")
    with postgres.cluster(durable=True) as cluster, proxy(cluster.port) as line:
        dsn = f"postgres://kratos@127.0.0.1:{line.port}/postgres?sslmode=disable&max_conns={CONNECTIONS}"
        with live_server(folder, dsn) as server:
            yield Place(server, session_of(server), line, cluster)


@pytest.fixture
def place(started: Place) -> Place:
    """The server, well again after what the test before did."""
    eventually(lambda: is_ready(started.server))
    assert status_of(started.whoami, started.session) == 200
    return started


def test_f03_sessions_are_unknown_not_denied_while_the_database_is_away(place: Place) -> None:
    server = place.server
    with asking(place.whoami, place.session) as reading, creating(server, "away") as writing:
        eventually(lambda: len(writing.created) >= 20)
        place.cluster.stop()
        try:
            left = eventually(lambda: not is_ready(server))
            assert status_of(server.admin + "admin/health/alive") == 200
            assert status_of(server.public + "health/alive") == 200
            time.sleep(3)
            answer = httpx2.get(place.whoami, headers=place.session, timeout=30)
            assert answer.status_code == 503 and int(answer.headers["retry-after"]) > 0
            assert answer.json()["error"]["code"] == 503
        finally:
            place.cluster.start()
        back = eventually(lambda: is_ready(server))
        eventually(lambda: status_of(place.whoami, place.session) == 200)
        acknowledged = len(writing.created)
        eventually(lambda: len(writing.created) > acknowledged)
    assert left < 5 * slowness() and back < 10 * slowness()
    assert set(reading.statuses) == {200, 503}
    assert set(writing.statuses) <= {201, 503, 409}
    assert set(writing.created) <= stored(server)
    assert reading.cut == []


def test_f03_who_is_unknown_is_still_401_when_it_is_back(place: Place) -> None:
    assert status_of(place.whoami, {"X-Session-Token": "nobody"}) == 401


def answered_again(traffic: Traffic) -> None:
    """Waits until people are answered as usual, so that one cut ends before the next."""
    before = traffic.statuses[200]
    eventually(lambda: traffic.statuses[200] > before + 20)


def test_f04_connections_that_are_cut_are_noticed_by_nobody_who_reads(place: Place) -> None:
    with asking(place.whoami, place.session, clients=2) as traffic:
        for _ in range(4):
            answered_again(traffic)
            with psycopg.connect(place.cluster.dsn + "postgres", autocommit=True) as connection:
                ended = connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name = 'kratos' AND pid <> pg_backend_pid()"
                ).fetchall()
                assert ended
        answered_again(traffic)
    assert traffic.cut == []
    assert set(traffic.statuses) <= {200, 503}
    # A read is tried twice; only one that is cut twice in a row is not answered.
    assert traffic.statuses[503] <= 4


def test_f05_a_database_that_says_nothing_is_given_up_in_time(place: Place) -> None:
    server = place.server
    place.line.stalled = True
    try:
        with asking(place.whoami, place.session, clients=8) as traffic:
            began = time.monotonic()
            ready = httpx2.get(server.admin + "admin/health/ready", timeout=30)
            assert ready.status_code == 503
            assert time.monotonic() - began < 4 * slowness()
            assert status_of(server.admin + "admin/health/alive", seconds=5) == 200
            time.sleep(12)
        assert set(traffic.statuses) == {503}
        assert traffic.slowest < 15 * slowness()
        threads = threads_of(server)
    finally:
        place.line.stalled = False
    assert eventually(lambda: status_of(place.whoami, place.session) == 200) < 10 * slowness()
    assert threads <= 12


def threads_of(server: LiveServer) -> int:
    with open(f"/proc/{server.process.pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Threads:"))


def test_f06_a_session_costs_one_round_trip(place: Place) -> None:
    with httpx2.Client() as client:
        for _ in range(CONNECTIONS):
            client.get(place.whoami, headers=place.session)
        place.line.delay = 0.2
        try:
            before = place.line.round_trips
            answers = [client.get(place.whoami, headers=place.session, timeout=30).status_code for _ in range(3)]
            # The clock of the database is looked at now and then.
            assert place.line.round_trips - before <= 3 * 2
        finally:
            place.line.delay = 0.0
    assert answers == [200] * 3


def test_f07_who_finds_no_connection_is_told_to_come_back_and_the_server_is_alive(place: Place) -> None:
    """Tables that somebody locks keep every connection busy."""
    server = place.server
    with psycopg.connect(place.cluster.dsn + "postgres") as holder:
        holder.execute("LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE")
        with asking(place.whoami, place.session, clients=12) as traffic:
            time.sleep(1)
            assert status_of(server.admin + "admin/health/alive", seconds=5) == 200
            refused = httpx2.get(place.whoami, headers=place.session, timeout=30)
            holder.rollback()
            eventually(lambda: traffic.statuses[200] > 0)
    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) > 0
    assert set(traffic.statuses) == {200, 503}
    assert traffic.slowest < 20 * slowness()

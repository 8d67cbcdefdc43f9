"""F1: a server under traffic is asked to end. It says so first, cuts nobody off, and ends before Pebble kills it."""

import socket
import threading
import time
from pathlib import Path

import httpx2
import pytest

from integration.faults.people import asking, session_of, slowness, status_of
from live_server import LiveServer, live_server

pytestmark = pytest.mark.xdist_group("quiet")
#: Pebble kills five seconds after SIGTERM.
LONGEST = 4.5


def address(url: str) -> tuple[str, int]:
    where = httpx2.URL(url)
    return where.host, where.port or 0


def half_a_request(server: LiveServer, token: str) -> socket.socket:
    """A connection on which a request has begun."""
    sock = socket.create_connection(address(server.public), timeout=10)
    sock.sendall(b"GET /sessions/whoami HTTP/1.1\r\nHost: x\r\nX-Session-Token: " + token[:5].encode())
    time.sleep(0.2)
    return sock


def readiness_until_it_ends(server: LiveServer, found: list[int]) -> None:
    while True:
        try:
            found.append(status_of(server.admin + "admin/health/ready"))
        except httpx2.HTTPError:
            return


def test_f01_a_server_that_is_asked_to_end_says_so_finishes_and_is_gone_in_time(tmp_path: Path) -> None:
    told: list[int] = []
    with live_server(tmp_path, arguments=("--watch-courier",)) as server:
        session = session_of(server)
        with asking(server.public + "sessions/whoami", session, clients=6) as traffic:
            time.sleep(1)
            half = half_a_request(server, session["X-Session-Token"])
            asked = time.monotonic()
            server.process.terminate()
            watching = threading.Thread(target=readiness_until_it_ends, args=(server, told))
            watching.start()
            time.sleep(0.3)
            half.sendall(session["X-Session-Token"][5:].encode() + b"\r\n\r\n")
            answer = half.recv(65536)
            status = server.process.wait(10)
            took = time.monotonic() - asked
            watching.join()
        half.close()
    assert status == 0
    assert took < LONGEST * slowness()
    assert answer.startswith(b"HTTP/1.1 200") and b"connection: close" in answer.lower()
    assert 503 in told, "nobody was told before the listener closed"
    assert set(traffic.statuses) == {200} and traffic.statuses[200] > 20
    cut = [what for what in traffic.cut if "ConnectError" not in what]
    assert len(cut) <= 1, cut


def test_f01_who_says_nothing_does_not_hold_it_up(tmp_path: Path) -> None:
    with live_server(tmp_path) as server:
        silent = [socket.create_connection(address(server.public)) for _ in range(5)]
        idle = httpx2.Client()
        assert idle.get(server.public + "health/alive").status_code == 200
        asked = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - asked < LONGEST * slowness()
        idle.close()
        for sock in silent:
            sock.close()

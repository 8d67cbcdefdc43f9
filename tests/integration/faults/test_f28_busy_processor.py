"""F28: sixteen people sign in at once, which keeps every processor busy, and sessions are checked all the same."""

import statistics
import threading
import time
from pathlib import Path

import httpx2
import pytest

from integration.faults.people import session_of
from live_server import PATIENCE, LiveServer, live_server, native_login

pytestmark = pytest.mark.xdist_group("quiet")


def times_of(url: str, session: dict[str, str], seconds: float) -> list[float]:
    """How long each of many answers took, in seconds, in their order of length."""
    found, end = [], time.monotonic() + seconds
    with httpx2.Client(timeout=PATIENCE) as client:
        while time.monotonic() < end:
            began = time.monotonic()
            assert client.get(url, headers=session).status_code == 200
            found.append(time.monotonic() - began)
    return sorted(found)


def sign_in_again_and_again(server: LiveServer, stop: threading.Event, took: list[float]) -> None:
    while not stop.is_set():
        began = time.monotonic()
        assert native_login(server, "ada@example.com").status_code == 200
        took.append(time.monotonic() - began)


def test_f28_sessions_are_checked_while_sixteen_passwords_are(tmp_path: Path) -> None:
    with live_server(tmp_path, "", {"hashers": {"bcrypt": {"cost": 11}}}) as server:
        session = session_of(server)
        stop = threading.Event()
        logins: list[float] = []
        threads = [threading.Thread(target=sign_in_again_and_again, args=(server, stop, logins)) for _ in range(16)]
        for thread in threads:
            thread.start()
        try:
            time.sleep(1)
            checks = times_of(server.public + "sessions/whoami", session, 6)
            health = times_of(server.admin + "admin/health/alive", session, 2)
        finally:
            stop.set()
            for thread in threads:
                thread.join()
    # Sixteen logins share the processors: one takes as long as all of them. A check has none of their wait.
    wait = statistics.median(logins)
    assert checks[int(len(checks) * 0.99)] < wait
    assert statistics.median(checks) < wait / 4
    assert statistics.median(health) < wait / 4

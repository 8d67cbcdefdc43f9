"""F2: the server is killed while people sign up. What was acknowledged is there, whole, and nothing else is."""

import random
import sqlite3
import time
from pathlib import Path

import psycopg

from integration.faults.people import creating, session_of, status_of, stored
from live_server import PATIENCE, LiveServer, live_server, native_login

#: Every reference between tables; a row that points nowhere is half of something.
ORPHANS = [
    "SELECT count(*) FROM identities WHERE id NOT IN (SELECT identity_id FROM identity_credentials)",
    "SELECT count(*) FROM identities WHERE id NOT IN (SELECT identity_id FROM identity_identifiers)",
    "SELECT count(*) FROM identities WHERE id NOT IN (SELECT identity_id FROM identity_addresses)",
    "SELECT count(*) FROM identity_credentials WHERE identity_id NOT IN (SELECT id FROM identities)",
    "SELECT count(*) FROM identity_identifiers WHERE identity_id NOT IN (SELECT id FROM identities)",
    "SELECT count(*) FROM identity_addresses WHERE identity_id NOT IN (SELECT id FROM identities)",
    "SELECT count(*) FROM sessions WHERE identity_id NOT IN (SELECT id FROM identities)",
]


def counts(dsn: str, statements: list[str]) -> list[int]:
    if dsn.startswith("sqlite"):
        connection = sqlite3.connect(dsn.removeprefix("sqlite://"))
        try:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
            return [connection.execute(statement).fetchone()[0] for statement in statements]
        finally:
            connection.close()
    with psycopg.connect(dsn) as other:
        return [(other.execute(statement).fetchone() or (-1,))[0] for statement in statements]  # type: ignore[call-overload]


def kill_in_the_middle(server: LiveServer, prefix: str, at_least: int, chance: random.Random) -> list[str]:
    """What was acknowledged before the server was killed under its clients."""
    with creating(server, prefix) as traffic:
        end = time.monotonic() + PATIENCE
        while len(traffic.created) < at_least and time.monotonic() < end:
            time.sleep(chance.uniform(0.005, 0.05))
        server.kill()
    assert len(traffic.created) >= at_least
    return traffic.created


def test_f02_nothing_that_was_acknowledged_is_lost_and_nothing_is_half_there(tmp_path: Path, dsn: str) -> None:
    chance = random.Random(2)
    acknowledged: list[str] = []
    with live_server(tmp_path, dsn) as server:
        session = session_of(server)
        for prefix in ("a", "b", "c"):
            acknowledged += kill_in_the_middle(server, prefix, 30, chance)
            server.start_again()
        assert len(acknowledged) >= 80
        assert set(acknowledged) <= stored(server)
        assert status_of(server.public + "sessions/whoami", session) == 200
        for email in chance.sample(acknowledged, 5):
            assert native_login(server, email).status_code == 200
        assert server.stop() == 0
    assert counts(dsn, ORPHANS) == [0] * len(ORPHANS)

"""F33: a backup that was taken while people work is a database of its own, in which nothing is half there."""

import os
import sqlite3
import subprocess
from pathlib import Path

import psycopg
import pytest

import postgres
from integration.faults.people import creating, eventually, session_of, status_of, stored
from live_server import live_server, native_login


def backup(dsn: str, folder: Path) -> str:
    """A copy by the database's own tools; where it is."""
    if dsn.startswith("sqlite"):
        source, copy = sqlite3.connect(dsn.removeprefix("sqlite://")), sqlite3.connect(folder / "copy.sqlite")
        source.backup(copy, pages=10)
        copy.close()
        source.close()
        return f"sqlite://{folder}/copy.sqlite"
    programs = postgres.programs()
    assert programs is not None
    name = f"copy_{os.getpid()}"
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}")
        connection.execute(f"CREATE DATABASE {name}")
    dump = subprocess.run([programs / "pg_dump", dsn], capture_output=True, check=True, timeout=60)
    restored = dsn.replace("/" + dsn.rpartition("/")[2], f"/{name}?sslmode=disable")
    command = [programs / "psql", "-v", "ON_ERROR_STOP=1", "-q", restored]
    subprocess.run(command, input=dump.stdout, check=True, timeout=60, stdout=subprocess.DEVNULL)
    return restored


@pytest.mark.xdist_group("quiet")
def test_f33_a_backup_under_traffic_serves(tmp_path: Path, dsn: str) -> None:
    with live_server(tmp_path, dsn) as server:
        session = session_of(server)
        with creating(server) as people:
            eventually(lambda: len(people.created) >= 20)
            before = list(people.created)
            copy = backup(dsn, tmp_path)
            eventually(lambda: len(people.created) > len(before))
    with live_server(tmp_path, copy) as restored:
        assert set(before) <= stored(restored)
        assert status_of(restored.public + "sessions/whoami", session) == 200
        for email in before[-3:]:
            assert native_login(restored, email).status_code == 200
    if copy.startswith("postgres"):
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE copy_{os.getpid()} WITH (FORCE)")

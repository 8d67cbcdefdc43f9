"""F10: the disk that holds the database is full, and then it is not."""

import os
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from integration.faults.people import creating, eventually, is_ready, session_of, status_of, stored
from live_server import live_server, native_login

pytestmark = pytest.mark.xdist_group("quiet")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder with room for twelve megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", folder], capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"a small disk cannot be mounted here: {done.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill(file: Path) -> None:
    """Takes all the room there is."""
    with file.open("wb", buffering=0) as stream:
        for size in (65536, 4096, 512, 1):
            try:
                while True:
                    stream.write(b"x" * size)
            except OSError:
                continue


def test_f10_a_full_disk_loses_nothing_and_reading_goes_on(tmp_path: Path, small_disk: Path) -> None:
    file = small_disk / "filler"
    dsn = f"sqlite://{small_disk}/kratos.sqlite"
    with live_server(tmp_path, dsn) as server:
        session = session_of(server)
        with creating(server, "before") as traffic:
            eventually(lambda: len(traffic.created) >= 10)
            fill(file)
            eventually(lambda: traffic.statuses[507] >= 5)
        assert set(traffic.statuses) <= {201, 507}
        flow = httpx2.get(server.public + "self-service/login/api")
        assert flow.status_code == 507
        assert flow.json()["error"]["code"] == 507
        assert status_of(server.admin + "admin/health/ready") == 503
        assert status_of(server.admin + "admin/health/alive") == 200
        assert status_of(server.public + "sessions/whoami", session) == 200
        assert set(traffic.created) <= stored(server)
        file.unlink()
        eventually(lambda: is_ready(server))
        assert native_login(server, "ada@example.com").status_code == 200
        with creating(server, "after") as later:
            eventually(lambda: len(later.created) >= 5)
        assert set(traffic.created) | set(later.created) <= stored(server)
        assert server.stop() == 0
    connection = sqlite3.connect(small_disk / "kratos.sqlite")
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute(
        "SELECT count(*) FROM identities WHERE id NOT IN (SELECT identity_id FROM identity_credentials)"
    ).fetchone() == (0,)
    connection.close()

"""F34: what has expired is removed while people work; they notice nothing, and lose nothing."""

import os
import subprocess
from pathlib import Path

import httpx2

from integration.faults.people import asking, creating, eventually, session_of, status_of, stored
from live_server import PROGRAM, live_server, native_login

SHORT = {"selfservice": {"flows": {"login": {"lifespan": "1s"}}}}


def clean(config: Path, dsn: str) -> str:
    done = subprocess.run(
        [PROGRAM, "cleanup", "sql", "-e", "-c", str(config), "-b", "100", "--database.cleanup.sleep.tables", "0s"],
        env={**os.environ, "DSN": dsn},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode() + done.stderr.decode()


def test_f34_people_notice_nothing(tmp_path: Path, dsn: str) -> None:
    with live_server(tmp_path, dsn, SHORT) as server:
        session = session_of(server)
        living = httpx2.get(server.public + "self-service/registration/api").json()["id"]
        with (
            asking(server.public + "self-service/login/api", clients=2) as flows,
            asking(server.public + "sessions/whoami", session, clients=1) as checks,
            creating(server, clients=1) as people,
        ):
            for _ in range(2):
                before = flows.statuses[200]
                eventually(lambda before=before: flows.statuses[200] > before + 30)
                clean(server.config, dsn)
        for traffic, status in ((flows, 200), (checks, 200), (people, 201)):
            assert set(traffic.statuses) == {status} and traffic.cut == []
        assert set(people.created) <= stored(server)
        assert status_of(f"{server.public}self-service/registration/flows?id={living}") == 200
        assert status_of(server.public + "sessions/whoami", session) == 200
        assert native_login(server, people.created[0]).status_code == 200

"""Machines and the audit trail of a server that runs by itself, through the command line."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from live_server import PATIENCE, PROGRAM, LiveServer, create_identity, live_server, native_login

SETTINGS = {"selfservice": {"methods": {"api_key": {"enabled": True}}}, "audit": {"enabled": True}}


@pytest.fixture
def servers(postgres_dsn: str, tmp_path: Path) -> Iterator[list[LiveServer]]:
    """Two replicas on one database."""
    with (
        live_server(tmp_path, postgres_dsn, SETTINGS) as one,
        live_server(tmp_path, postgres_dsn, SETTINGS) as two,
    ):
        yield [one, two]


def kratos(server: LiveServer, *arguments: str) -> str:
    """What a command prints."""
    env = {**os.environ, "KRATOS_ADMIN_URL": server.admin}
    done = subprocess.run([PROGRAM, *arguments], env=env, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def whoami(server: LiveServer, key: str) -> int:
    """The status of a session check by a key."""
    headers = {"authorization": f"Bearer {key}"}
    return httpx2.get(server.public + "sessions/whoami", headers=headers, timeout=PATIENCE).status_code


def lines(server: LiveServer) -> list[dict[str, Any]]:
    """The audit lines of a log."""
    found = [json.loads(line) for line in server.log.read_text().splitlines() if line.startswith("{")]
    return [line for line in found if line.get("audience") == "audit"]


def test_a_key_lives_and_dies_on_all_replicas_and_the_trail_tells_it(servers: list[LiveServer]) -> None:
    one, two = servers
    identity = create_identity(one, "robot@mail.test")
    key = kratos(one, "api-keys", "create", identity, "--name", "nightly", "--expires-in", "1h").strip()
    assert [whoami(server, key) for server in servers] == [200, 200]
    (listed,) = json.loads(kratos(two, "api-keys", "list", identity, "--format", "json"))
    assert listed["name"] == "nightly" and key not in str(listed)
    kratos(two, "api-keys", "revoke", identity, listed["id"])
    assert [whoami(server, key) for server in servers] == [401, 401]
    told = json.loads(kratos(one, "audit", "--identity", identity, "--format", "json"))
    assert [entry["event"] for entry in told] == ["IdentityCreated", "ApiKeyCreated", "ApiKeyRevoked"]
    assert ([line["event"] for line in lines(one)], [line["event"] for line in lines(two)]) == (
        ["IdentityCreated", "ApiKeyCreated"],
        ["ApiKeyRevoked"],
    )
    assert all(key not in server.log.read_text() for server in servers)


def test_the_trail_is_followed_over_replicas(servers: list[LiveServer]) -> None:
    one, two = servers
    create_identity(one, "ada@mail.test")
    env = {**os.environ, "KRATOS_ADMIN_URL": one.admin, "PYTHONUNBUFFERED": "1"}
    command = [PROGRAM, "audit", "--follow", "--last", "1", "--format", "json"]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as following:
        try:
            assert following.stdout is not None
            assert json.loads(following.stdout.readline())["event"] == "IdentityCreated"
            assert native_login(two, "ada@mail.test", "wrong-4-Sail-wind").status_code == 400
            assert native_login(one, "ada@mail.test").status_code == 200
            seen = [json.loads(following.stdout.readline())["event"] for _ in range(2)]
            assert seen == ["LoginFailed", "LoginSucceeded"]
        finally:
            following.terminate()

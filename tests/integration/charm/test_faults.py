"""Faults that the charm and the server have to live through together."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import ops
import psycopg
import pytest
import requests
import yaml
from ops import pebble

from identity_charm.workload import Workload, WorkloadError
from identity_server.storage import migrate
from integration.charm.starting import Server, free_port, running, wait_for
from juju_sandbox.failures import SandboxError
from juju_sandbox.tools import ensure_tools
from unit.charm.states import KEYS
from unit.charm.units import Units

PASSWORD = "a-long-password"
ACCOUNT = {"username": "ann", "email": "ann@shop.test", "password": PASSWORD}


class Pair:
    """Two servers on one database, each on what its unit of the charm wrote last."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.units = Units(2, dev=True)
        self.units.settle()
        self._folder = folder
        self._ports = [(free_port(), free_port()) for _ in range(2)]
        self._stacks = [stack.enter_context(ExitStack()) for _ in range(2)]
        self._keys: list[list[str]] = [[], []]
        self.servers: list[Server] = [self._start(unit) for unit in range(2)]

    def _start(self, unit: int) -> Server:
        """As Pebble does when the keys of a unit change: the old server ends, a new one starts."""
        self._keys[unit] = self.units.lists[unit]
        config = self._folder / f"{unit}.yaml"
        config.write_text(yaml.safe_dump(self.units.configurations[unit]), encoding="utf-8")
        self._stacks[unit].close()
        dsn = f"sqlite://{self._folder}/shared.sqlite"
        # People know one address, and do not see which unit answers.
        address = {"SERVE_PUBLIC_BASE_URL": f"http://127.0.0.1:{self._ports[0][0]}/"}
        return self._stacks[unit].enter_context(running(config, dsn, *self._ports[unit], **address))

    def run(self, unit: int) -> bool:
        """An event of a unit; whether its server restarted for it."""
        self.units.run(unit)
        restarts = self._keys[unit] != self.units.lists[unit]
        if restarts:
            self.servers[unit] = self._start(unit)
        return restarts

    def sign_in(self, first: int, then: int) -> requests.Session:
        """A browser that gets the form from one server and sends it to another."""
        browser = requests.Session()
        browser.headers["Accept"] = "application/json"
        flow = browser.get(f"{self.servers[first].public}/self-service/login/browser", timeout=10).json()
        (token,) = [
            node["attributes"]["value"]
            for node in flow["ui"]["nodes"]
            if node["attributes"].get("name") == "csrf_token"
        ]
        body = {"method": "password", "identifier": "ann", "password": PASSWORD, "csrf_token": token}
        url = f"{self.servers[then].public}/self-service/login"
        answer = browser.post(url, params={"flow": flow["id"]}, json=body, timeout=10)
        assert answer.status_code == 200, answer.text
        return browser

    def whoami(self, browser: requests.Session) -> set[int]:
        return {browser.get(f"{one.public}/sessions/whoami", timeout=10).status_code for one in self.servers}


def test_f24_nobody_is_signed_out_while_two_units_change_their_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The servers are restarted here, after the event, and waited for.
    monkeypatch.setattr("identity_charm.workload._says_ready", lambda: True)
    with ExitStack() as stack:
        pair = Pair(tmp_path, stack)
        headers = {"Authorization": f"Bearer {json.loads(KEYS['admin'])}"}
        body = {
            "schema_id": "admin_v0",
            "traits": {"username": "ann", "email": "ann@shop.test"},
            "credentials": {"password": {"config": {"password": PASSWORD}}},
        }
        made = requests.post(f"{pair.servers[0].admin}/admin/identities", json=body, headers=headers, timeout=10)
        assert made.status_code == 201, made.text
        browser = pair.sign_in(0, 1)
        assert pair.whoami(browser) == {200}

        pair.units.run(0, "rotate-secrets", kind="cookie")
        restarts = 0
        for unit in (0, 1) * 6:
            if pair.run(unit):
                restarts += 1
                assert pair.whoami(browser) == {200}
                assert pair.whoami(pair.sign_in(unit, 1 - unit)) == {200}
                assert pair.whoami(pair.sign_in(1 - unit, unit)) == {200}
        assert restarts == 4, "both learned the new key, then both signed with it"

        another = pair.sign_in(0, 1)
        pair.units.run(0, "rotate-secrets", kind="cookie", **{"drop-old": True})
        for unit in (0, 1) * 3:
            pair.run(unit)
        assert pair.whoami(browser) == {401}, "what the old key signed is void now"
        assert pair.whoami(another) == {200}


def test_f32_a_database_that_was_left_behind_is_taken_up_again(serve: Any, tmp_path: Path) -> None:
    server = serve()
    server.run("create-admin-account", **ACCOUNT)
    token = server.log_in("ann", PASSWORD).json()["session_token"]
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait(timeout=20)

    later = tmp_path / "later"
    later.mkdir()
    for file in tmp_path.glob("kratos.sqlite*"):
        shutil.copy(file, later / file.name)
    # The unit is another one; its keys come from Juju, so the configuration is the same.
    with running(tmp_path / "kratos.yaml", f"sqlite://{later}/kratos.sqlite", free_port(), free_port()) as again:
        headers = {"X-Session-Token": token}
        assert requests.get(f"{again.public}/sessions/whoami", headers=headers, timeout=10).status_code == 200
        flow = requests.get(f"{again.public}/self-service/login/api", timeout=10).json()
        body = {"method": "password", "identifier": "ann", "password": PASSWORD}
        answer = requests.post(f"{again.public}/self-service/login", params={"flow": flow["id"]}, json=body, timeout=10)
        assert answer.status_code == 200
    with sqlite3.connect(later / "kratos.sqlite") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    database.close()


@pytest.fixture
def container(tmp_path: Path) -> Iterator[ops.Container]:
    """A container of the real Pebble, with the server on its PATH."""
    try:
        program = ensure_tools(print).pebble
    except SandboxError as missing:
        pytest.skip(str(missing))
    folder = tmp_path / "pebble"
    folder.mkdir()
    environment = {
        **os.environ,
        "PEBBLE": str(folder),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    port = free_port()
    process = subprocess.Popen(
        [program, "run", "--create-dirs", "--http", f"127.0.0.1:{port}"], env=environment, stdout=subprocess.DEVNULL
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/v1/health", process)
        client = pebble.Client(str(folder / ".pebble.socket"))
        # Of Juju the container only wants to know which one it is.
        backend: Any = SimpleNamespace(_juju_context=SimpleNamespace(version=ops.JujuVersion("3.6.12")))
        yield ops.Container("kratos", backend, client)
    finally:
        process.terminate()
        process.wait(timeout=20)


def migrations() -> list[int]:
    """Processes that migrate a database, by whomever."""
    found: list[int] = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if b"migrate\0sql\0-e\0--yes" in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def test_f15_a_migration_that_takes_too_long_is_ended_and_tried_again(
    container: ops.Container, postgres_dsn: str
) -> None:
    workload = Workload(container)
    with psycopg.connect(postgres_dsn.replace("postgres://", "postgresql://"), autocommit=True) as holder:
        holder.execute("SELECT pg_advisory_lock(%s)", (migrate.LOCK,))
        before = set(migrations())
        with pytest.raises(WorkloadError, match="no end within 4 seconds"):
            workload.migrate(postgres_dsn, 4)
        assert not set(migrations()) - before, "the program was left running"
        assert not any(state == "applied" for _, _, state in tables(holder))
        holder.execute("SELECT pg_advisory_unlock(%s)", (migrate.LOCK,))
    workload.migrate(postgres_dsn, 120)
    assert {state for _, _, state in migrate.status(postgres_dsn)} == {"applied"}
    workload.migrate(postgres_dsn, 120)


def tables(connection: "psycopg.Connection[Any]") -> list[tuple[str, str, str]]:
    """The migrations as the database has them."""
    query = "SELECT tablename, '', 'applied' FROM pg_tables WHERE schemaname = 'public'"
    return [(str(name), label, state) for name, label, state in connection.execute(query).fetchall()]


def test_f15_a_migration_that_fails_gives_its_reason(container: ops.Container) -> None:
    with pytest.raises(WorkloadError, match="cannot be used"):
        Workload(container).migrate("postgres://nobody@127.0.0.1:1/none", 60)

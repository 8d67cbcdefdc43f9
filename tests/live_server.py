"""The server as a process of its own, on free loopback ports, ended by its process id."""

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import httpx2
import yaml

#: Seconds for an answer on a machine that is busy with other tests.
PATIENCE = 60
PROGRAM = str(Path(sys.executable).with_name("kratos"))
SCHEMA = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {
        "traits": {
            "type": "object",
            "properties": {
                "email": {
                    "type": "string",
                    "format": "email",
                    "title": "E-mail",
                    "ory.sh/kratos": {
                        "credentials": {"password": {"identifier": True}},
                        "verification": {"via": "email"},
                        "recovery": {"via": "email"},
                    },
                }
            },
            "required": ["email"],
            "additionalProperties": False,
        }
    },
}


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def merged(base: Any, extra: Any) -> Any:
    """A deep merge."""
    if isinstance(base, dict) and isinstance(extra, dict):
        return {**base, **{key: merged(base.get(key), value) for key, value in extra.items()}}
    return extra


def configuration(dsn: str, public: int, admin: int, overrides: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A small configuration with passwords, cheap hashes and no mail."""
    schema = base64.b64encode(json.dumps(SCHEMA).encode()).decode()
    base = {
        "dsn": dsn,
        "identity": {"schemas": [{"id": "default", "url": f"base64://{schema}"}]},
        "serve": {
            "public": {"host": "127.0.0.1", "port": public, "base_url": f"http://127.0.0.1:{public}/"},
            "admin": {"host": "127.0.0.1", "port": admin, "base_url": f"http://127.0.0.1:{admin}/"},
        },
        "secrets": {
            "default": ["a-default-secret-of-tests-0001"],
            "cookie": ["a-cookie-secret-of-tests-00001"],
            "cipher": ["a-cipher-secret-of-tests-32-char"],
        },
        "hashers": {"algorithm": "bcrypt", "bcrypt": {"cost": 4}},
        "selfservice": {
            "default_browser_return_url": "https://app.test/home",
            "methods": {"password": {"config": {"haveibeenpwned_enabled": False}}},
            "flows": {
                "registration": {
                    "enable_legacy_one_step": True,
                    "after": {"password": {"hooks": [{"hook": "session"}]}},
                }
            },
        },
        "courier": {"smtp": {"connection_uri": "smtp://127.0.0.1:1/?disable_starttls=true"}},
    }
    return merged(base, dict(overrides or {}))


@dataclass
class LiveServer:
    """A running server.

    Attributes:
        config: its configuration file.
        log: what it wrote to standard error.
    """

    public: str
    admin: str
    config: Path
    log: Path
    process: subprocess.Popen[bytes]
    command: list[str] = field(default_factory=list)

    def kill(self) -> None:
        """Ends it as the kernel does when memory is short."""
        self.process.kill()
        self.process.wait()

    def start_again(self) -> "LiveServer":
        """Starts it as it was started before, once it has ended."""
        with self.log.open("ab") as file:
            self.process = subprocess.Popen(self.command, stdout=file, stderr=file)
        return self.wait_ready()

    def wait_ready(self, seconds: float = PATIENCE) -> "LiveServer":
        """Waits until it answers; fails with its log when it ends first."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert self.process.poll() is None, self.log.read_text()
            try:
                if httpx2.get(self.admin + "admin/health/ready", timeout=2).status_code == 200:
                    return self
            except httpx2.HTTPError:
                pass
            time.sleep(0.03)
        raise AssertionError(f"not ready after {seconds} s: {self.log.read_text()}")

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Ends it; the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise

    def change(self, overrides: Mapping[str, Any]) -> None:
        """Writes a changed configuration into its file."""
        known = yaml.safe_load(self.config.read_text())
        self.config.write_text(yaml.safe_dump(merged(known, dict(overrides))))


def migrate(config: Path, dsn: str) -> None:
    """Brings the database up to date."""
    done = subprocess.run(
        [PROGRAM, "migrate", "sql", "-e", "--yes", "-c", str(config)],
        env={**os.environ, "DSN": dsn},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()


@contextmanager
def live_server(
    folder: Path,
    dsn: str = "",
    overrides: Mapping[str, Any] | None = None,
    *,
    dev: bool = True,
    arguments: tuple[str, ...] = (),
    stderr: IO[bytes] | int | None = None,
    wait: bool = True,
    prefix: tuple[str, ...] = (),
    public: str = "",
) -> Iterator[LiveServer]:
    """A server that answers; it is ended when the block is.

    Args:
        folder: for its files; a SQLite database there by default.
        overrides: merged into ``configuration``.
        dev: start it with ``--dev``.
        stderr: where its log goes instead of a file.
        prefix: words before the command, such as a program that sets limits.
        public: the address that people know it by, on a loopback port; browsers allow keys on ``localhost`` alone.
    """
    dsn = dsn or f"sqlite://{folder}/kratos.sqlite"
    port, admin = urlsplit(public).port or free_port(), free_port()
    public = public or f"http://127.0.0.1:{port}/"
    config, log = folder / f"kratos-{port}.yml", folder / f"kratos-{port}.log"
    whole = configuration(dsn, port, admin, overrides)
    whole["serve"]["public"]["base_url"] = public
    config.write_text(yaml.safe_dump(whole))
    migrate(config, dsn)
    command = [*prefix, PROGRAM, "serve", "-c", str(config), *(["--dev"] if dev else []), *arguments]
    with log.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file if stderr is None else stderr)
    server = LiveServer(public, f"http://127.0.0.1:{admin}/", config, log, process, command)
    try:
        yield server.wait_ready() if wait else server
    finally:
        server.stop()


def create_identity(server: LiveServer, email: str, password: str = "wind-9-Mill-Sail") -> str:
    """An identity with a password; its id."""
    body = {
        "schema_id": "default",
        "traits": {"email": email},
        "credentials": {"password": {"config": {"password": password}}},
    }
    answer = httpx2.post(server.admin + "admin/identities", json=body, timeout=PATIENCE)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def native_login(server: LiveServer, email: str, password: str = "wind-9-Mill-Sail") -> httpx2.Response:
    """The answer to a native login."""
    flow = httpx2.get(server.public + "self-service/login/api", timeout=PATIENCE).json()
    body = {"method": "password", "identifier": email, "password": password}
    return httpx2.post(flow["ui"]["action"], json=body, timeout=PATIENCE)

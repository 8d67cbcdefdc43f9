"""Starting programs that listen on the loopback interface."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from identity_server import contract


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


KRATOS = Path(sys.executable).with_name("kratos")


@dataclass(frozen=True)
class Server:
    """A server of the bundled program."""

    public: str
    admin: str
    process: "subprocess.Popen[bytes]"


@contextmanager
def running(config: Path, dsn: str, public: int, admin: int, **more: str) -> Iterator[Server]:
    """The server on a file that the charm rendered, but for its database and its ports; it ends as Pebble ends it."""
    environment = {
        **os.environ,
        "DSN": dsn,
        "SERVE_PUBLIC_PORT": str(public),
        "SERVE_ADMIN_PORT": str(admin),
        "SERVE_PUBLIC_HOST": "127.0.0.1",
        "SERVE_ADMIN_HOST": "127.0.0.1",
        **more,
    }
    command = contract.serve_command(str(config), str(KRATOS))
    process = subprocess.Popen(command, env=environment, stderr=subprocess.STDOUT)
    try:
        wait_for(f"http://127.0.0.1:{admin}{contract.READY_PATH}", process)
        yield Server(f"http://127.0.0.1:{public}", f"http://127.0.0.1:{admin}", process)
        if process.poll() is None:
            process.terminate()
            assert process.wait(timeout=20) == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    """Until the server is ready; its end, or a minute, ends the wait."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        assert process.poll() is None, "the server ended"
        try:
            if requests.get(url, timeout=2).status_code == 200:
                return
        except requests.ConnectionError:
            time.sleep(0.05)
    pytest.fail("the server was not ready within a minute")

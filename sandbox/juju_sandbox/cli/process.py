"""Finds, starts and stops the sandbox's process."""

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Callable
from typing import TextIO

from juju_sandbox.api import SOCKET, Client
from juju_sandbox.failures import SandboxError
from juju_sandbox.places import REPOSITORY, Places
from juju_sandbox.tools import ensure_tools

START_SECONDS = 20.0
STOP_SECONDS = 40.0


def connect(places: Places) -> Client:
    """A conversation with the sandbox that runs.

    Raises:
        SandboxError: None runs; the text says how to start one.
    """
    try:
        return Client(places.sockets / SOCKET)
    except SandboxError:
        raise SandboxError('no sandbox runs here; start one with "sandbox/juju deploy kratos" or "make run"') from None


def ensure_running(places: Places, say: Callable[[str], None]) -> Client:
    """The same, after starting a process in the background when there is none."""
    try:
        return connect(places)
    except SandboxError:
        ensure_tools(say)
        process = start(places)
        return wait_for(places, process)


def start(places: Places) -> "subprocess.Popen[bytes]":
    """Starts the process in a session of its own, so that it outlives the terminal's Ctrl-C."""
    places.folder.mkdir(parents=True, exist_ok=True)
    with places.log.open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "juju_sandbox.daemon"],
            cwd=REPOSITORY / "sandbox",
            env=environment(places),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def environment(places: Places) -> dict[str, str]:

    return os.environ | {"PYTHONPATH": str(REPOSITORY / "sandbox"), "KRATOS_SANDBOX": str(places.folder)}


def wait_for(places: Places, process: "subprocess.Popen[bytes]") -> Client:
    """Waits until a process that was started answers.

    Raises:
        SandboxError: It ended or took too long; the text has its last words.
    """
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            return connect(places)
        except SandboxError:
            time.sleep(0.02)
    said = places.log.read_text(encoding="utf-8", errors="replace").strip()
    raise SandboxError(f"the sandbox did not start: {said or f'see {places.log}'}")


def stop(places: Places, *, destroy: bool = False) -> None:
    """Ends the process and everything that it started, and waits for it.

    Raises:
        SandboxError: None runs, or it does not end.
    """
    client = connect(places)
    # The process holds this lock until its very end, even when it removes the folder.
    with places.lock.open("r") as lock:
        client.ask("destroy" if destroy else "stop")
        client.close()
        deadline = time.monotonic() + STOP_SECONDS
        while not _free(lock):
            if time.monotonic() > deadline:
                raise SandboxError(f"the sandbox does not end; see {places.log}")
            time.sleep(0.02)


def _free(lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True

"""A sandbox for a program: set up with visible progress, driven by `sandbox/juju`, ended whatever happens."""

import os
import shutil
import socket
import subprocess
import sys
import time
from types import TracebackType

from juju_sandbox.applications import DEFAULT_LOOPBACK, LOOPBACK_VARIABLE
from juju_sandbox.cli import process
from juju_sandbox.failures import SandboxError
from juju_sandbox.places import FOLDER_VARIABLE, REPOSITORY, Places
from juju_sandbox.tools import ensure_tools

PUBLIC_PORT, ADMIN_PORT = 4433, 4434
START_SECONDS = 90.0


def say(text: str) -> None:
    print(text, flush=True)


def free_loopback() -> str:
    """The first three numbers of an address whose ports are free; on a quiet machine, those of 127.0.0.1.

    Raises:
        SandboxError: Other programs hold the ports.
    """
    if LOOPBACK_VARIABLE in os.environ:
        return os.environ[LOOPBACK_VARIABLE]
    candidates = [DEFAULT_LOOPBACK] + [f"127.0.{number}" for number in range(1, 20) if sys.platform == "linux"]
    for base in candidates:
        if all(_free(f"{base}.1", port) for port in (PUBLIC_PORT, ADMIN_PORT)):
            return base
    raise SandboxError(f"the ports {PUBLIC_PORT} and {ADMIN_PORT} of this machine are in use; stop what uses them")


def _free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


class House:
    """One model with the charm in it."""

    def __init__(self, places: Places, *, fresh: bool) -> None:
        self.places, self._fresh = places, fresh
        self.address = ""
        self._process: subprocess.Popen[bytes] | None = None
        #: Whether to leave the files behind, to look at.
        self.keep = not fresh

    def __enter__(self) -> "House":
        ensure_tools(lambda text: say(f"  {text}"))
        if self._fresh:
            shutil.rmtree(self.places.folder, ignore_errors=True)
        os.environ[FOLDER_VARIABLE] = str(self.places.folder)
        os.environ[LOOPBACK_VARIABLE] = free_loopback()
        self._process = process.start(self.places)
        process.wait_for(self.places, self._process).close()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process and self._process.poll() is None:
            process.stop(self.places, destroy=not self.keep)
            self._process.wait(timeout=10)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def juju(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Runs one command line of `sandbox/juju`."""
        program = str(REPOSITORY / "sandbox" / "juju")
        return subprocess.run([program, *words], capture_output=True, text=True, check=False, cwd=REPOSITORY)

    def ask(self, *words: str) -> str:
        """The same, for its answer.

        Raises:
            SandboxError: The command failed; the text is its own.
        """
        done = self.juju(*words)
        if done.returncode:
            raise SandboxError(f"juju {' '.join(words)}: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    def settle(self, application: str) -> None:
        """Waits until an application is active.

        Raises:
            SandboxError: It does not become so; the text says what its unit says.
        """
        client = process.connect(self.places)
        deadline = time.monotonic() + START_SECONDS
        while True:
            found = client.ask("status")["applications"].get(application, {})
            units = found.get("units", {}).values()
            idle = bool(units) and all(unit["juju-status"]["current"] == "idle" for unit in units)
            said = [unit["workload-status"] for unit in units]
            if idle and all(each["current"] == "active" for each in said):
                self.address = next(iter(units))["address"]
                if complaints := client.ask("where")["complaints"]:
                    raise SandboxError("; ".join(complaints))
                break
            if time.monotonic() > deadline:
                words = "; ".join(f"{each['current']}: {each.get('message', '')}" for each in said) or "no unit"
                raise SandboxError(f"{application} did not become active in {START_SECONDS:.0f} seconds: {words}")
            time.sleep(0.05)
        client.close()

    @property
    def public(self) -> str:
        return f"http://{self.address}:{PUBLIC_PORT}"

    @property
    def admin(self) -> str:
        return f"http://{self.address}:{ADMIN_PORT}"

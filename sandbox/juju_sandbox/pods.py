"""The sandbox's end of a unit's host process."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from juju_sandbox.failures import SandboxError
from juju_sandbox.places import REPOSITORY
from juju_sandbox.unit.channel import Channel, Message
from juju_sandbox.unit.spec import UnitSpec


class PodGone(SandboxError):
    """The host process ended, and with it all that ran in the unit."""


class Pod:
    """A unit's pod. Requests are made by one thread, one at a time."""

    def __init__(self, spec: UnitSpec) -> None:
        self.spec = spec
        self._number = 0
        near, far = socket.socketpair()
        self._channel = Channel(near)
        self._log = Path(spec.folder) / "host.log"
        with far, self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "juju_sandbox.unit.host", str(far.fileno())],
                pass_fds=(far.fileno(),),
                env=os.environ | {"PYTHONPATH": str(REPOSITORY / "sandbox")},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._channel.send({"spec": spec.to_json()})

    def request(self, do: str, carried: socket.socket | None = None, **arguments: Any) -> tuple[Message, Any]:
        """Asks and waits for the answer, and for the socket that it may bring.

        Raises:
            SandboxError: The host could not do it.
            PodGone: The host is no more.
        """
        self._number += 1
        try:
            self._channel.send({"id": self._number, "do": do} | arguments, carried)
        except OSError as error:
            raise self._gone() from error
        while (messages := self._channel.receive()) is not None:
            for message, brought in messages:
                if message.get("id") == self._number:
                    if "error" in message:
                        raise SandboxError(message["error"])
                    return message, brought
        raise self._gone()

    def _gone(self) -> PodGone:
        said = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
        return PodGone(f"the pod of {self.spec.name} ended: {' '.join(said) or 'no reason given'}")

    def dispatch(self, environment: dict[str, str], log: Path) -> int:
        """Runs the charm once; returns its exit code."""
        answer, _ = self.request("dispatch", environment=environment, log=str(log))
        return answer["code"]

    def start(self, container: str) -> None:
        self.request("start", container=container)

    def stop(self, container: str, *, kill: bool = False) -> None:
        self.request("stop", container=container, kill=kill)

    def serve(self, port: int, listening: socket.socket) -> None:
        """Passes what arrives at a socket of the machine to a port inside."""
        self.request("serve", carried=listening, name=str(port), port=port)

    def listen(self, port: int) -> socket.socket:
        """A socket that listens inside, for the machine to serve."""
        return self.request("listen", port=port)[1]

    def drop(self, port: int) -> None:
        self.request("drop", name=str(port))

    def close(self, seconds: float = 12.0) -> None:
        """Ends the host and everything in it; Pebble gets the time to stop its services."""
        self._channel.stream.close()
        try:
            self._process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

"""Connects the units' networks with the machine's: opened ports outwards, services of other applications inwards."""

import asyncio
import socket
import threading
from collections.abc import Coroutine
from typing import Any

from juju_sandbox.pods import Pod
from juju_sandbox.unit.relay import Relay, listen


class Network:
    """What is reachable from where. In a sandbox without namespaces all is reachable and nothing is done."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._relay = Relay()
        self._thread = threading.Thread(target=self._run, name="relays", daemon=True)
        self._thread.start()
        #: Unit → ports of the machine that lead into it.
        self._open: dict[str, set[int]] = {}
        self._inward: dict[str, set[int]] = {}

    def _run(self) -> None:
        self._loop.run_forever()
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)

    def expose(self, pod: Pod, ports: set[int]) -> list[str]:
        """Makes exactly these ports of a unit reachable at its address; returns complaints about ports in use."""
        if not pod.spec.isolated:
            return []
        current, complaints = self._open.setdefault(pod.spec.name, set()), list[str]()
        for port in current - ports:
            pod.drop(port)
        current &= ports
        for port in sorted(ports - current):
            try:
                with listen(pod.spec.address, port) as listening:
                    pod.serve(port, listening)
                current.add(port)
            except OSError as error:
                complaints.append(f"{pod.spec.address}:{port} cannot be opened on this machine: {error.strerror}")
        return complaints

    def offer(self, pod: Pod, ports: set[int]) -> None:
        """Makes programs that listen on the machine's loopback reachable, under the same address, from a unit."""
        if not pod.spec.isolated:
            return
        current = self._inward.setdefault(pod.spec.name, set())
        for port in current - ports:
            self._do(self._relay.drop(f"{pod.spec.name}:{port}"))
        for port in ports - current:
            listening = pod.listen(port)
            self._do(self._relay.serve(f"{pod.spec.name}:{port}", listening, "127.0.0.1", port))
        self._inward[pod.spec.name] = set(ports)

    def forget(self, unit: str) -> None:
        """A unit's pod has ended."""
        self._open.pop(unit, None)
        for port in self._inward.pop(unit, set()):
            self._do(self._relay.drop(f"{unit}:{port}"))

    def close(self) -> None:
        self._do(self._relay.keep_only(set()))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)


def free_port() -> int:
    """A port of the machine's loopback that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]

"""Rooms without namespaces, for machines and containers that do not allow them.

Pebble, the charm and the server then run as ordinary programs of the machine. Absolute paths of the workload are
turned into a folder of the unit's by small patches in the charm's process (`plain_charm`) and in the server's
(`plain_site`), and every unit listens on a loopback address of its own.
"""

import json
import shutil
import subprocess
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from juju_sandbox.unit.rooms import SYSTEM_PATH, Room, charm_environment
from juju_sandbox.unit.spec import ContainerSpec, UnitSpec

HERE = Path(__file__).resolve().parent


class PlainRooms:
    """Folders of the machine."""

    def __init__(self, spec: UnitSpec) -> None:
        self._spec = spec

    def charm(self, log: Path) -> Room:
        return Room(self._spec.charm_folder, log)

    def dispatch_environment(self) -> dict[str, str]:
        view = {
            "address": self._spec.address,
            "containers": {
                container.name: {"socket": f"{container.socket_folder}/pebble.socket", "root": _root(container)}
                for container in self._spec.containers
            },
        }
        own = {
            "HOME": self._spec.folder,
            "JUJU_CHARM_DIR": self._spec.charm_folder,
            "JUJU_AGENT_SOCKET_ADDRESS": f"{self._spec.agent_folder}/hooks.socket",
            "KRATOS_SANDBOX_VIEW": json.dumps(view),
        }
        return charm_environment(self._spec) | own

    def workload(self, container: ContainerSpec) -> Room:
        root = Path(_root(container))
        shutil.rmtree(root, ignore_errors=True)
        for name in ("etc", "var/lib", "tmp"):
            (root / name).mkdir(parents=True)
        for source, location in container.mounts:
            target = root / location.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(source)
        return Room(str(root), Path(container.folder) / "workload.log")

    def pebble_environment(self, container: ContainerSpec) -> dict[str, str]:
        root = _root(container)
        return {
            "PATH": f"{self._spec.programs}:{SYSTEM_PATH}",
            "HOME": root,
            "LANG": "C.UTF-8",
            "PEBBLE": f"{root}/var/lib/pebble/default",
            "PEBBLE_SOCKET": f"{container.socket_folder}/pebble.socket",
            "PYTHONPATH": str(HERE / "plain_site"),
            "KRATOS_SANDBOX_ROOT": root,
            "SERVE_PUBLIC_HOST": self._spec.address,
            "SERVE_ADMIN_HOST": self._spec.address,
        }

    def first_process(self) -> AbstractContextManager[None]:
        return nullcontext()

    def processes(self, first: int) -> list[int]:
        return [first, *descendants(first)]

    def clear(self, container: str) -> None:
        """Nothing is mounted; the next start empties the folder."""


def descendants(first: int) -> list[int]:
    """Every process that a process has started, and those they started."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=False).stdout
    parents = {int(pid): int(parent) for pid, parent in (line.split() for line in listed.splitlines())}
    found, frontier = list[int](), {first}
    while frontier:
        frontier = {pid for pid, parent in parents.items() if parent in frontier}
        found += sorted(frontier)
    return found


def _root(container: ContainerSpec) -> str:
    return f"{container.folder}/root"

"""Where a unit's programs run: the charm in one root, each workload container in another."""

import contextlib
import os
import sys
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from juju_sandbox.unit import spaces
from juju_sandbox.unit.spec import ContainerSpec, UnitSpec

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
REPOSITORY = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Room:
    """A root, a working directory and a log, which a forked child enters before it becomes a program."""

    folder: str
    log: Path
    root: str | None = None

    def enter(self, kept: int = 2) -> None:
        """Keeps the open files up to a number, and none above."""
        os.setsid()
        log = os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.closerange(kept + 1, 1024)
        if self.root:
            os.chroot(self.root)
        os.chdir(self.folder)


class Rooms(Protocol):
    """How a unit's programs are kept apart from the machine and from each other."""

    def charm(self, log: Path) -> Room: ...

    def dispatch_environment(self) -> dict[str, str]:
        """What every dispatch of the charm finds in its environment."""
        ...

    def workload(self, container: ContainerSpec) -> Room:
        """A container's room with fresh files; only its storage outlives a start."""
        ...

    def pebble_environment(self, container: ContainerSpec) -> dict[str, str]: ...

    def first_process(self) -> AbstractContextManager[None]:
        """Makes the one process that the block starts the root of its container's processes."""
        ...

    def processes(self, first: int) -> list[int]:
        """What to kill, so that a container that started with this process is gone."""
        ...

    def clear(self, container: str) -> None: ...


def charm_environment(spec: UnitSpec) -> dict[str, str]:
    """What every dispatch has, wherever it runs; the operator's own environment stays out."""
    return {
        "PATH": f"{spec.hook_tools}:{Path(spec.python).parent}:{SYSTEM_PATH}",
        "PYTHONPATH": "lib:venv",
        "LANG": "C.UTF-8",
        "KUBECONFIG": "/nonexistent",
    }


class IsolatedRooms:
    """Roots of their own, in this process's namespaces."""

    def __init__(self, spec: UnitSpec, *, strict: bool) -> None:
        self._spec, self._strict = spec, strict
        self._charm_root = Path(spec.folder) / "charm-view"
        self._charm_home = f"/var/lib/juju/agents/unit-{spec.name.replace('/', '-')}/charm"
        self._build_charm_root()

    def _build_charm_root(self) -> None:
        self._build(self._charm_root, Path(self._spec.folder) / "charm-private")
        spaces.place(self._spec.charm_folder, self._charm_root, self._charm_home)
        spaces.place(self._spec.agent_folder, self._charm_root, "/charm/agent")
        for container in self._spec.containers:
            spaces.place(container.socket_folder, self._charm_root, f"/charm/containers/{container.name}")
        for source, location in self._spec.storage:
            spaces.place(source, self._charm_root, location)

    def _build(self, root: Path, private: Path) -> None:
        root.mkdir(parents=True, exist_ok=True)
        spaces.build_root(root, private, strict=self._strict)
        for path in self._needed():
            if Path(path).parts[1] in spaces.LEFT_OUT:
                spaces.place(path, root, path)

    def _needed(self) -> list[str]:
        """What the programs are made of, in case it lies where the roots have folders of their own."""
        spec = self._spec
        folders = [REPOSITORY, Path(sys.prefix), Path(sys.base_prefix), Path(spec.programs), Path(spec.pebble).parent]
        return sorted({str(folder.resolve()) for folder in folders} | {str(folder) for folder in folders})

    def charm(self, log: Path) -> Room:
        return Room(self._charm_home, log, str(self._charm_root))

    def dispatch_environment(self) -> dict[str, str]:
        own = {
            "HOME": "/tmp",  # noqa: S108 - the charm root's own
            "JUJU_CHARM_DIR": self._charm_home,
            "JUJU_AGENT_SOCKET_ADDRESS": "/charm/agent/hooks.socket",
        }
        return charm_environment(self._spec) | own

    def workload(self, container: ContainerSpec) -> Room:
        root = self._workload_root(container)
        self._build(root, Path(container.folder) / "private")
        spaces.place(container.socket_folder, root, "/charm/container")
        for source, location in container.mounts:
            spaces.place(source, root, location)
        return Room("/", Path(container.folder) / "workload.log", str(root))

    def _workload_root(self, container: ContainerSpec) -> Path:
        return Path(container.folder) / "view"

    def pebble_environment(self, container: ContainerSpec) -> dict[str, str]:
        return {
            "PATH": f"{self._spec.programs}:{SYSTEM_PATH}",
            "HOME": "/tmp",  # noqa: S108 - the container root's own
            "LANG": "C.UTF-8",
            "PEBBLE": "/var/lib/pebble/default",
            "PEBBLE_SOCKET": "/charm/container/pebble.socket",
        }

    def first_process(self) -> AbstractContextManager[None]:
        return spaces.new_process_tree()

    def processes(self, first: int) -> list[int]:
        # The kernel ends a process tree with its first process.
        return [first]

    def clear(self, container: str) -> None:
        for spec in self._spec.containers:
            if spec.name == container:
                with contextlib.suppress(OSError):
                    spaces.unmount(str(self._workload_root(spec)))

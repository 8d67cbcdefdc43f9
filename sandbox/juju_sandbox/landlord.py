"""Makes and keeps the units' pods."""

import contextlib
import os
import secrets
import shutil
import sys
import threading
from pathlib import Path

from juju_sandbox import applications
from juju_sandbox.charm_files import CharmFiles
from juju_sandbox.places import Places
from juju_sandbox.pods import Pod
from juju_sandbox.resolver import Observed
from juju_sandbox.store import Row, Store
from juju_sandbox.tools import Tools
from juju_sandbox.unit.spec import ContainerSpec, UnitSpec
from juju_sandbox.watcher import Sighting, look

#: A folder whose programs stand before all others on the workload's PATH; by default the one with our `kratos`.
PROGRAMS_VARIABLE = "KRATOS_SANDBOX_PROGRAMS"

Sightings = dict[tuple[str, str], Sighting]


class Landlord:
    """The pods of a model and what is known of their containers."""

    def __init__(self, places: Places, tools: Tools, sockets: Path, *, isolated: bool) -> None:
        self._places, self._tools, self._sockets, self.isolated = places, tools, sockets, isolated
        self._pods: dict[str, Pod] = {}
        self._folders: dict[str, str] = {}
        self._observed: dict[str, Observed] = {}
        #: Boot identifiers of containers that were started, by unit and container.
        self._boots: dict[tuple[str, str], str] = {}
        self._told: set[tuple[str, str, str, str]] = set()
        self._lock = threading.Lock()

    def observed(self, unit: str) -> Observed:
        return self._observed.setdefault(unit, Observed())

    def existing(self, unit: str) -> Pod | None:
        return self._pods.get(unit)

    def pod(self, store: Store, unit: Row) -> Pod:
        """The unit's pod, made when there is none, with the present revision of the charm in it."""
        name, application = unit["name"], applications.get(store, unit["application"])
        charm = applications.charm_files(application["folder"])
        if name not in self._pods:
            self._pods[name] = self._make(store, unit, charm)
            self._observed[name] = Observed()
            for container in charm.containers:
                self.start(name, container)
        elif self._folders[name] != application["folder"]:
            self._bring(charm, Path(self._pods[name].spec.charm_folder))
        self._folders[name] = application["folder"]
        return self._pods[name]

    def _make(self, store: Store, unit: Row, charm: CharmFiles) -> Pod:
        name = unit["name"]
        folder = self._places.unit(name)
        folder.mkdir(parents=True, exist_ok=True)
        charm_folder = folder / "charm"
        # A pod that is made anew begins with the charm's own files: what the old one had stored beside them is lost.
        shutil.rmtree(charm_folder, ignore_errors=True)
        charm_folder.mkdir()
        self._bring(charm, charm_folder)
        _note_new_pod(store, name)
        storage = {row["name"]: row["id"] for row in store.all("SELECT * FROM storage WHERE unit = ?", name)}
        return Pod(
            UnitSpec(
                name=name,
                isolated=self.isolated,
                address=unit["address"],
                folder=str(folder),
                charm_folder=str(charm_folder),
                agent_folder=str(self._sockets / "agent"),
                containers=tuple(self._container(name, charm, container, storage) for container in charm.containers),
                storage=tuple(self._charm_storage(identifier) for identifier in storage.values()),
                pebble=str(self._tools.pebble),
                hook_tools=str(self._tools.hook_tools),
                python=sys.executable,
                programs=str(self._programs()),
            )
        )

    def _bring(self, charm: CharmFiles, target: Path) -> None:
        """Replaces the charm's files and leaves what the unit has written."""
        for entry in charm.folder.iterdir():
            old = target / entry.name
            if old.is_dir() and not old.is_symlink():
                shutil.rmtree(old)
            if entry.is_dir():
                shutil.copytree(entry, old, symlinks=True)
            else:
                shutil.copy2(entry, old)

    def _container(self, unit: str, charm: CharmFiles, name: str, storage: dict[str, str]) -> ContainerSpec:
        folder = self._places.unit(unit) / name
        folder.mkdir(exist_ok=True)
        sockets = self._sockets / f"{unit.replace('/', '-')}-{name}"
        sockets.mkdir(mode=0o700, exist_ok=True)
        mounts = tuple((self._storage(storage[each]), location) for each, location in charm.containers[name])
        return ContainerSpec(name, str(sockets), str(folder), mounts)

    def _storage(self, identifier: str) -> str:
        folder = self._places.storage(identifier)
        folder.mkdir(parents=True, exist_ok=True)
        return str(folder)

    def _charm_storage(self, identifier: str) -> tuple[str, str]:
        folder = self._storage(identifier)
        return folder, f"/var/lib/juju/storage/{identifier}" if self.isolated else folder

    def _programs(self) -> Path:
        named = os.environ.get(PROGRAMS_VARIABLE)
        if named:
            return Path(named).resolve()
        folder = self._places.folder / "programs"
        folder.mkdir(parents=True, exist_ok=True)
        link, target = folder / "kratos", Path(sys.prefix) / "bin" / "kratos"
        if not link.is_symlink() or link.readlink() != target:
            link.unlink(missing_ok=True)
            link.symlink_to(target)
        return folder

    def start(self, unit: str, container: str) -> None:
        """Starts a container with fresh files, ending the one that runs."""
        with self._lock:
            self._boots.pop((unit, container), None)
        self.observed(unit).boots.pop(container, None)
        socket = self._socket(unit, container)
        socket.unlink(missing_ok=True)
        self._pods[unit].start(container)
        with self._lock:
            self._boots[unit, container] = secrets.token_hex(8)

    def kill(self, unit: str, container: str) -> None:
        """Kills a container as the kernel would; the next look finds it dead and starts another."""
        self._pods[unit].stop(container, kill=True)

    def _socket(self, unit: str, container: str) -> Path:
        return self._sockets / f"{unit.replace('/', '-')}-{container}" / "pebble.socket"

    @property
    def starting(self) -> bool:
        """Whether a container has been started whose Pebble has not answered yet."""
        with self._lock:
            return any(container not in self.observed(unit).boots for unit, container in self._boots)

    @property
    def pause(self) -> float:
        """Seconds until the next look: short while a container starts."""
        return 0.05 if self.starting else 1.0

    def look(self) -> Sightings:
        """Asks every container; called by the watching thread."""
        with self._lock:
            known = dict(self._boots)
        return {(unit, container): look(self._socket(unit, container)) for unit, container in known}

    def note(self, sightings: Sightings) -> None:
        """Takes over what was seen, and starts containers that have died."""
        for (unit, container), sighting in sightings.items():
            boot = self._boots.get((unit, container))
            if boot is None or unit not in self._pods:
                continue
            observed = self.observed(unit)
            if sighting.answers:
                observed.boots[container] = boot
                self._take_checks(observed, container, sighting)
                self._take_notices(observed, unit, container, sighting)
            elif container in observed.boots:
                self.start(unit, container)

    def _take_checks(self, observed: Observed, container: str, sighting: Sighting) -> None:
        for key in [key for key in observed.checks if key[0] == container and key[1] not in sighting.checks]:
            del observed.checks[key]
        observed.checks.update({(container, name): up for name, up in sighting.checks.items()})

    def _take_notices(self, observed: Observed, unit: str, container: str, sighting: Sighting) -> None:
        for identifier, kind, key, moment in sighting.notices:
            told = (unit, container, identifier, moment)
            if told not in self._told:
                self._told.add(told)
                observed.notices.append((container, identifier, kind, key))

    def evict(self, unit: str) -> None:
        """Ends a unit's pod and everything in it."""
        pod = self._pods.pop(unit, None)
        with self._lock:
            for key in [key for key in self._boots if key[0] == unit]:
                del self._boots[key]
        self._observed.pop(unit, None)
        if pod:
            pod.close()
            for folder in ("charm-private", "charm-view"):
                shutil.rmtree(self._places.unit(unit) / folder, ignore_errors=True)

    def forget_unit(self, unit: str) -> None:
        """Removes the files of a unit that is gone for good; its storage stays, as Juju keeps it."""
        shutil.rmtree(self._places.unit(unit), ignore_errors=True)

    def close(self) -> None:
        for unit in list(self._pods):
            with contextlib.suppress(OSError):
                self.evict(unit)


def _note_new_pod(store: Store, unit: str) -> None:
    """A unit that had a pod before lives through upgrade-charm, config-changed, start and pebble-ready again."""
    store.run("UPDATE unit SET charm_seen = -1, started = 0 WHERE name = ? AND installed = 1", unit)
    store.run("DELETE FROM container WHERE unit = ?", unit)
    store.run("DELETE FROM unhealthy WHERE unit = ?", unit)

"""Applications and their units."""

import os
import uuid
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from juju_sandbox import relations
from juju_sandbox.charm_files import CharmFiles, unpack
from juju_sandbox.failures import SandboxError
from juju_sandbox.moments import now
from juju_sandbox.places import Places
from juju_sandbox.store import Row, Store

#: The first three numbers of the units' addresses; unit 0 of the first application gets the loopback address itself.
LOOPBACK_VARIABLE = "KRATOS_SANDBOX_LOOPBACK"
DEFAULT_LOOPBACK = "127.0.0"


def prepare_model(store: Store, name: str) -> None:
    """Writes what a model is born with, once."""
    facts = {
        "name": name,
        "uuid": str(uuid.uuid4()),
        "since": now(),
        "loopback": os.environ.get(LOOPBACK_VARIABLE, DEFAULT_LOOPBACK),
        "update-status-hook-interval": "5m",
        "automatically-retry-hooks": "true",
    }
    for key, value in facts.items():
        store.run("INSERT OR IGNORE INTO fact VALUES (?, ?)", key, value)


def fact(store: Store, key: str) -> str:
    return store.value("SELECT value FROM fact WHERE key = ?", key) or ""


def get(store: Store, name: str) -> Row:
    """The application of that name.

    Raises:
        SandboxError: There is none.
    """
    row = store.first("SELECT * FROM application WHERE name = ?", name)
    if row is None:
        raise SandboxError(f'application "{name}" not found')
    return row


def get_unit(store: Store, name: str) -> Row:
    """The unit of that name; ``app/leader`` is the leader.

    Raises:
        SandboxError: There is none.
    """
    application, _, number = name.partition("/")
    if number == "leader":
        name = get(store, application)["leader"] or ""
    row = store.first("SELECT * FROM unit WHERE name = ?", name)
    if row is None:
        raise SandboxError(f'unit "{name}" not found')
    return row


@lru_cache(maxsize=64)
def charm_files(folder: str) -> CharmFiles:
    """The declarations of a charm's revision, which never change."""
    return CharmFiles.load(Path(folder))


def files_of(store: Store, application: str) -> CharmFiles:
    return charm_files(get(store, application)["folder"])


def units_of(store: Store, application: str) -> list[Row]:
    return store.all("SELECT * FROM unit WHERE application = ? ORDER BY number", application)


def deploy_charm(store: Store, places: Places, name: str, source: Path, *, trust: bool = False) -> CharmFiles:
    """Copies the charm and makes the application, with no unit yet.

    Raises:
        SandboxError: The name is taken or the source is no charm.
    """
    if store.value("SELECT 1 FROM application WHERE name = ?", name):
        raise SandboxError(f'cannot add application "{name}": application already exists')
    revision = _free_revision(places, name, 0)
    charm = unpack(source, places.charm(name, revision))
    store.run(
        "INSERT INTO application (name, charm, actor, folder, source, revision, trust, since)"
        " VALUES (?, ?, 0, ?, ?, ?, ?, ?)",
        *(name, charm.name, str(charm.folder), str(source), revision, trust, now()),
    )
    for end in charm.peers():
        relations.add(store, (name, end))
    return charm


def _free_revision(places: Places, name: str, revision: int) -> int:
    while places.charm(name, revision).exists():
        revision += 1
    return revision


def deploy_actor(store: Store, name: str, charm: str) -> None:
    store.run(
        "INSERT INTO application (name, charm, actor, folder, source, since) VALUES (?, ?, 1, '', '', ?)",
        *(name, charm, now()),
    )


def attach_resources(store: Store, application: str, resources: Mapping[str, str], known: Mapping[str, object]) -> None:
    """Notes the files given for resources.

    Raises:
        SandboxError: The charm declares no such resource.
    """
    for resource, path in resources.items():
        if resource not in known:
            raise SandboxError(f'resource "{resource}" is unknown; this charm has: {", ".join(known) or "none"}')
        store.run("INSERT OR REPLACE INTO resource VALUES (?, ?, ?)", application, resource, path)


def refresh(store: Store, places: Places, name: str, source: Path) -> CharmFiles:
    """Copies a newer charm; the units notice through their revision.

    Raises:
        SandboxError: The charm declares other storage, which Juju on Kubernetes refuses.
    """
    application = get(store, name)
    before = files_of(store, name).storage
    revision = _free_revision(places, name, application["revision"] + 1)
    charm = unpack(source, places.charm(name, revision))
    if set(charm.storage) != set(before):
        changed = ", ".join(sorted(set(charm.storage) ^ set(before)))
        raise SandboxError(f'cannot upgrade application "{name}": storage is added or removed: {changed}')
    store.run(
        "UPDATE application SET folder = ?, source = ?, revision = ?, charm = ? WHERE name = ?",
        *(str(charm.folder), str(source), revision, charm.name, name),
    )
    known = store.column("SELECT endpoint.name FROM endpoint WHERE application = ? AND role = 'peers'", name)
    for end in charm.peers():
        if end.name not in known:
            relations.add(store, (name, end))
    return charm


def add_unit(store: Store, application: str, storage: Iterable[str] = ()) -> str:
    """Adds the unit of the next number; Kubernetes reuses the numbers of units that are gone."""
    highest = store.value("SELECT max(number) FROM unit WHERE application = ?", application)
    number = 0 if highest is None else highest + 1
    # Actors count from the other end, so that a charm's first unit has the address that the guides name.
    actor = get(store, application)["actor"]
    name, address = f"{application}/{number}", _free_address(store, range(254, 0, -1) if actor else range(1, 255))
    store.run(
        "INSERT INTO unit (name, application, number, address) VALUES (?, ?, ?, ?)", name, application, number, address
    )
    store.run("INSERT OR REPLACE INTO status VALUES (?, 'waiting', 'installing agent', ?)", name, now())
    for each in storage:
        _attach_storage(store, each, name)
    if not get(store, application)["leader"]:
        elect(store, application)
    return name


def _attach_storage(store: Store, storage: str, unit: str) -> None:
    """Gives a unit its volume; the one that an earlier unit of the same name left behind comes back."""
    old = store.value("SELECT id FROM storage WHERE name = ? AND unit = ?", storage, unit)
    if old:
        store.run("UPDATE storage SET attached = 0 WHERE id = ?", old)
        return
    highest: int | None = store.value(
        "SELECT max(CAST(substr(id, instr(id, '/') + 1) AS INTEGER)) FROM storage WHERE name = ?", storage
    )
    index = 0 if highest is None else highest + 1
    store.run("INSERT INTO storage (id, name, unit) VALUES (?, ?, ?)", f"{storage}/{index}", storage, unit)


def _free_address(store: Store, numbers: range) -> str:
    base = fact(store, "loopback")
    taken = set(store.column("SELECT address FROM unit"))
    free = next((number for number in numbers if f"{base}.{number}" not in taken), None)
    if free is None:
        raise SandboxError("a sandbox holds at most 254 units")
    return f"{base}.{free}"


def elect(store: Store, application: str, unit: str | None = None) -> None:
    """Makes a unit leader: the one named, else the living one of the lowest number."""
    chosen = unit or store.value(
        "SELECT name FROM unit WHERE application = ? AND life = 'alive' ORDER BY number LIMIT 1", application
    )
    store.run("UPDATE application SET leader = ? WHERE name = ?", chosen, application)
    store.run("UPDATE unit SET leader_seen = 0 WHERE application = ? AND name IS NOT ?", application, chosen)


def bury_unit(store: Store, name: str) -> None:
    """Removes a unit whose last hook has run, and the application when it was waiting for that."""
    application = name.partition("/")[0]
    for table in ("port", "container", "unhealthy", "charm_state", "secret_consumer"):
        store.run(f"DELETE FROM {table} WHERE unit = ?", name)  # noqa: S608 - the names stand above
    store.run("DELETE FROM status WHERE entity = ?", name)
    store.run("DELETE FROM secret_grant WHERE grantee = ?", name)
    for identifier in store.column("SELECT id FROM secret WHERE owner = ?", f"unit:{name}"):
        store.run("DELETE FROM secret_revision WHERE secret = ?", identifier)
        store.run("DELETE FROM secret WHERE id = ?", identifier)
    store.run("DELETE FROM unit WHERE name = ?", name)
    bury_application(store, application)


def bury_application(store: Store, name: str) -> None:
    """Removes a dying application once it has no unit."""
    dying = store.value("SELECT life FROM application WHERE name = ?", name) == "dying"
    if not dying or units_of(store, name):
        return
    for relation in store.column("SELECT relation FROM endpoint WHERE application = ?", name):
        store.run("UPDATE relation SET life = 'dying' WHERE id = ?", relation)
        store.run("DELETE FROM scope WHERE relation = ? AND unit LIKE ?", relation, f"{name}/%")
        relations.bury_if_empty(store, relation)
    for identifier in store.column("SELECT id FROM secret WHERE owner = ?", f"app:{name}"):
        for table in ("secret_revision", "secret_consumer", "secret_grant"):
            store.run(f"DELETE FROM {table} WHERE secret = ?", identifier)  # noqa: S608 - the names stand above
        store.run("DELETE FROM secret WHERE id = ?", identifier)
    for table in ("setting", "resource"):
        store.run(f"DELETE FROM {table} WHERE application = ?", name)  # noqa: S608 - the names stand above
    store.run("DELETE FROM status WHERE entity = ?", name)
    store.run("DELETE FROM secret_grant WHERE grantee = ?", name)
    store.run("DELETE FROM application WHERE name = ?", name)

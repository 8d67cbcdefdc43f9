"""Which hook a unit runs next: what the model says, compared with what the unit has been told.

Nothing is queued. A restart forgets nothing, changes that come together are told once, and a hook that failed is
found again. The order is that of Juju's uniter: storage, install, relation-created, leader-elected,
config-changed, start; then actions, the workload, relations, secrets and update-status.
"""

import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from juju_sandbox import applications, options, relation_events, vault
from juju_sandbox.hooks import Hook
from juju_sandbox.store import Row, Store


@dataclass
class Observed:
    """What is known of a unit's containers, from asking their Pebble."""

    #: Container → boot identifier; absent while its Pebble does not answer.
    boots: dict[str, str] = field(default_factory=dict[str, str])
    #: (container, check) → whether it is up.
    checks: dict[tuple[str, str], bool] = field(default_factory=dict[tuple[str, str], bool])
    #: Custom notices not told yet: (container, id, type, key).
    notices: list[tuple[str, str, str, str]] = field(default_factory=list[tuple[str, str, str, str]])


def next_hook(store: Store, unit: Row, observed: Observed) -> Hook | None:
    """The unit's next hook, or None when it knows all there is."""
    for source in (_storage, _install, _beginnings, _ending, _actions, _workload, _relations, _secrets, _update):
        hook = next(iter(source(store, unit, observed)), None)
        if hook:
            return hook
    return None


def config_digest(store: Store, application: str) -> str:
    charm = applications.files_of(store, application)
    text = json.dumps(options.effective(store, application, charm.options), sort_keys=True)
    return hashlib.sha256(f"{text}{applications.get(store, application)['trust']}".encode()).hexdigest()


def _storage(store: Store, unit: Row, observed: Observed) -> Iterator[Hook]:
    if unit["life"] != "alive":
        return
    for row in store.all("SELECT * FROM storage WHERE unit = ? AND attached = 0 ORDER BY id", unit["name"]):
        yield Hook("storage-attached", f"{row['name']}-storage-attached", storage=row["id"])


def _install(store: Store, unit: Row, observed: Observed) -> Iterator[Hook]:
    if unit["life"] != "alive":
        return
    revision = applications.get(store, unit["application"])["revision"]
    if not unit["installed"]:
        yield Hook("install", "install")
    elif unit["charm_seen"] != revision:
        yield Hook("upgrade-charm", "upgrade-charm")


def _beginnings(store: Store, unit: Row, observed: Observed) -> Iterator[Hook]:
    if unit["life"] != "alive":
        return
    yield from relation_events.created(store, unit)
    if applications.get(store, unit["application"])["leader"] == unit["name"] and not unit["leader_seen"]:
        yield Hook("leader-elected", "leader-elected")
    if unit["config_seen"] != config_digest(store, unit["application"]):
        yield Hook("config-changed", "config-changed")
    if not unit["started"]:
        yield Hook("start", "start")


def _ending(store: Store, unit: Row, observed: Observed) -> Iterator[Hook]:
    if unit["life"] == "alive":
        return
    yield from relation_events.farewells(store, unit)
    for row in store.all("SELECT * FROM storage WHERE unit = ? AND attached = 1 ORDER BY id", unit["name"]):
        yield Hook("storage-detaching", f"{row['name']}-storage-detaching", storage=row["id"])
    yield Hook("stop", "stop") if unit["started"] else Hook("remove", "remove")


def _actions(store: Store, unit: Row, observed: Observed) -> Iterator[Hook]:
    row = store.first("SELECT * FROM task WHERE unit = ? AND status = 'pending' ORDER BY id", unit["name"])
    if row:
        yield Hook("action", row["action"], task=row["id"])


def _workload(store: Store, unit: Row, observed: Observed) -> Iterator[Hook]:
    for container, boot in sorted(observed.boots.items()):
        told = store.value("SELECT announced FROM container WHERE unit = ? AND name = ?", unit["name"], container)
        if told != boot:
            yield Hook("pebble-ready", f"{container}-pebble-ready", workload=container)
    for (container, check), up in sorted(observed.checks.items()):
        down = store.value(
            "SELECT 1 FROM unhealthy WHERE unit = ? AND container = ? AND name = ?", unit["name"], container, check
        )
        if bool(down) == up:
            kind = "check-recovered" if up else "check-failed"
            yield Hook(kind, f"{container}-pebble-{kind}", workload=container, check=check)
    for container, *notice in observed.notices:
        one, two, three = notice
        yield Hook("notice", f"{container}-pebble-custom-notice", workload=container, notice=(one, two, three))


def _relations(store: Store, unit: Row, observed: Observed) -> Iterator[Hook]:
    yield from relation_events.changes(store, unit)


def _secrets(store: Store, unit: Row, observed: Observed) -> Iterator[Hook]:
    yield from _secrets_consumed(store, unit)
    owners = [f"unit:{unit['name']}"]
    if applications.get(store, unit["application"])["leader"] == unit["name"]:
        owners.append(f"app:{unit['application']}")
    for owner in owners:
        yield from _secrets_owned(store, owner)


def _secrets_consumed(store: Store, unit: Row) -> Iterator[Hook]:
    leader = applications.get(store, unit["application"])["leader"] == unit["name"]
    rows = store.all(
        "SELECT c.*, s.owner, (SELECT max(revision) FROM secret_revision WHERE secret = s.id) AS latest"
        " FROM secret_consumer AS c JOIN secret AS s ON s.id = c.secret WHERE unit = ? AND told < latest",
        unit["name"],
    )
    for row in rows:
        own = vault.may_manage(row, unit["name"], unit["application"], leader=leader)
        if not own and row["revision"] < row["latest"]:
            yield Hook("secret-changed", "secret-changed", secret=row["secret"], secret_label=row["label"])


def _secrets_owned(store: Store, owner: str) -> Iterator[Hook]:
    def label(identifier: str) -> str:
        return store.value("SELECT label FROM secret WHERE id = ?", identifier)

    for identifier in store.column("SELECT id FROM secret WHERE owner = ? AND rotates <= ?", owner, time.time()):
        yield Hook("secret-rotate", "secret-rotate", secret=identifier, secret_label=label(identifier))
    expired = store.all(
        "SELECT secret, revision FROM secret_revision JOIN secret ON id = secret"
        " WHERE owner = ? AND expires <= ? AND told_expired = 0",
        *(owner, time.time()),
    )
    kinds = [("secret-expired", row["secret"], row["revision"]) for row in expired]
    kinds += [("secret-remove", *pair) for pair in vault.obsolete_revisions(store, owner)]
    for kind, identifier, revision in kinds:
        yield Hook(kind, kind, secret=identifier, secret_label=label(identifier), secret_revision=revision)


def _update(store: Store, unit: Row, observed: Observed) -> Iterator[Hook]:
    if unit["update_due"]:
        yield Hook("update-status", "update-status")

"""Secrets: revisions, labels, grants, and what each consumer tracks.

An owner is ``app:NAME``, ``unit:NAME`` or ``model`` (a secret that the operator made). A consumer, the owner's
units included, keeps seeing the revision it first read until it asks to refresh.
"""

import json
import time
from collections.abc import Mapping

from juju_sandbox.failures import ToolError
from juju_sandbox.moments import now, xid
from juju_sandbox.store import Row, Store

ROTATION_SECONDS = {
    "never": None,
    "hourly": 3600,
    "daily": 86400,
    "weekly": 7 * 86400,
    "monthly": 30 * 86400,
    "quarterly": 91 * 86400,
    "yearly": 365 * 86400,
}


def bare(text: str) -> str:
    """An identifier without ``secret:``, and without the model that ``secret://MODEL/ID`` names."""
    return text.removeprefix("secret:").rpartition("/")[2]


def create(
    store: Store,
    owner: str,
    content: Mapping[str, str],
    *,
    label: str = "",
    description: str = "",
    rotate: str = "never",
) -> str:
    """Makes a secret at revision 1 and returns its bare identifier.

    Raises:
        ToolError: The owner has a secret of that label.
    """
    if label and store.value("SELECT 1 FROM secret WHERE owner = ? AND label = ?", owner, label):
        raise ToolError(f'secret with label "{label}" already exists')
    identifier, moment = xid(), now()
    store.run(
        "INSERT INTO secret (id, owner, label, description, created, updated) VALUES (?, ?, ?, ?, ?, ?)",
        *(identifier, owner, label, description, moment, moment),
    )
    set_rotation(store, identifier, rotate)
    _append(store, identifier, 1, content)
    return identifier


def _append(store: Store, identifier: str, revision: int, content: Mapping[str, str]) -> None:
    store.run(
        "INSERT INTO secret_revision (secret, revision, content, created) VALUES (?, ?, ?, ?)",
        *(identifier, revision, json.dumps(content, sort_keys=True), now()),
    )


def update(store: Store, identifier: str, content: Mapping[str, str]) -> int:
    """Adds a revision, unless the content is that of the latest one; returns the latest revision."""
    latest = latest_revision(store, identifier)
    if read(store, identifier, latest) != dict(content):
        latest += 1
        _append(store, identifier, latest, content)
        store.run("UPDATE secret SET updated = ? WHERE id = ?", now(), identifier)
    return latest


def set_rotation(store: Store, identifier: str, rotate: str) -> None:
    """Changes how often the owner is asked to rotate.

    Raises:
        ToolError: The word is unknown.
    """
    if rotate not in ROTATION_SECONDS:
        raise ToolError(f'rotate policy "{rotate}" not valid; allowed: {", ".join(ROTATION_SECONDS)}')
    interval = ROTATION_SECONDS[rotate]
    due = time.time() + interval if interval else None
    store.run("UPDATE secret SET rotate = ?, rotates = ? WHERE id = ?", rotate, due, identifier)


def latest_revision(store: Store, identifier: str) -> int:
    return store.value("SELECT max(revision) FROM secret_revision WHERE secret = ?", identifier) or 0


def read(store: Store, identifier: str, revision: int) -> dict[str, str] | None:
    text = store.value("SELECT content FROM secret_revision WHERE secret = ? AND revision = ?", identifier, revision)
    return json.loads(text) if text is not None else None


def remove(store: Store, identifier: str, revision: int | None = None) -> None:
    """Removes one revision, or the secret with all that hangs on it."""
    if revision is not None:
        store.run("DELETE FROM secret_revision WHERE secret = ? AND revision = ?", identifier, revision)
    if revision is None or not latest_revision(store, identifier):
        for table in ("secret_revision", "secret_consumer", "secret_grant"):
            store.run(f"DELETE FROM {table} WHERE secret = ?", identifier)  # noqa: S608 - the names stand above
        store.run("DELETE FROM secret WHERE id = ?", identifier)


def grant(store: Store, identifier: str, grantee: str, relation: int | None = None) -> None:
    store.run("INSERT OR REPLACE INTO secret_grant VALUES (?, ?, ?)", identifier, grantee, relation)


def revoke(store: Store, identifier: str, grantee: str) -> None:
    store.run("DELETE FROM secret_grant WHERE secret = ? AND grantee = ?", identifier, grantee)


def owned_by(row: Row, unit: str, application: str) -> bool:
    """Whether the unit reads the secret as an owner: its own, or its application's."""
    return row["owner"] in (f"unit:{unit}", f"app:{application}")


def may_manage(row: Row, unit: str, application: str, *, leader: bool) -> bool:
    return row["owner"] == f"unit:{unit}" or (leader and row["owner"] == f"app:{application}")


def by_label(store: Store, label: str, unit: str, application: str) -> str | None:
    """The secret that the unit knows by a label: an owner's label first, then the consumer's own."""
    owned = store.value(
        "SELECT id FROM secret WHERE label = ? AND owner IN (?, ?)", label, f"unit:{unit}", f"app:{application}"
    )
    return owned or store.value("SELECT secret FROM secret_consumer WHERE label = ? AND unit = ?", label, unit)


def content_for(
    store: Store, row: Row, unit: str, application: str, *, label: str = "", refresh: bool = False, peek: bool = False
) -> dict[str, str]:
    """What a unit sees: the revision it tracks, or with `peek` or `refresh` the latest; `refresh` tracks that one.

    Raises:
        ToolError: It was granted nothing, or the revision it tracks is gone.
    """
    identifier, owns = row["id"], owned_by(row, unit, application)
    granted = store.value(
        "SELECT 1 FROM secret_grant WHERE secret = ? AND grantee IN (?, ?)", identifier, unit, application
    )
    if not owns and not granted:
        raise ToolError("permission denied")
    latest = latest_revision(store, identifier)
    tracked = _track(store, identifier, unit, latest, "" if owns else label, refresh=refresh)
    content = read(store, identifier, latest if peek else tracked)
    if content is None:
        raise ToolError(f'secret "{identifier}" revision {tracked} not found')
    return content


def _track(store: Store, identifier: str, unit: str, latest: int, label: str, *, refresh: bool) -> int:
    store.run(
        "INSERT OR IGNORE INTO secret_consumer (secret, unit, revision, told) VALUES (?, ?, ?, ?)",
        *(identifier, unit, latest, latest),
    )
    mine = (identifier, unit)
    if label:
        store.run("UPDATE secret_consumer SET label = ? WHERE secret = ? AND unit = ?", label, *mine)
    if refresh:
        store.run(
            "UPDATE secret_consumer SET revision = ?, told = ? WHERE secret = ? AND unit = ?", latest, latest, *mine
        )
    return store.value("SELECT revision FROM secret_consumer WHERE secret = ? AND unit = ?", *mine)


def obsolete_revisions(store: Store, owner: str) -> list[tuple[str, int]]:
    """Revisions of an owner that nobody tracks any more, of which it has not been told."""
    rows = store.all(
        "SELECT secret, revision FROM secret_revision AS r JOIN secret ON secret.id = secret"
        " WHERE owner = ? AND told_remove = 0"
        " AND revision < (SELECT max(revision) FROM secret_revision WHERE secret = r.secret)"
        " AND NOT EXISTS (SELECT 1 FROM secret_consumer WHERE secret = r.secret AND revision = r.revision)"
        " ORDER BY secret, revision",
        owner,
    )
    return [(row["secret"], row["revision"]) for row in rows]

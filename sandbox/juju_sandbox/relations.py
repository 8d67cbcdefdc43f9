"""Relations and their databags."""

from collections.abc import Iterable, Mapping
from typing import cast

import yaml

from juju_sandbox.charm_files import Endpoint
from juju_sandbox.failures import SandboxError, ToolError
from juju_sandbox.store import Row, Store

Ends = Mapping[str, Endpoint]
OPPOSITE = {"requires": "provides", "provides": "requires"}


def split(text: str) -> tuple[str, str]:
    """``app:endpoint`` → its two parts; the second may be empty."""
    application, _, endpoint = text.partition(":")
    return application, endpoint


def match(
    left: tuple[str, Ends], right: tuple[str, Ends], wanted: tuple[str, str] = ("", "")
) -> tuple[Endpoint, Endpoint]:
    """The one pair of endpoints by which two applications can be related.

    Raises:
        SandboxError: No pair fits, or several do; the text names them.
    """
    pairs = [
        (one, two)
        for one in _candidates(left[1], wanted[0])
        for two in _candidates(right[1], wanted[1])
        if one.interface == two.interface and OPPOSITE.get(one.role) == two.role
    ]
    if not pairs:
        raise SandboxError(f"no relations found between {_name(left[0], wanted[0])} and {_name(right[0], wanted[1])}")
    if len(pairs) > 1:
        choices = "; ".join(f'"{left[0]}:{one.name} {right[0]}:{two.name}"' for one, two in pairs)
        raise SandboxError(f"ambiguous relation: {left[0]} and {right[0]} could refer to {choices}")
    return pairs[0]


def _candidates(ends: Ends, wanted: str) -> Iterable[Endpoint]:
    return [end for end in ends.values() if end.role != "peers" and wanted in ("", end.name)]


def _name(application: str, endpoint: str) -> str:
    return f'"{application}:{endpoint}"' if endpoint else f'"{application}"'


def add(store: Store, *ends: tuple[str, Endpoint]) -> int:
    """Makes a relation between one application (peers) or two.

    Raises:
        SandboxError: It exists already, or an endpoint's limit is reached.
    """
    for application, end in ends:
        _check_limit(store, application, end)
    if len(ends) == 2 and find(store, *((application, end.name) for application, end in ends)):
        names = " ".join(f"{application}:{end.name}" for application, end in ends)
        raise SandboxError(f'cannot add relation "{names}": relation already exists')
    number = store.insert("INSERT INTO relation (interface) VALUES (?)", ends[0][1].interface)
    for application, end in ends:
        store.run("INSERT INTO endpoint VALUES (?, ?, ?, ?)", number, application, end.name, end.role)
    return number


def _check_limit(store: Store, application: str, end: Endpoint) -> None:
    count = store.value(
        "SELECT count(*) FROM endpoint JOIN relation ON relation.id = relation"
        " WHERE application = ? AND endpoint.name = ? AND life = 'alive'",
        application,
        end.name,
    )
    if end.limit is not None and end.role != "peers" and count >= end.limit:
        raise SandboxError(
            f'cannot add relation: establishing a new relation for "{application}:{end.name}"'
            f" would exceed its maximum relation limit of {end.limit}"
        )


def find(store: Store, *ends: tuple[str, str]) -> int | None:
    """The living relation that has all these ends; an empty endpoint name fits any."""
    found: set[int] | None = None
    for application, endpoint in ends:
        ids = store.column(
            "SELECT relation FROM endpoint JOIN relation ON relation.id = relation"
            " WHERE application = ? AND ? IN ('', endpoint.name) AND life = 'alive' AND role != 'peers'",
            application,
            endpoint,
        )
        found = set(ids) if found is None else found & set(ids)
    return min(found) if found else None


def other_end(store: Store, relation: int, application: str) -> Row:
    """The end on the far side; for peers, one's own."""
    row = store.first(
        "SELECT * FROM endpoint WHERE relation = ? ORDER BY application = ? LIMIT 1", relation, application
    )
    assert row is not None
    return row


def read(store: Store, relation: int, owner: str) -> dict[str, str]:
    """A databag's content."""
    rows = store.all("SELECT key, value FROM datum WHERE relation = ? AND owner = ? ORDER BY key", relation, owner)
    return {row["key"]: row["value"] for row in rows}


def write(store: Store, relation: int, owner: str, values: Mapping[str, str]) -> bool:
    """Merges values into a databag; ``""`` deletes a key. Returns whether anything changed."""
    before = read(store, relation, owner)
    changed = {key: value for key, value in values.items() if before.get(key, "") != value}
    for key, value in changed.items():
        if value:
            store.run("INSERT OR REPLACE INTO datum VALUES (?, ?, ?, ?)", relation, owner, key, value)
        else:
            store.run("DELETE FROM datum WHERE relation = ? AND owner = ? AND key = ?", relation, owner, key)
    if changed:
        store.run(
            "INSERT INTO bag VALUES (?, ?, 1) ON CONFLICT (relation, owner) DO UPDATE SET version = version + 1",
            relation,
            owner,
        )
    return bool(changed)


def version(store: Store, relation: int, owner: str) -> int:
    return store.value("SELECT version FROM bag WHERE relation = ? AND owner = ?", relation, owner) or 0


def enter(store: Store, relation: int, unit: str, address: str) -> None:
    """A unit joins the relation's scope with an empty databag, into which Juju writes its addresses."""
    if not store.run("INSERT OR IGNORE INTO scope VALUES (?, ?)", relation, unit):
        return
    write(store, relation, unit, dict.fromkeys(read(store, relation, unit), ""))
    own = {"ingress-address": address, "private-address": address, "egress-subnets": f"{address}/32"}
    write(store, relation, unit, own)


def leave(store: Store, relation: int, unit: str) -> None:
    """A unit leaves; the last one takes a dying relation with it.

    Its databag stays for as long as the relation: who has not run relation-departed yet still reads it.
    """
    store.run("DELETE FROM scope WHERE relation = ? AND unit = ?", relation, unit)
    store.run("DELETE FROM seen WHERE relation = ? AND unit = ?", relation, unit)
    bury_if_empty(store, relation)


def bury_if_empty(store: Store, relation: int) -> None:
    dying = store.value("SELECT life FROM relation WHERE id = ?", relation) == "dying"
    if dying and not store.value("SELECT count(*) FROM scope WHERE relation = ?", relation):
        for table in ("endpoint", "seen", "datum", "bag", "secret_grant"):
            store.run(f"DELETE FROM {table} WHERE relation = ?", relation)  # noqa: S608 - the names stand above
        store.run("DELETE FROM relation WHERE id = ?", relation)


def parse_settings(text: str) -> dict[str, str]:
    """The mapping of strings that ``--file -`` brings, in JSON or YAML.

    Raises:
        ToolError: It is something else.
    """
    found = yaml.safe_load(text) or {}
    if not isinstance(found, dict):
        raise ToolError("cannot parse settings: expected a mapping of keys to strings")
    settings = cast("dict[object, object]", found)
    wrong = [key for key, value in settings.items() if not isinstance(value, str) or not isinstance(key, str)]
    if wrong:
        raise ToolError(f"cannot parse settings: the value of {wrong[0]!r} is not a string")
    return cast("dict[str, str]", settings)

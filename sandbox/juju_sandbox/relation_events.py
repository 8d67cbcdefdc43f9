"""The relation hooks that a unit has not run yet."""

from collections.abc import Iterator

from juju_sandbox import relations
from juju_sandbox.hooks import Hook
from juju_sandbox.store import Row, Store


def created(store: Store, unit: Row) -> Iterator[Hook]:
    """relation-created, once per living relation of the unit's application."""
    rows = _relations(store, unit, "r.life = 'alive' AND e.relation NOT IN (SELECT relation FROM scope WHERE unit = ?)")
    for row in rows:
        yield _hook(store, unit, row, "created")


def changes(store: Store, unit: Row) -> Iterator[Hook]:
    """joined, changed and departed of living relations; departed and broken of dying ones."""
    for row in _relations(store, unit, "e.relation IN (SELECT relation FROM scope WHERE unit = ?)"):
        if row["life"] == "alive":
            yield from _living(store, unit, row)
        else:
            yield from _parting(store, unit, row)


def farewells(store: Store, unit: Row) -> Iterator[Hook]:
    """What a dying unit runs before `stop`: it departs from everyone, then its relations are broken."""
    for row in _relations(store, unit, "e.relation IN (SELECT relation FROM scope WHERE unit = ?)"):
        yield from _parting(store, unit, row)


def _relations(store: Store, unit: Row, condition: str) -> list[Row]:
    statement = (
        "SELECT r.id, r.life, e.name, e.role FROM relation AS r JOIN endpoint AS e ON e.relation = r.id"  # noqa: S608
        f" WHERE e.application = ? AND {condition} ORDER BY e.role != 'peers', r.id"
    )
    return store.all(statement, unit["application"], unit["name"])


def _hook(store: Store, unit: Row, row: Row, kind: str, remote_unit: str = "", departing: str = "") -> Hook:
    return Hook(
        f"relation-{kind}",
        f"{row['name']}-relation-{kind}",
        relation=row["id"],
        endpoint=row["name"],
        remote_app=relations.other_end(store, row["id"], unit["application"])["application"],
        remote_unit=remote_unit,
        departing_unit=departing,
    )


def members(store: Store, relation: int, unit: str) -> list[str]:
    """The remote units that a unit has been told of."""
    return store.column(
        "SELECT member FROM seen WHERE relation = ? AND unit = ? AND member LIKE '%/%' ORDER BY member", relation, unit
    )


def _present(store: Store, unit: Row, row: Row) -> list[str]:
    remote = relations.other_end(store, row["id"], unit["application"])["application"]
    return store.column(
        "SELECT unit FROM scope WHERE relation = ? AND unit LIKE ? AND unit != ? ORDER BY unit",
        *(row["id"], f"{remote}/%", unit["name"]),
    )


def _living(store: Store, unit: Row, row: Row) -> Iterator[Hook]:
    known, present = members(store, row["id"], unit["name"]), _present(store, unit, row)
    for gone in sorted(set(known) - set(present)):
        yield _hook(store, unit, row, "departed", gone, departing=gone)
    for remote in present:
        if remote not in known:
            yield _hook(store, unit, row, "joined", remote)
        elif _news(store, row["id"], unit["name"], remote):
            yield _hook(store, unit, row, "changed", remote)
    application = relations.other_end(store, row["id"], unit["application"])["application"]
    if _news(store, row["id"], unit["name"], application):
        yield _hook(store, unit, row, "changed")


def _parting(store: Store, unit: Row, row: Row) -> Iterator[Hook]:
    for remote in members(store, row["id"], unit["name"]):
        leaving = unit["name"] if unit["life"] != "alive" else remote
        yield _hook(store, unit, row, "departed", remote, departing=leaving)
    yield _hook(store, unit, row, "broken")


def _news(store: Store, relation: int, unit: str, member: str) -> bool:
    return relations.version(store, relation, member) != (seen_version(store, relation, unit, member) or 0)


def seen_version(store: Store, relation: int, unit: str, member: str) -> int | None:
    return store.value(
        "SELECT version FROM seen WHERE relation = ? AND unit = ? AND member = ?", relation, unit, member
    )


def note(store: Store, unit: str, hook: Hook) -> None:
    """Records what a unit knows after one of these hooks has run well."""
    assert hook.relation is not None
    member = hook.remote_unit or hook.remote_app
    if hook.kind == "relation-joined":
        # Version -1 is never a bag's, so relation-changed follows whatever the bag holds.
        store.run("INSERT OR REPLACE INTO seen VALUES (?, ?, ?, -1)", hook.relation, unit, member)
    elif hook.kind == "relation-departed":
        store.run("DELETE FROM seen WHERE relation = ? AND unit = ? AND member = ?", hook.relation, unit, member)
    elif hook.kind == "relation-broken":
        relations.leave(store, hook.relation, unit)


def note_seen(store: Store, relation: int, unit: str, member: str, version: int) -> None:
    store.run("INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?)", relation, unit, member, version)

"""What statements say of their success to whoever keeps the audit trail."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from identity_server.audit.events import IDENTITY_CREATED, IDENTITY_UPDATED, RECOVERY_BY_ADMIN, SESSION_ISSUED
from identity_server.audit.facts import Fact

Rows = Sequence[Sequence[Any]]
Tells = Callable[[Mapping[str, Any], Rows], Iterable[Fact]]


def created(parameters: Mapping[str, Any], rows: Rows) -> list[Fact]:
    """An identity was inserted."""
    del rows
    return [Fact(IDENTITY_CREATED, parameters["id"])]


def updated(parameters: Mapping[str, Any], rows: Rows) -> list[Fact]:
    """An identity's own row was replaced."""
    del rows
    return [Fact(IDENTITY_UPDATED, parameters["id_"], state=parameters["state"])]


def part(name: str, owner: str, kind: str = "") -> Tells:
    """A part of an identity changed.

    Args:
        owner: the parameter that has the identity's id.
        kind: the parameter that says which one of its parts, if there are several.
    """

    def tell(parameters: Mapping[str, Any], rows: Rows) -> list[Fact]:
        del rows
        which = f"{name}.{parameters[kind]}" if kind else name
        return [Fact(IDENTITY_UPDATED, parameters[owner], changed=(which,))]

    return tell


def gone(event: str) -> Tells:
    """Identities were removed; the rows are their ids."""

    def tell(parameters: Mapping[str, Any], rows: Rows) -> list[Fact]:
        del parameters
        return [Fact(event, row[0]) for row in rows]

    return tell


def issued(parameters: Mapping[str, Any], rows: Rows) -> list[Fact]:
    """A session was inserted."""
    del rows
    return [Fact(SESSION_ISSUED, parameters["identity_id"], sessions=(parameters["id"],))]


def sessions(event: str) -> Tells:
    """Something happened to sessions; the rows are their ids with those of their identities."""

    def tell(parameters: Mapping[str, Any], rows: Rows) -> list[Fact]:
        del parameters
        return [Fact(event, row[1], sessions=(row[0],)) for row in rows]

    return tell


def way_in(method: str) -> Tells:
    """A code or link for an account was stored."""

    def tell(parameters: Mapping[str, Any], rows: Rows) -> list[Fact]:
        del rows
        if parameters["kind"] != "recovery" or not parameters["identity_id"]:
            return []
        return [Fact(RECOVERY_BY_ADMIN, parameters["identity_id"], flow_id=parameters["flow_id"] or "", method=method)]

    return tell

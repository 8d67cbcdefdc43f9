"""New identities in one statement, however many they are and whatever they bring along.

PostgreSQL takes the rows of all tables together: one round trip, which is also the transaction. A single identity goes
as plain values, which cost less; many go as arrays, whose statement is the same for any number.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ARRAY, CTE, Integer, Table, Text, bindparam, cast, func, insert, literal_column, select

from identity_server.audit.events import IDENTITY_CREATED
from identity_server.audit.facts import Fact
from identity_server.identity import document
from identity_server.identity.document import CredentialRow
from identity_server.storage import tables
from identity_server.storage.port import Call, Statement
from identity_server.storage.telling import Tells

Row = Mapping[str, Any]

#: The columns of each table that an identity fills.
COLUMNS: dict[Table, tuple[str, ...]] = {
    tables.identities: document.COLUMNS,
    tables.identity_credentials: ("identity_id", *CredentialRow._fields),
    tables.identity_identifiers: ("type", "identifier", "identity_id"),
    tables.identity_addresses: ("kind", "via", "value", "address_id", "identity_id"),
}
#: Up to so many rows of each table go as values; every combination is a statement of its own.
_MOST_VALUES = 4


def together(rows: Mapping[Table, Sequence[Row]]) -> Call:
    """The call that inserts the rows of all tables, for PostgreSQL alone."""
    counts = tuple(len(rows[table]) for table in COLUMNS)
    return _as_values(rows, counts) if max(counts) <= _MOST_VALUES else _as_arrays(rows)


def _as_values(rows: Mapping[Table, Sequence[Row]], counts: tuple[int, ...]) -> Call:
    statement, places = _values(counts)
    return statement(**{key: rows[table][at][name] for key, table, at, name in places})


def _as_arrays(rows: Mapping[Table, Sequence[Row]]) -> Call:
    statement, places = _arrays()
    return statement(**{key: [row[name] for row in rows[table]] for key, table, name in places})


@cache
def _values(counts: tuple[int, ...]) -> tuple[Statement, list[tuple[str, Table, int, str]]]:
    places = [
        (f"{table.name}_{at}_{name}", table, at, name)
        for (table, names), count in zip(COLUMNS.items(), counts, strict=True)
        for at in range(count)
        for name in names
    ]
    parts = [
        insert(table)
        .values([{name: bindparam(f"{table.name}_{at}_{name}") for name in names} for at in range(count)])
        .cte(f"new_{table.name}")
        for (table, names), count in zip(COLUMNS.items(), counts, strict=True)
        if count
    ]
    owners = [key for key, table, _, name in places if table is tables.identities and name == "id"]
    return _combined(parts, lambda values, _: [Fact(IDENTITY_CREATED, values[key]) for key in owners]), places


@cache
def _arrays() -> tuple[Statement, list[tuple[str, Table, str]]]:
    places = [(f"{table.name}_{name}", table, name) for table, names in COLUMNS.items() for name in names]
    parts: list[CTE] = []
    for table, names in COLUMNS.items():
        arrays = [func.unnest(cast(bindparam(f"{table.name}_{name}"), ARRAY(_kind(table, name)))) for name in names]
        parts.append(insert(table).from_select(list(names), select(*arrays)).cte(f"new_{table.name}"))
    owners = f"{tables.identities.name}_id"
    return _combined(parts, lambda values, _: [Fact(IDENTITY_CREATED, owner) for owner in values[owners]]), places


def _kind(table: Table, name: str) -> type[Integer] | type[Text]:
    return Integer if isinstance(table.c[name].type, Integer) else Text


def _combined(parts: Sequence[CTE], tells: Tells) -> Statement:
    # Foreign keys are checked at the end of a statement, so the parts may run in any order.
    return Statement(select(literal_column("1")).add_cte(*parts), writes=True, tells=tells)

"""Many rows in few statements."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, insert
from sqlalchemy.sql import Insert

from identity_server.storage.port import Call, Statement

CHUNK = 50
_CHUNKED: dict[str, Statement] = {}


def _chunked(single: Insert, names: Sequence[str]) -> Statement:
    table: Any = single.table
    statement = _CHUNKED.get(table.name)
    if statement is None:
        values = [{name: bindparam(f"{name}_{at}") for name in names} for at in range(CHUNK)]
        statement = _CHUNKED[table.name] = Statement(insert(table).values(values))
    return statement


def chunks(single: Statement, rows: Sequence[Mapping[str, Any]]) -> Iterator[Call]:
    """Calls that insert all rows: as many as fit together, the rest one by one.

    Args:
        single: an insert of one row.
        rows: all with the same names.
    """
    at = 0
    while len(rows) - at >= CHUNK:
        part = rows[at : at + CHUNK]
        values = {f"{name}_{spot}": value for spot, row in enumerate(part) for name, value in row.items()}
        yield _chunked(single.clause, list(part[0]))(**values)  # type: ignore[arg-type]
        at += CHUNK
    for row in rows[at:]:
        yield single(**row)

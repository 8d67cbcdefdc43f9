"""Many rows in few statements."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, insert

from identity_server.audit.facts import Fact
from identity_server.storage.port import Call, Rows, Statement
from identity_server.storage.telling import Tells

CHUNK = 50
_CHUNKED: dict[str, Statement] = {}


def _chunked(single: Statement, names: Sequence[str]) -> Statement:
    clause: Any = single.clause
    table: Any = clause.table
    statement = _CHUNKED.get(table.name)
    if statement is None:
        values = [{name: bindparam(f"{name}_{at}") for name in names} for at in range(CHUNK)]
        statement = _CHUNKED[table.name] = Statement(insert(table).values(values), tells=_each(single, names))
    return statement


def _each(single: Statement, names: Sequence[str]) -> Tells | None:
    tells = single.tells
    if tells is None:
        return None

    def tell(parameters: Mapping[str, Any], rows: Rows) -> Iterator[Fact]:
        for at in range(CHUNK):
            yield from tells({name: parameters[f"{name}_{at}"] for name in names}, rows)

    return tell


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
        yield _chunked(single, list(part[0]))(**values)
        at += CHUNK
    for row in rows[at:]:
        yield single(**row)

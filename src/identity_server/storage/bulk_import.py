"""Identities by the thousand: stored together with a note of how far the import is, so that none is stored twice.

PostgreSQL takes them by COPY. A name that is taken ends the whole statement without saying whose it was; the names are
looked up then, the rows that have them are left out, and the rest goes in again.
"""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ARRAY, Table, Text, any_, bindparam, cast, delete, func, insert, select
from sqlalchemy.sql import ColumnElement

from identity_server.errors import Conflict
from identity_server.identity.document import dump
from identity_server.identity.model import Identity
from identity_server.storage import tables
from identity_server.storage.identities import Identities
from identity_server.storage.inserting import COLUMNS
from identity_server.storage.port import Call, Database, Operation, Statement
from identity_server.storage.postgres import PostgresDatabase

#: Others may take names while we look; each round leaves out what they took.
ATTEMPTS = 5
_S = tables.settings_values
_READ = Statement(select(_S.c.value).where(_S.c.name == bindparam("name")))
_FORGET = Statement(delete(_S).where(_S.c.name == bindparam("key")))
_NOTE = Statement(insert(_S))

#: A name in a table: which kind of name it is, and the name.
Key = tuple[str, ...]
#: What is noted with a batch, given the places that are refused and why.
Note = Callable[[Mapping[int, str]], str]


class BulkStore:
    """Where an import goes.

    Args:
        database: PostgreSQL or SQLite.
        identities: knows how identities become rows.
    """

    def __init__(self, database: Database, identities: Identities) -> None:
        self._database = database
        self._identities = identities

    async def noted(self, name: str) -> str:
        """What an import noted under its name; nothing when there is no such import."""
        rows = await self._database.fetch(_READ(name=name))
        return str(rows[0][0]) if rows else ""

    async def forget(self, name: str) -> None:
        """Removes the note of an import that is done."""
        await self._database.fetch(_FORGET(key=name))

    async def store(self, batch: Sequence[Identity], name: str, note: Note) -> dict[int, str]:
        """Stores what can be stored, and the note with it; all at once or nothing.

        Args:
            name: of the import; empty for one that cannot be resumed.
            note: the note's text, given the places of the batch that are refused and why.

        Returns:
            Why a place of the batch was refused.

        Raises:
            Conflict: when others take names faster than they can be looked up.
        """
        refused: dict[int, str] = {}
        for _ in range(ATTEMPTS):
            kept = [each for place, each in enumerate(batch) if place not in refused]
            calls = [_FORGET(key=name), _NOTE(name=name, value=note(refused))] if name else []
            try:
                await self._write(kept, calls)
            except Conflict as conflict:
                taken = await self.taken(batch)
                found = taken | self._twins(batch, taken)
                if found.keys() == refused.keys():
                    raise Conflict(conflict.constraint) from None
                refused = found
            else:
                return refused
        raise Conflict("a name that others keep taking")

    async def _write(self, batch: Sequence[Identity], calls: Sequence[Call]) -> None:
        rows = self._identities.rows(batch)
        if isinstance(self._database, PostgresDatabase):
            copies = [
                (table.name, names, [tuple(row[name] for name in names) for row in rows[table]])
                for table, names in COLUMNS.items()
            ]
            await self._database.copy(copies, calls)
        else:
            await self._database.run(self._inserting(batch, calls))

    def _inserting(self, batch: Sequence[Identity], calls: Sequence[Call]) -> Operation:
        yield from self._identities.inserting(batch)
        for call in calls:  # noqa: UP028 - rows are sent to a generator, which a list is not
            yield call

    async def taken(self, batch: Sequence[Identity]) -> dict[int, str]:
        """Which places of a batch have a name that the database knows already, and which name it is."""
        keys = [list(self._keys(each)) for each in batch]
        wanted: dict[tuple[str, ...], list[str]] = {}
        for key in (key for each in keys for key in each):
            wanted.setdefault(key[:-1], []).append(key[-1])
        owners: dict[Key, str] = {}
        for kind, names in wanted.items():
            listed = names if self._database.dialect == "postgresql" else dump(names)
            call = _owners(kind[0], self._database.dialect)(names=listed, **_more(kind))
            owners |= {(*kind, row[0]): row[1] for row in await self._database.fetch(call)}
        return {
            place: f"{words(key)} belongs to the identity {owners[key]} already."
            for place, each in reversed(list(enumerate(keys)))
            for key in reversed(each)
            if key in owners
        }

    def _twins(self, batch: Sequence[Identity], left_out: Container[int]) -> dict[int, str]:
        """Places whose name another place in front of them has."""
        seen: set[Key] = set()
        refused: dict[int, str] = {}
        for place, identity in enumerate(batch):
            if place in left_out:
                continue
            keys = self.keys(identity)
            if seen.isdisjoint(keys):
                seen.update(keys)
            else:
                refused[place] = twin(next(key for key in keys if key in seen))
        return refused

    def keys(self, identity: Identity) -> list[Key]:
        """Every name that must belong to one identity alone."""
        return list(self._keys(identity))

    def _keys(self, identity: Identity) -> Iterator[Key]:
        yield "id", identity.id
        if identity.external_id is not None:
            yield "external_id", identity.external_id
        for kind, identifier in self._identities.names(identity):
            yield "identifier", kind, identifier
        for (kind, via, value), address_id in self._identities.addresses(identity).items():
            yield "address", kind, via, value
            yield "address_id", kind, address_id


def twin(key: Key) -> str:
    """Why a row is refused whose name is another row's."""
    return f"{words(key)} belongs to a row in front of this one."


def words(key: Key) -> str:
    """A name as a report has it."""
    match key:
        case ("identifier", kind, name):
            return f"The identifier {name!r} ({kind})"
        case ("address", kind, _, value):
            return f"The {kind} address {value!r}"
        case ("address_id", _, value):
            return f"The id of an address, {value!r},"
        case (kind, value):
            return f"The {kind.replace('_', ' ')} {value!r}"
        case _:
            return "A name"


def _more(kind: Key) -> dict[str, str]:
    match kind:
        case ("identifier", type_):
            return {"type": type_}
        case ("address", kind_, via):
            return {"kind": kind_, "via": via}
        case ("address_id", kind_):
            return {"kind": kind_}
        case _:
            return {}


@cache
def _owners(kind: str, dialect: str) -> Statement:
    identities, found, addresses = tables.identities, tables.identity_identifiers, tables.identity_addresses
    match kind:
        case "id":
            return Statement(select(identities.c.id, identities.c.id).where(_among(identities.c.id, dialect)))
        case "external_id":
            return Statement(
                select(identities.c.external_id, identities.c.id).where(_among(identities.c.external_id, dialect))
            )
        case "identifier":
            return Statement(
                select(found.c.identifier, found.c.identity_id).where(
                    found.c.type == bindparam("type"), _among(found.c.identifier, dialect)
                )
            )
        case "address":
            return _of_addresses(addresses, addresses.c.via == bindparam("via"), "value", dialect)
        case _:
            return _of_addresses(addresses, None, "address_id", dialect)


def _of_addresses(addresses: Table, condition: Any, column: str, dialect: str) -> Statement:
    conditions = [addresses.c.kind == bindparam("kind"), _among(addresses.c[column], dialect)]
    if condition is not None:
        conditions.append(condition)
    return Statement(select(addresses.c[column], addresses.c.identity_id).where(*conditions))


def _among(column: ColumnElement[str], dialect: str) -> ColumnElement[bool]:
    """Whether a column holds one of ``names``: an array for PostgreSQL, which probes its index for each; else JSON."""
    names = bindparam("names")
    if dialect == "postgresql":
        return column == any_(cast(names, ARRAY(Text)))
    return column.in_(select(func.json_each(names).table_valued("value").c.value))

"""API keys in the database: a part of the identity's credentials, found by their ids like any other identifier."""

from collections.abc import Callable, Sequence
from typing import Any

import orjson
from sqlalchemy import bindparam, delete, insert, join, literal_column, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import ClauseElement

from identity_server import times
from identity_server.audit.events import API_KEY_CREATED, API_KEY_REVOKED
from identity_server.audit.facts import Fact
from identity_server.identity import api_keys
from identity_server.identity.api_keys import MOST_KEYS, TYPE, ApiKey, TooManyKeys
from identity_server.identity.document import dump
from identity_server.storage import tables
from identity_server.storage.identities import IDENTITY
from identity_server.storage.port import Database, Operation, Row, Rows, Statement
from identity_server.times import Timestamp

#: Uses of one key closer together than this are noted once.
NOTED_EVERY_SECONDS = 60
#: Keys whose use this process remembers to have noted.
MOST_NOTED = 10_000
_I = tables.identities
_C = tables.identity_credentials
_N = tables.identity_identifiers
_U = tables.api_key_uses
_KIND = literal_column(f"'{TYPE}'")

_BY_KEY = Statement(
    select(*IDENTITY, _C.c.config, _U.c.last_used_at)
    .select_from(
        join(_N, _I, _I.c.id == _N.c.identity_id)
        .join(_C, (_C.c.identity_id == _I.c.id) & (_C.c.type == _KIND))
        .join(_U, _U.c.key_id == _N.c.identifier, isouter=True)
    )
    .where(_N.c.type == _KIND, _N.c.identifier == bindparam("key_id"))
)
_OF_IDENTITY = Statement(
    select(_I.c.id, _C.c.config, _U.c.key_id, _U.c.last_used_at)
    .select_from(
        join(_I, _C, (_C.c.identity_id == _I.c.id) & (_C.c.type == _KIND), isouter=True).join(
            _U, _U.c.identity_id == _I.c.id, isouter=True
        )
    )
    .where(_I.c.id == bindparam("owner"))
)
_LOCK = Statement(select(_I.c.id).where(_I.c.id == bindparam("owner")).with_for_update(), writes=True)
_READ = Statement(select(_C.c.config).where(_C.c.identity_id == bindparam("owner"), _C.c.type == _KIND), writes=True)
_INSERT = Statement(insert(_C))
_UPDATE = Statement(
    update(_C)
    .where(_C.c.identity_id == bindparam("owner"), _C.c.type == _KIND)
    .values(identifiers=bindparam("identifiers"), config=bindparam("config"), updated_at=bindparam("now"))
)
_DELETE = Statement(delete(_C).where(_C.c.identity_id == bindparam("owner"), _C.c.type == _KIND))
_INSERT_NAME = Statement(
    insert(_N),
    tells=lambda values, _: [Fact(API_KEY_CREATED, values["identity_id"], credential_id=values["identifier"])],
)
_DELETE_NAME = Statement(
    delete(_N)
    .where(_N.c.type == _KIND, _N.c.identifier == bindparam("key_id"))
    .returning(_N.c.identity_id, _N.c.identifier),
    tells=lambda _, rows: [Fact(API_KEY_REVOKED, row[0], credential_id=row[1]) for row in rows],
)
_FORGET = Statement(delete(_U).where(_U.c.key_id == bindparam("key_id")))


def _noting(insert: Callable[..., Any]) -> ClauseElement:
    """Nothing is noted of a key that is gone."""
    owner = select(_N.c.identifier, _N.c.identity_id, bindparam("now")).where(
        _N.c.type == _KIND, _N.c.identifier == bindparam("key_id")
    )
    statement = insert(_U).from_select(["key_id", "identity_id", "last_used_at"], owner)
    return statement.on_conflict_do_update(
        index_elements=[_U.c.key_id], set_={"last_used_at": statement.excluded.last_used_at}
    )


_NOTE = {
    "sqlite": Statement(_noting(sqlite.insert), writes=True),
    "postgresql": Statement(_noting(postgresql.insert), writes=True),
}


class ApiKeys:
    """The store of API keys."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._noted: dict[str, Timestamp] = {}

    async def owner_of(self, key_id: str) -> tuple[Row, ApiKey] | None:
        """The identity that a key belongs to, as its columns, and the key, in one statement."""
        rows = await self._database.fetch(_BY_KEY(key_id=key_id))
        if not rows:
            return None
        *identity, config, used_at = rows[0]
        keys = api_keys.of_config(orjson.loads(config), {key_id: used_at})
        return next(((identity, key) for key in keys if key.id == key_id), None)

    async def of(self, identity_id: str) -> list[ApiKey] | None:
        """An identity's keys, the oldest first; None when there is no such identity."""
        rows = await self._database.fetch(_OF_IDENTITY(owner=identity_id))
        if not rows:
            return None
        return api_keys.of_config(orjson.loads(rows[0][1] or "{}"), {row[2]: row[3] for row in rows})

    async def add(self, identity_id: str, key: ApiKey) -> bool:
        """Gives an identity a key; False when there is no such identity.

        Raises:
            TooManyKeys: when it has as many as it may.
        """
        return bool(await self._database.run(self._adding(identity_id, key)))

    def _adding(self, identity_id: str, key: ApiKey) -> Operation:
        found: Rows = yield _LOCK(owner=identity_id)
        if not found:
            return False
        rows: Rows = yield _READ(owner=identity_id)
        keys = [*_keys(rows), key]
        if len(keys) > MOST_KEYS:
            raise TooManyKeys
        values = _values(keys)
        if rows:
            yield _UPDATE(owner=identity_id, now=key.created_at, **values)
        else:
            times = {"created_at": key.created_at, "updated_at": key.created_at}
            yield _INSERT(identity_id=identity_id, type=TYPE, version=0, **times, **values)
        yield _INSERT_NAME(type=TYPE, identifier=key.id, identity_id=identity_id)
        return True

    async def revoke(self, identity_id: str, key_id: str, now: Timestamp) -> bool:
        """Takes a key away; False when the identity does not have it."""
        return bool(await self._database.run(self._revoking(identity_id, key_id, now)))

    def _revoking(self, identity_id: str, key_id: str, now: Timestamp) -> Operation:
        yield _LOCK(owner=identity_id)
        rows: Rows = yield _READ(owner=identity_id)
        keys = _keys(rows)
        kept = [key for key in keys if key.id != key_id]
        if len(kept) == len(keys):
            return False
        if kept:
            yield _UPDATE(owner=identity_id, now=now, **_values(kept))
        else:
            yield _DELETE(owner=identity_id)
        yield _DELETE_NAME(key_id=key_id)
        yield _FORGET(key_id=key_id)
        return True

    def is_news(self, key: ApiKey, now: Timestamp) -> bool:
        """Whether a use is to be noted: none was for a minute, neither in the database nor by this process."""
        known = max(key.last_used_at or "", self._noted.get(key.id, ""))
        if known and times.seconds_between(known, now) < NOTED_EVERY_SECONDS:
            return False
        if len(self._noted) >= MOST_NOTED:
            self._noted.clear()
        self._noted[key.id] = now
        return True

    async def note_use(self, key_id: str, now: Timestamp) -> None:
        """Notes that a key was used."""
        await self._database.fetch(_NOTE[self._database.dialect](key_id=key_id, now=now))


def _keys(rows: Rows) -> list[ApiKey]:
    return api_keys.of_config(orjson.loads(rows[0][0])) if rows else []


def _values(keys: Sequence[ApiKey]) -> dict[str, str]:
    return {"identifiers": dump([key.id for key in keys]), "config": dump(api_keys.config_of(keys))}

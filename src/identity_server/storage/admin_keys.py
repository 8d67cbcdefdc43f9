"""Admin keys in the database: names and digests, never keys."""

import time
from collections.abc import Callable

import orjson
from sqlalchemy import bindparam, delete, insert, select

from identity_server.access.keys import AdminKey
from identity_server.storage import tables
from identity_server.storage.port import Database, Row, Statement

#: How long a list of keys is believed; a revoked key works no longer than this.
BELIEVED_SECONDS = 1.0
_K = tables.admin_keys
_COLUMNS = (_K.c.name, _K.c.key_hash, _K.c.scopes, _K.c.expires_at, _K.c.created_at)
_ALL = Statement(select(*_COLUMNS).order_by(_K.c.name))
_INSERT = Statement(insert(_K))
_DELETE = Statement(delete(_K).where(_K.c.name == bindparam("name")).returning(_K.c.name))


def _key(row: Row) -> AdminKey:
    return AdminKey(row[0], row[1], tuple(orjson.loads(row[2])), row[3], row[4])


class StoredAdminKeys:
    """The store of admin keys, with a list that is read anew every second."""

    def __init__(self, database: Database, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._monotonic = monotonic
        self._known: list[AdminKey] = []
        self._read_at = float("-inf")

    async def recent(self) -> list[AdminKey]:
        """All keys, as they were at most a second ago.

        Raises:
            StorageUnavailable: when they cannot be read; nobody is let in by a database that is away.
        """
        now = self._monotonic()
        if now - self._read_at >= BELIEVED_SECONDS:
            self._known = await self.all()
            self._read_at = now
        return self._known

    async def all(self) -> list[AdminKey]:
        """All keys by name."""
        return [_key(row) for row in await self._database.fetch(_ALL())]

    async def add(self, key: AdminKey) -> None:
        """Keeps a new key.

        Raises:
            Conflict: when its name is taken.
        """
        await self._database.fetch(
            _INSERT(
                name=key.name,
                key_hash=key.key_hash,
                scopes=orjson.dumps(list(key.scopes)).decode(),
                expires_at=key.expires_at,
                created_at=key.created_at,
            )
        )

    async def revoke(self, name: str) -> bool:
        """Removes a key; False when there is none of this name."""
        return bool(await self._database.fetch(_DELETE(name=name)))

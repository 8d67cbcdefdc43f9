"""Calls of hooks that nobody waits for, kept until they are taken; sealed when a cipher is configured."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Integer, bindparam, delete, insert, select, update

from identity_server.ciphers import at_rest
from identity_server.ciphers.cipher import Cipher
from identity_server.storage import tables
from identity_server.storage.port import Database, Statement
from identity_server.times import Timestamp

_T = tables.hook_calls
_INSERT = Statement(insert(_T))
_DUE = Statement(select(_T.c.id).where(_T.c.due_at <= bindparam("now")).limit(1))
_CLAIMED = (
    select(_T.c.id)
    .where(_T.c.due_at <= bindparam("now"))
    .order_by(_T.c.due_at, _T.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
    .cte("claimed")
)
_CLAIM = Statement(
    update(_T)
    .where(_T.c.id.in_(select(_CLAIMED.c.id)))
    .values(due_at=bindparam("until"))
    .returning(_T.c.id, _T.c.sealed, _T.c.attempts, _T.c.created_at)
)
_LATER = Statement(
    update(_T)
    .where(_T.c.id == bindparam("call_id"))
    .values(due_at=bindparam("due"), attempts=bindparam("tried", type_=Integer))
)
_DONE = Statement(delete(_T).where(_T.c.id == bindparam("call_id")))


@dataclass(frozen=True)
class StoredCall:
    """A call that is due again.

    Attributes:
        sealed: what ``HookCalls.opened`` reads.
        attempts: how often it was tried in vain.
    """

    id: str
    sealed: str
    attempts: int
    created_at: Timestamp


class HookCalls:
    """The calls that are not over yet."""

    def __init__(self, database: Database, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher

    async def put(
        self, call_id: str, config: Mapping[str, Any], ctx: Mapping[str, Any], now: Timestamp, due_at: Timestamp
    ) -> None:
        """Keeps a call; where nothing is sealed, without the cookies of the request, which open sessions.

        Args:
            due_at: from when on somebody else may take it up.
        """
        text = orjson.dumps({"config": dict(config), "ctx": dict(ctx)}).decode()
        sealed = at_rest.sealed(self._cipher, text)
        if sealed == text:
            sealed = orjson.dumps({"config": dict(config), "ctx": {**ctx, "request_cookies": {}}}).decode()
        await self._database.fetch(_INSERT(id=call_id, sealed=sealed, attempts=0, due_at=due_at, created_at=now))

    def opened(self, call: StoredCall) -> tuple[dict[str, Any], dict[str, Any]]:
        """The hook's configuration and the values of its template.

        Raises:
            Unreadable: when no secret opens it any more.
        """
        kept = orjson.loads(at_rest.opened(self._cipher, call.sealed))
        return kept["config"], kept["ctx"]

    async def claim(self, now: Timestamp, until: Timestamp, most: int) -> list[StoredCall]:
        """Calls that are due; nobody else gets them before ``until``."""
        # Mostly there is nothing, and looking takes no lock.
        if not await self._database.fetch(_DUE(now=now)):
            return []
        return [StoredCall(*row) for row in await self._database.fetch(_CLAIM(now=now, until=until, most=most))]

    async def later(self, call_id: str, due_at: Timestamp, attempts: int) -> None:
        """Puts a call off."""
        await self._database.fetch(_LATER(call_id=call_id, due=due_at, tried=attempts))

    async def done(self, call_id: str) -> None:
        """Forgets a call that was taken, or given up."""
        await self._database.fetch(_DONE(call_id=call_id))

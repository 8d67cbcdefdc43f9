"""Sessions in the database, found by a digest of their token: who reads the database cannot use them."""

import hashlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, join, select, update

from identity_server.audit.events import SESSION_CHANGED, SESSION_EXTENDED, SESSION_REVOKED
from identity_server.session import document
from identity_server.session.model import Session
from identity_server.storage import tables, telling
from identity_server.storage.identities import IDENTITY
from identity_server.storage.port import Database, Operation, Row, Rows, Statement

_S = tables.sessions
_I = tables.identities
SESSION = tuple(_S.c[name] for name in document.COLUMNS)
_JOINED = join(_S, _I, _S.c.identity_id == _I.c.id)

#: What statements return of the sessions that they change.
_WHOSE = (_S.c.id, _S.c.identity_id)

_BY_TOKEN = Statement(
    select(*SESSION, *IDENTITY).select_from(_JOINED).where(_S.c.token_hash == bindparam("token_hash"))
)
_BY_ID = Statement(select(*SESSION, *IDENTITY).select_from(_JOINED).where(_S.c.id == bindparam("id")))
_INSERT = Statement(insert(_S), tells=telling.issued)
_UPDATE = Statement(
    update(_S)
    .where(_S.c.id == bindparam("id_"))
    .values({name: bindparam(name) for name in document.COLUMNS if name not in ("id", "identity_id", "created_at")})
    .returning(*_WHOSE),
    tells=telling.sessions(SESSION_CHANGED),
)
_DEACTIVATE = Statement(
    update(_S).where(_S.c.id == bindparam("id_")).values(active=0, updated_at=bindparam("now")).returning(*_WHOSE),
    tells=telling.sessions(SESSION_REVOKED),
)
_DEACTIVATE_OTHERS = Statement(
    update(_S)
    .where(_S.c.identity_id == bindparam("owner"), _S.c.id != bindparam("kept"), _S.c.active == 1)
    .values(active=0, updated_at=bindparam("now"))
    .returning(*_WHOSE),
    tells=telling.sessions(SESSION_REVOKED),
)
_DELETE_OF_IDENTITY = Statement(
    delete(_S).where(_S.c.identity_id == bindparam("owner")).returning(*_WHOSE),
    tells=telling.sessions(SESSION_REVOKED),
)
_EXTEND = Statement(
    update(_S)
    .where(_S.c.id == bindparam("id_"), _S.c.expires_at <= bindparam("until"))
    .values(expires_at=bindparam("expires"), updated_at=bindparam("now"))
    .returning(*_WHOSE),
    tells=telling.sessions(SESSION_EXTENDED),
)
_OF_IDENTITY = (
    select(*SESSION, *IDENTITY)
    .select_from(_JOINED)
    .where(_S.c.identity_id == bindparam("owner"))
    .order_by(_S.c.created_at.desc(), _S.c.id)
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)
_COUNT_OF_IDENTITY = select(func.count()).select_from(_S).where(_S.c.identity_id == bindparam("owner"))
_LIVE = (_S.c.active == 1) & (_S.c.expires_at > bindparam("now"))
_DEAD = (_S.c.active == 0) | (_S.c.expires_at <= bindparam("now"))
_OF = {
    None: (Statement(_OF_IDENTITY), Statement(_COUNT_OF_IDENTITY)),
    True: (Statement(_OF_IDENTITY.where(_LIVE)), Statement(_COUNT_OF_IDENTITY.where(_LIVE))),
    False: (Statement(_OF_IDENTITY.where(_DEAD)), Statement(_COUNT_OF_IDENTITY.where(_DEAD))),
}
_OTHERS = (_S.c.identity_id == bindparam("owner")) & (_S.c.id != bindparam("kept"))
_PAGE_OF_OTHERS = Statement(
    select(*SESSION, *IDENTITY)
    .select_from(_JOINED)
    .where(_OTHERS, _LIVE)
    .order_by(_S.c.created_at.desc(), _S.c.id)
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)
_COUNT_OF_OTHERS = Statement(select(func.count()).select_from(_S).where(_OTHERS, _LIVE))
_COUNT_OF_ALL_OTHERS = Statement(select(func.count()).select_from(_S).where(_OTHERS))
_DEACTIVATE_OWN = Statement(
    update(_S)
    .where(_S.c.id == bindparam("id_"), _S.c.identity_id == bindparam("owner"), _S.c.active == 1)
    .values(active=0, updated_at=bindparam("now"))
    .returning(*_WHOSE),
    tells=telling.sessions(SESSION_REVOKED),
)


def token_hash(token: str) -> str:
    """What the database knows of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


class Sessions:
    """The store of sessions; rows are a session's columns followed by its identity's."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def row_by_token(self, token: str) -> Row | None:
        """A session and its identity by the session's secret, in one statement."""
        rows = await self._database.fetch(_BY_TOKEN(token_hash=token_hash(token)))
        return rows[0] if rows else None

    async def row_by_id(self, session_id: str) -> Row | None:
        """A session and its identity."""
        rows = await self._database.fetch(_BY_ID(id=session_id))
        return rows[0] if rows else None

    async def insert(self, session: Session) -> None:
        """Stores a new session under its token's digest."""
        await self._database.run(self.inserting(session))

    def inserting(self, session: Session) -> Operation:
        """The operation that stores a new session."""
        yield _INSERT(token_hash=token_hash(session.token), **self._values(session))

    def updating(self, session: Session) -> Operation:
        """The operation that stores what changed about a session; its token and owner stay."""
        values = self._values(session)
        del values["id"], values["identity_id"], values["created_at"]
        yield _UPDATE(id_=session.id, **values)

    async def update(self, session: Session) -> None:
        """Stores what changed about a session."""
        await self._database.run(self.updating(session))

    @staticmethod
    def _values(session: Session) -> dict[str, Any]:
        return dict(zip(document.COLUMNS, document.session_row(session), strict=True))

    async def deactivate(self, session_id: str, now: str) -> bool:
        """Ends a session and keeps its row; False when there is none."""
        return bool(await self._database.fetch(_DEACTIVATE(id_=session_id, now=now)))

    async def deactivate_others(self, identity_id: str, kept: str, now: str) -> int:
        """Ends all sessions of an identity but one, and says how many."""
        return len(await self._database.fetch(_DEACTIVATE_OTHERS(owner=identity_id, kept=kept, now=now)))

    async def end_others(self, identity_id: str, kept: str, now: str) -> int:
        """The same, but says how many others there are, those that had ended before included."""

        def both() -> Operation:
            yield _DEACTIVATE_OTHERS(owner=identity_id, kept=kept, now=now)
            total = yield _COUNT_OF_ALL_OTHERS(owner=identity_id, kept=kept)
            return int(total[0][0])

        return await self._database.run(both())

    async def end_own(self, session_id: str, identity_id: str, now: str) -> bool:
        """Ends a session when it belongs to an identity; False when nothing was ended."""
        return bool(await self._database.fetch(_DEACTIVATE_OWN(id_=session_id, owner=identity_id, now=now)))

    async def page_of_others(
        self, identity_id: str, kept: str, *, limit: int, offset: int, now: str
    ) -> tuple[Sequence[Row], int]:
        """A page of an identity's usable sessions but one, newest first, and how many there are in all."""

        def both() -> Operation:
            rows: Rows = yield _PAGE_OF_OTHERS(owner=identity_id, kept=kept, limit=limit, offset=offset, now=now)
            total = yield _COUNT_OF_OTHERS(owner=identity_id, kept=kept, now=now)
            return rows, int(total[0][0])

        return await self._database.run(both())

    async def delete_of(self, identity_id: str) -> int:
        """Removes all sessions of an identity, and says how many."""
        return len(await self._database.fetch(_DELETE_OF_IDENTITY(owner=identity_id)))

    async def extend(self, session_id: str, *, expires_at: str, only_if_before: str, now: str) -> bool:
        """Moves the end of a session that ends before a time; False when it ends later or does not exist."""
        call = _EXTEND(id_=session_id, expires=expires_at, until=only_if_before, now=now)
        return bool(await self._database.fetch(call))

    async def page_of(
        self, identity_id: str, *, active: bool | None, limit: int, offset: int, now: str
    ) -> tuple[Sequence[Row], int]:
        """A page of an identity's sessions, newest first, and how many there are in all."""
        page, count = _OF[active]
        extra = {} if active is None else {"now": now}

        def both() -> Operation:
            rows: Rows = yield page(owner=identity_id, limit=limit, offset=offset, **extra)
            total = yield count(owner=identity_id, **extra)
            return rows, int(total[0][0])

        return await self._database.run(both())

"""Session token exchanges: an app trades two codes, one from each end of a browser's detour, for its token."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, insert, select, update

from identity_server.storage import tables
from identity_server.storage.port import Database, Statement
from identity_server.times import Timestamp

_X = tables.session_token_exchanges
_F = tables.selfservice_flows


def digest(code: str) -> str:
    """What the database knows of a code."""
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class Exchange:
    """An exchange in progress.

    Attributes:
        sealed_token: the session's token, sealed for this exchange; None before the sign-in is complete.
    """

    id: str
    flow_id: str
    session_id: str | None
    sealed_token: str | None


_INSERT = Statement(insert(_X))
_COLUMNS = (_X.c.id, _X.c.flow_id, _X.c.session_id, _X.c.sealed_token)
_BY_FLOW = Statement(select(*_COLUMNS).where(_X.c.flow_id == bindparam("flow_id")))
_BY_CODES = Statement(
    select(*_COLUMNS)
    .join(_F, _F.c.id == _X.c.flow_id)
    .where(
        _X.c.init_code_hash == bindparam("init_code_hash"),
        _X.c.return_to_code_hash == bindparam("return_code_hash"),
        _F.c.expires_at > bindparam("now"),
    )
)
_COMPLETE = Statement(
    update(_X)
    .where(_X.c.flow_id == bindparam("flow_id_"))
    .values(session_id=bindparam("session"), sealed_token=bindparam("token"), return_to_code_hash=bindparam("code"))
    .returning(_X.c.id)
)
_MOVE = Statement(update(_X).where(_X.c.flow_id == bindparam("old")).values(flow_id=bindparam("new")))
_TAKE = Statement(delete(_X).where(_X.c.id == bindparam("id")).returning(_X.c.id))


class Exchanges:
    """The store of session token exchanges."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def insert(self, exchange_id: str, flow_id: str, init_code: str, return_code: str, now: Timestamp) -> None:
        """Begins an exchange for a flow."""
        await self._database.fetch(
            _INSERT(
                id=exchange_id,
                flow_id=flow_id,
                init_code_hash=digest(init_code),
                return_to_code_hash=digest(return_code),
                session_id=None,
                sealed_token=None,
                created_at=now,
            )
        )

    async def by_flow(self, flow_id: str) -> Exchange | None:
        """The exchange of a flow."""
        rows = await self._database.fetch(_BY_FLOW(flow_id=flow_id))
        return Exchange(*rows[0]) if rows else None

    async def by_codes(self, init_code: str, return_code: str, now: Timestamp) -> Exchange | None:
        """The exchange that both codes belong to, for as long as its flow has not expired."""
        call = _BY_CODES(init_code_hash=digest(init_code), return_code_hash=digest(return_code), now=now)
        rows = await self._database.fetch(call)
        return Exchange(*rows[0]) if rows else None

    async def complete(self, flow_id: str, session_id: str, sealed_token: str, return_code: str) -> bool:
        """Fills an exchange after signing in; False when the flow has none."""
        call = _COMPLETE(flow_id_=flow_id, session=session_id, token=sealed_token, code=digest(return_code))
        return bool(await self._database.fetch(call))

    async def move(self, old_flow_id: str, new_flow_id: str) -> None:
        """Gives an exchange to the flow that replaces its own."""
        await self._database.fetch(_MOVE(old=old_flow_id, new=new_flow_id))

    async def take(self, exchange_id: str) -> bool:
        """Ends an exchange; False when somebody else did."""
        return bool(await self._database.fetch(_TAKE(id=exchange_id)))

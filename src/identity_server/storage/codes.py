"""One-time codes and link tokens; each is used once, decided by the database in one statement."""

from collections.abc import Sequence

from sqlalchemy import bindparam, func, insert, select, update

from identity_server.flows.one_time import StoredCode, StoredToken
from identity_server.storage import tables
from identity_server.storage.port import Database, Operation, Row, Statement
from identity_server.times import Timestamp

_C = tables.one_time_codes
_T = tables.link_tokens


_CODE = tuple(_C.c[name] for name in StoredCode.__dataclass_fields__)
_TOKEN = tuple(_T.c[name] for name in StoredToken.__dataclass_fields__)

_INSERT_CODE = Statement(insert(_C))
_OF_FLOW = Statement(select(*_CODE).where(_C.c.flow_id == bindparam("flow_id")).order_by(_C.c.issued_at))
_USE_CODE = Statement(
    update(_C)
    .where(_C.c.id == bindparam("id_"), _C.c.used_at.is_(None))
    .values(used_at=bindparam("now"))
    .returning(_C.c.id)
)
_EXPIRE_OTHERS = Statement(
    update(_C)
    .where(_C.c.identity_id == bindparam("owner"), _C.c.kind == bindparam("kind_"), _C.c.used_at.is_(None))
    .values(used_at=bindparam("now"))
)
_EXPIRE_OF_FLOW = Statement(
    update(_C).where(_C.c.flow_id == bindparam("flow_id_"), _C.c.used_at.is_(None)).values(used_at=bindparam("now"))
)
_COUNT_ISSUED = Statement(
    select(func.count())
    .select_from(_C)
    .where(_C.c.address == bindparam("address"), _C.c.issued_at > bindparam("since"))
)

_INSERT_TOKEN = Statement(insert(_T))
_BY_TOKEN = Statement(select(*_TOKEN).where(_T.c.token_hash == bindparam("token_hash")))
_USE_TOKEN = Statement(
    update(_T)
    .where(_T.c.id == bindparam("id_"), _T.c.used_at.is_(None))
    .values(used_at=bindparam("now"))
    .returning(_T.c.id)
)
_EXPIRE_TOKENS = Statement(
    update(_T)
    .where(_T.c.identity_id == bindparam("owner"), _T.c.kind == bindparam("kind_"), _T.c.used_at.is_(None))
    .values(used_at=bindparam("now"))
)


class Codes:
    """The store of one-time codes and link tokens."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, codes: Sequence[StoredCode]) -> None:
        """Stores new codes."""

        def adding() -> Operation:
            for code in codes:
                yield _INSERT_CODE(**code.__dict__)

        await self._database.run(adding())

    async def of_flow(self, flow_id: str) -> list[StoredCode]:
        """All codes that were sent for a flow, used and expired ones included, oldest first."""
        return [_code(row) for row in await self._database.fetch(_OF_FLOW(flow_id=flow_id))]

    async def use(self, code_id: str, now: Timestamp) -> bool:
        """Uses a code; False when somebody else did."""
        return bool(await self._database.fetch(_USE_CODE(id_=code_id, now=now)))

    async def end_of_identity(self, identity_id: str, kind: str, now: Timestamp) -> None:
        """Ends all open codes and links of an identity."""

        def ending() -> Operation:
            yield _EXPIRE_OTHERS(owner=identity_id, kind_=kind, now=now)
            yield _EXPIRE_TOKENS(owner=identity_id, kind_=kind, now=now)

        await self._database.run(ending())

    async def end_of_flow(self, flow_id: str, now: Timestamp) -> None:
        """Ends all open codes of a flow: a newer one replaces them."""
        await self._database.fetch(_EXPIRE_OF_FLOW(flow_id_=flow_id, now=now))

    async def count_issued(self, address: str, since: Timestamp) -> int:
        """How many codes were made for an address since a time."""
        rows = await self._database.fetch(_COUNT_ISSUED(address=address, since=since))
        return int(rows[0][0])

    async def add_token(self, token: StoredToken) -> None:
        """Stores a new link token."""
        await self._database.fetch(_INSERT_TOKEN(**token.__dict__))

    async def token(self, token_hash: str) -> StoredToken | None:
        """A link token by its digest."""
        rows = await self._database.fetch(_BY_TOKEN(token_hash=token_hash))
        return StoredToken(*rows[0]) if rows else None

    async def use_token(self, token_id: str, now: Timestamp) -> bool:
        """Uses a link token; False when somebody else did."""
        return bool(await self._database.fetch(_USE_TOKEN(id_=token_id, now=now)))


def _code(row: Row) -> StoredCode:
    return StoredCode(*row)

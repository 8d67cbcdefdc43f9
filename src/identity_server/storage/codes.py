"""One-time codes and link tokens; each is used once, decided by the database in one statement."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, literal_column, select, update

from identity_server.flows.one_time import Attempt, Guesses, StoredCode, StoredToken
from identity_server.randomness import new_id
from identity_server.storage import tables, telling
from identity_server.storage.addresses import marking_sent
from identity_server.storage.port import Database, Operation, Row, Statement
from identity_server.times import Timestamp

_C = tables.one_time_codes
_T = tables.link_tokens
_A = tables.code_attempts
#: Keeps our advisory locks apart from others on the same database.
_LOCKS = 77_202_611

_CODE = tuple(_C.c[name] for name in StoredCode.__dataclass_fields__)
_TOKEN = tuple(_T.c[name] for name in StoredToken.__dataclass_fields__)

_INSERT_CODE = Statement(insert(_C), tells=telling.way_in("code"))
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
_DELETE_OF_FLOW = Statement(delete(_C).where(_C.c.flow_id == bindparam("flow_id_"), _C.c.used_at.is_(None)))

_INSERT_TOKEN = Statement(insert(_T), tells=telling.way_in("link"))
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

# Parallel submissions for one flow or address queue up here until the transaction before them is over.
_LOCK = Statement(
    select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("key"), literal_column(str(_LOCKS))))),
    writes=True,
)
_COUNT_OF_FLOW = Statement(
    select(func.count()).select_from(_A).where(_A.c.flow_id == bindparam("flow_id")), writes=True
)
_RECENT = Statement(
    select(_A.c.attempted_at)
    .where(_A.c.subject == bindparam("subject"), _A.c.attempted_at > bindparam("since"))
    .order_by(_A.c.attempted_at.desc())
    .limit(bindparam("most"))
)
_INSERT_ATTEMPT = Statement(insert(_A))
_DELETE_ATTEMPT = Statement(delete(_A).where(_A.c.id == bindparam("id_")))


class Codes:
    """The store of one-time codes and link tokens."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # -- codes -------------------------------------------------------------------

    async def add(self, codes: Sequence[StoredCode]) -> None:
        """Stores new codes."""

        def adding() -> Operation:
            for code in codes:
                yield _INSERT_CODE(**code.__dict__)

        await self._database.run(adding())

    async def replace(self, flow_id: str, codes: Sequence[StoredCode], now: Timestamp, *, mark: bool = False) -> None:
        """Stores new codes of a flow; those before them are void.

        Args:
            mark: whether to note at their addresses that something was sent.
        """

        def replacing() -> Operation:
            yield _DELETE_OF_FLOW(flow_id_=flow_id)
            for code in codes:
                yield _INSERT_CODE(**code.__dict__)
                if mark:
                    yield from marking_sent(code.identity_id, code.address_id, now)

        await self._database.run(replacing())

    async def of_flow(self, flow_id: str) -> list[StoredCode]:
        """All codes of a flow that are not void, used and expired ones included, oldest first."""
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

    # -- guesses -----------------------------------------------------------------

    async def attempt(self, flow_id: str, subject: str, guesses: Guesses, now: Timestamp) -> Attempt:
        """Counts a submission before it is looked at, so that many at once cannot pass a limit together.

        Args:
            subject: whose codes are being typed: the same over all flows.
        """
        return await self._database.run(self._attempting(flow_id, subject, guesses, now))

    def _attempting(self, flow_id: str, subject: str, guesses: Guesses, now: Timestamp) -> Operation:
        if self._database.dialect == "postgresql":
            # The flow's lock always before the subject's, so that two operations never wait for each other.
            yield _LOCK(key=f"flow:{flow_id}")
            yield _LOCK(key=f"subject:{subject}")
        rows = yield _COUNT_OF_FLOW(flow_id=flow_id)
        if rows[0][0] >= guesses.per_flow:
            return Attempt(too_many=True)
        if guesses.per_subject:
            rows = yield _RECENT(subject=subject, since=guesses.since, most=guesses.per_subject)
            if len(rows) >= guesses.per_subject:
                return Attempt(too_many=True, blocked_since=str(rows[-1][0]))
        attempt_id = new_id()
        yield _INSERT_ATTEMPT(id=attempt_id, flow_id=flow_id, subject=subject, attempted_at=now)
        return Attempt(id=attempt_id)

    async def forgive(self, attempt: Attempt) -> None:
        """Takes a submission out of the count: it was right."""
        await self._database.fetch(_DELETE_ATTEMPT(id_=attempt.id))

    # -- links -------------------------------------------------------------------

    async def add_token(self, token: StoredToken) -> None:
        """Stores a new link token."""
        await self._database.fetch(_INSERT_TOKEN(**token.__dict__))

    async def add_sent_token(self, token: StoredToken, now: Timestamp) -> None:
        """Stores the token of a link that was sent, and notes that at its address."""

        def adding() -> Operation:
            yield _INSERT_TOKEN(**token.__dict__)
            yield from marking_sent(token.identity_id, token.address_id, now)

        await self._database.run(adding())

    async def token(self, token_hash: str) -> StoredToken | None:
        """A link token by its digest."""
        rows = await self._database.fetch(_BY_TOKEN(token_hash=token_hash))
        return StoredToken(*rows[0]) if rows else None

    async def use_token(self, token_id: str, now: Timestamp) -> bool:
        """Uses a link token; False when somebody else did."""
        return bool(await self._database.fetch(_USE_TOKEN(id_=token_id, now=now)))


def _code(row: Row) -> StoredCode:
    values: tuple[Any, ...] = tuple(row)
    return StoredCode(*values)

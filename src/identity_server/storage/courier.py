"""The message queue in the database, with the promises of ``courier.ports.MessageStore``.

``due_at`` says when a queued message is tried and when the lease of one in processing ends, so a worker that looks for
work reads one short index, however many messages were delivered before.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import orjson
from sqlalchemy import Integer, bindparam, case, func, insert, literal_column, null, select, update

from identity_server import times
from identity_server.courier.message import ABANDONED, NOTICES, PROCESSING, QUEUED, SENT, Dispatch, Message
from identity_server.courier.ports import Limit
from identity_server.randomness import new_id
from identity_server.storage import tables
from identity_server.storage.port import Call, Database, Operation, Row, Statement, among
from identity_server.times import Clock

_M = tables.courier_messages
_D = tables.courier_dispatches
#: Keeps our advisory locks apart from others on the same database.
_LOCKS = 77_202_605

_MESSAGE = tuple(
    _M.c[name]
    for name in (
        *("id", "type", "status", "recipient", "subject", "body", "html_body", "template_type", "template_data"),
        *("channel", "send_count", "request_headers", "created_at", "updated_at"),
    )
)
_DISPATCH = tuple(_D.c[name] for name in Dispatch.__dataclass_fields__)
_HELD = (_M.c.id == bindparam("message_id"), _M.c.worker_id == bindparam("worker"), among(_M.c.status, [PROCESSING]))

_INSERT = Statement(insert(_M))
_INSERT_DISPATCH = Statement(insert(_D))
# Parallel requests for one recipient queue up here until the transaction before them is over.
_LOCK_RECIPIENT = Statement(
    select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("recipient_key"), literal_column(str(_LOCKS))))),
    writes=True,
)
_COUNTING = (
    select(func.count())
    .select_from(_M)
    .where(_M.c.recipient_key == bindparam("recipient_key"), _M.c.created_at >= bindparam("since"))
)
_IS_NOTICE = among(_M.c.template_type, NOTICES)
_COUNT, _COUNT_ASKED = Statement(_COUNTING), Statement(_COUNTING.where(~_IS_NOTICE))
_COUNT_NOTICES = Statement(_COUNTING.where(_IS_NOTICE))
_EXTEND = Statement(update(_M).where(*_HELD).values(due_at=bindparam("until")))
_RELEASE = Statement(
    update(_M)
    .where(*_HELD)
    .values(
        status=QUEUED,
        due_at=_M.c.created_at,
        send_count=_M.c.send_count - 1,
        worker_id=null(),
        updated_at=bindparam("now"),
    )
)
_SENT = Statement(
    update(_M)
    .where(_M.c.id == bindparam("message_id"))
    .values(status=SENT, worker_id=null(), updated_at=bindparam("now"))
    .returning(_M.c.id)
)
_FAILED = Statement(
    update(_M)
    .where(*_HELD)
    .values(
        status=bindparam("next_status"),
        due_at=bindparam("due"),
        send_count=_M.c.send_count - bindparam("uncounted", type_=Integer),
        worker_id=null(),
        updated_at=bindparam("now"),
    )
    .returning(_M.c.id)
)
_DISPATCHES = Statement(
    select(*_DISPATCH)
    .where(_D.c.message_id == bindparam("message_id"))
    .order_by(_D.c.created_at.desc(), _D.c.id.desc())
)


@cache
def _claim(skipped: int) -> Statement:
    """Takes what is due, except for so many channels; SQLite has one writer and ignores the row locks."""
    due = (
        select(_M.c.id)
        .where(
            among(_M.c.status, [QUEUED, PROCESSING]),
            _M.c.due_at <= bindparam("now"),
            *(_M.c.channel != bindparam(f"channel_{at}") for at in range(skipped)),
        )
        .order_by(_M.c.due_at, _M.c.id)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    # Counted when it begins, so that an attempt that ends with its worker shows; one that goes on is the same attempt.
    begun = case((_M.c.worker_id == bindparam("worker"), 0), else_=1)
    return Statement(
        update(_M)
        .where(_M.c.id.in_(select(due.c.id)))
        .values(
            status=PROCESSING,
            due_at=bindparam("until"),
            worker_id=bindparam("worker"),
            send_count=_M.c.send_count + begun,
        )
        .returning(*_MESSAGE)
    )


class CourierMessages:
    """The queue; see ``courier.ports.MessageStore`` for what its methods promise."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def enqueue(self, messages: Sequence[Message], limits: Sequence[Limit] = ()) -> list[bool]:
        """Stores messages, unless a limit of their recipient is reached."""
        return list(await self._database.run(self.enqueuing(messages, limits)))

    def enqueuing(self, messages: Sequence[Message], limits: Sequence[Limit] = ()) -> Operation:
        """The operation that stores messages, for callers who store something else with them."""
        moment = self._clock()
        now = times.text(moment)
        if limits and self._database.dialect == "postgresql":
            # In one order for everybody, so that two operations never wait for each other.
            for key in sorted({recipient_key(message.recipient) for message in messages}):
                yield _LOCK_RECIPIENT(recipient_key=key)
        stored: list[bool] = []
        for message in messages:
            within = True
            count = _COUNT_NOTICES if message.template_type in NOTICES else _COUNT_ASKED
            for limit in limits:
                since = times.text(moment - limit.within)
                rows = yield count(recipient_key=recipient_key(message.recipient), since=since)
                within = within and rows[0][0] < limit.most
            if within:
                yield _INSERT(**_values(message, now))
            stored.append(within)
        return stored

    async def count_recent(self, recipient: str, since: datetime) -> int:
        """How many messages to a recipient were stored at or after a moment."""
        call = _COUNT(recipient_key=recipient_key(recipient), since=times.text(since))
        return int((await self._database.fetch(call))[0][0])

    async def claim(
        self, limit: int, lease_seconds: float, worker_id: str, skip_channels: Collection[str] = ()
    ) -> list[Message]:
        """Leases messages that are due, those of some channels excepted."""
        channels = {f"channel_{at}": channel for at, channel in enumerate(sorted(skip_channels))}
        call = _claim(len(channels))(
            now=self._now(), until=self._later(lease_seconds), worker=worker_id, most=limit, **channels
        )
        found = [_message(row) for row in await self._database.fetch(call)]
        return sorted(found, key=lambda message: (message.created_at, message.id))

    async def extend(self, ids: Collection[str], lease_seconds: float, worker_id: str) -> None:
        """Leases messages anew as far as the worker holds them."""
        until = self._later(lease_seconds)

        def extending() -> Operation:
            for message_id in ids:
                yield _EXTEND(message_id=message_id, worker=worker_id, until=until)

        await self._database.run(extending())

    async def sent(self, message_id: str, worker_id: str) -> None:
        """Notes that a message is out, whoever leases it by now."""
        del worker_id
        now = self._now()

        def noting() -> Operation:
            if (yield _SENT(message_id=message_id, now=now)):
                yield from _dispatched(message_id, None, now)

        await self._database.run(noting())

    async def failed(
        self, message_id: str, worker_id: str, error: str, retry_at: datetime | None, *, counted: bool = True
    ) -> None:
        """Notes an attempt that failed, if the worker still holds the message."""
        now = self._now()
        call = _FAILED(
            message_id=message_id,
            worker=worker_id,
            next_status=QUEUED if retry_at else ABANDONED,
            due=times.text(retry_at) if retry_at else now,
            uncounted=int(not counted),
            now=now,
        )

        def noting() -> Operation:
            if (yield call):
                yield from _dispatched(message_id, error, now)

        await self._database.run(noting())

    async def release(self, ids: Collection[str], worker_id: str) -> None:
        """Puts messages back to where they stood in the queue."""
        now = self._now()

        def releasing() -> Operation:
            for message_id in ids:
                yield _RELEASE(message_id=message_id, worker=worker_id, now=now)

        await self._database.run(releasing())

    async def dispatches(self, message_id: str) -> list[Dispatch]:
        """The attempts of a message, the newest first."""
        return [Dispatch(*row) for row in await self._database.fetch(_DISPATCHES(message_id=message_id))]

    def _now(self) -> str:
        return times.text(self._clock())

    def _later(self, seconds: float) -> str:
        return times.text(self._clock() + timedelta(seconds=seconds))


def recipient_key(recipient: str) -> str:
    """What messages to one person have in common, however the address is spelt."""
    # Numbers by their digits: "+49 151/12" and "+4915112" are one telephone.
    return recipient.casefold() if "@" in recipient else "".join(filter(str.isalnum, recipient))


def _dispatched(message_id: str, error: str | None, now: str) -> Iterator[Call]:
    status = "success" if error is None else "failed"
    words = None if error is None else _storable(error)
    yield _INSERT_DISPATCH(
        id=new_id(), message_id=message_id, status=status, error=words, created_at=now, updated_at=now
    )


def _values(message: Message, now: str) -> dict[str, Any]:
    created = message.created_at or now
    return {
        "id": message.id,
        "type": message.type,
        "status": QUEUED,
        "recipient": message.recipient,
        "recipient_key": recipient_key(message.recipient),
        "subject": _storable(message.subject),
        "body": _storable(message.body),
        "html_body": _storable(message.html_body),
        "template_type": message.template_type,
        "template_data": orjson.dumps(message.template_data).decode(),
        "channel": message.channel,
        "send_count": 0,
        "request_headers": orjson.dumps(message.request_headers).decode(),
        "due_at": now,
        "worker_id": None,
        "created_at": created,
        "updated_at": message.updated_at or created,
    }


def _storable(text: str) -> str:
    """The text without NUL, which PostgreSQL refuses and no mail needs; people can type it, templates print it."""
    return text.replace("\0", "")


def _message(row: Row) -> Message:
    found = dict(zip((column.name for column in _MESSAGE), row, strict=True))
    found["template_data"] = orjson.loads(found["template_data"])
    found["request_headers"] = orjson.loads(found["request_headers"] or "{}")
    found["html_body"] = found["html_body"] or ""
    return Message(**found)

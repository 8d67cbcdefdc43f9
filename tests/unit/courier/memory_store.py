"""The queue in memory, with the promises of ``MessageStore``."""

from collections.abc import Callable, Collection, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from identity_server import times
from identity_server.courier.message import ABANDONED, NOTICES, PROCESSING, QUEUED, SENT, Dispatch, Message
from identity_server.courier.ports import Limit
from identity_server.randomness import new_id


class ManualClock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 5, 17, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class Row:
    message: Message
    due: datetime
    leased_until: datetime | None = None
    worker_id: str = ""


class MemoryStore:
    def __init__(self, clock: Callable[[], datetime] | None = None) -> None:
        self.clock = clock or times.system_clock
        self.rows: dict[str, Row] = {}
        self.attempts: list[Dispatch] = []
        self.broken = False
        self.extended: list[str] = []

    # -- the port -----------------------------------------------------------------------------------------

    async def enqueue(self, messages: Sequence[Message], limits: Sequence[Limit] = ()) -> list[bool]:
        stored: list[bool] = []
        for message in messages:
            counts = [self._counted(message, self.clock() - limit.within) for limit in limits]
            stored.append(all(count < limit.most for count, limit in zip(counts, limits, strict=True)))
            if stored[-1]:
                message.created_at = message.created_at or times.text(self.clock())
                self.rows[message.id] = Row(message, self.clock())
        return stored

    def _counted(self, message: Message, since: datetime) -> int:
        rows = (row.message for row in self.rows.values() if row.message.recipient == message.recipient)
        alike = (each for each in rows if (each.template_type in NOTICES) == (message.template_type in NOTICES))
        return sum(times.parse(each.created_at) >= since for each in alike)

    async def count_recent(self, recipient: str, since: datetime) -> int:
        rows = [row for row in self.rows.values() if row.message.recipient == recipient]
        return sum(times.parse(row.message.created_at) >= since for row in rows)

    async def claim(
        self, limit: int, lease_seconds: float, worker_id: str, skip_channels: Collection[str] = ()
    ) -> list[Message]:
        if self.broken:
            raise ConnectionError("the database is away")
        due = [row for row in self.rows.values() if self._is_due(row) and row.message.channel not in skip_channels]
        for row in due[:limit]:
            row.message.status = PROCESSING
            row.message.send_count += row.worker_id != worker_id
            row.worker_id = worker_id
            row.leased_until = self.clock() + timedelta(seconds=lease_seconds)
        return [copy(row.message) for row in due[:limit]]

    async def extend(self, ids: Collection[str], lease_seconds: float, worker_id: str) -> None:
        for row in self._held(ids, worker_id):
            self.extended.append(row.message.id)
            row.leased_until = self.clock() + timedelta(seconds=lease_seconds)

    async def sent(self, message_id: str, worker_id: str) -> None:
        row = self.rows[message_id]
        row.message.status = SENT
        row.worker_id = ""
        self._dispatch(message_id, None)

    async def failed(
        self, message_id: str, worker_id: str, error: str, retry_at: datetime | None, *, counted: bool = True
    ) -> None:
        for row in self._held([message_id], worker_id):
            row.message.status = QUEUED if retry_at else ABANDONED
            row.message.send_count -= not counted
            row.due = retry_at or row.due
            row.worker_id = ""
            self._dispatch(message_id, error)

    async def release(self, ids: Collection[str], worker_id: str) -> None:
        for row in self._held(ids, worker_id):
            row.message.status = QUEUED
            row.message.send_count -= 1
            row.due = self.clock()
            row.worker_id = ""

    async def dispatches(self, message_id: str) -> list[Dispatch]:
        return [attempt for attempt in reversed(self.attempts) if attempt.message_id == message_id]

    # -- what tests ask ------------------------------------------------------------------------------------

    @property
    def messages(self) -> list[Message]:
        return [row.message for row in self.rows.values()]

    def only(self) -> Message:
        (message,) = self.messages
        return message

    def statuses(self) -> list[str]:
        return [message.status for message in self.messages]

    def pause(self, message: Message) -> float:
        """Seconds until a message is due."""
        return (self.rows[message.id].due - self.clock()).total_seconds()

    def _is_due(self, row: Row) -> bool:
        if row.message.status == QUEUED:
            return row.due <= self.clock()
        expired = row.leased_until is not None and row.leased_until <= self.clock()
        return row.message.status == PROCESSING and expired

    def _held(self, ids: Collection[str], worker_id: str) -> list[Row]:
        rows = [self.rows[message_id] for message_id in ids]
        return [row for row in rows if row.worker_id == worker_id and row.message.status == PROCESSING]

    def _dispatch(self, message_id: str, error: str | None) -> None:
        now = times.text(self.clock())
        self.attempts.append(
            Dispatch(new_id(), message_id, "failed" if error is not None else "success", error, now, now)
        )

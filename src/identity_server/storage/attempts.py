"""Counters of attempts, shared by all replicas: an attempt is counted before it is looked at."""

import math
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import bindparam, case, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import ClauseElement

from identity_server import times
from identity_server.storage import tables
from identity_server.storage.port import Database, Operation, Statement
from identity_server.times import Timestamp

_A = tables.attempt_counters


def _upsert(insert: object) -> ClauseElement:
    """Counts one more, unless the counter is blocked; what happened long ago is forgotten."""
    statement = insert(_A).values(  # type: ignore[operator]
        key=bindparam("key"), failures=1, last_failure_at=bindparam("last_failure_at"), blocked_until=None
    )
    counted = case((_A.c.last_failure_at < bindparam("forgotten"), 1), else_=_A.c.failures + 1)
    return statement.on_conflict_do_update(
        index_elements=[_A.c.key],
        set_={"failures": counted, "last_failure_at": statement.excluded.last_failure_at},
        where=(_A.c.blocked_until.is_(None)) | (_A.c.blocked_until <= statement.excluded.last_failure_at),
    ).returning(_A.c.failures)


_COUNT = {
    "sqlite": Statement(_upsert(sqlite.insert), writes=True),
    "postgresql": Statement(_upsert(postgresql.insert), writes=True),
}
_BLOCK = Statement(update(_A).where(_A.c.key == bindparam("key_")).values(blocked_until=bindparam("until")))
_BLOCKED = Statement(select(_A.c.blocked_until).where(_A.c.key == bindparam("key")))
_FORGET = Statement(delete(_A).where(_A.c.key == bindparam("key")))


def _in_window(insert: object) -> ClauseElement:
    """Counts one more in a window unless it is full; the first after it begins another.

    The row of a window keeps when it began, not the last attempt: every request of an office or of a balancer writes
    this one row, and PostgreSQL renews a row in place only while no indexed column changes.
    """
    statement = insert(_A).values(  # type: ignore[operator]
        key=bindparam("key"), failures=1, last_failure_at=bindparam("now"), blocked_until=None
    )
    over = _A.c.last_failure_at <= bindparam("over")
    return statement.on_conflict_do_update(
        index_elements=[_A.c.key],
        set_={
            "failures": case((over, 1), else_=_A.c.failures + 1),
            "last_failure_at": case((over, statement.excluded.last_failure_at), else_=_A.c.last_failure_at),
        },
        where=over | (_A.c.failures < bindparam("most")),
    ).returning(_A.c.failures)


_COUNT_IN_WINDOW = {
    "sqlite": Statement(_in_window(sqlite.insert), writes=True),
    "postgresql": Statement(_in_window(postgresql.insert), writes=True),
}
_BEGAN = Statement(select(_A.c.last_failure_at).where(_A.c.key == bindparam("key")))


@dataclass(frozen=True)
class Ladder:
    """How long to wait after how many attempts.

    Attributes:
        free: attempts without a wait.
        first: the wait after those; it doubles with each further attempt.
        longest: it grows no longer than this.
        forget: attempts are forgotten after this.
    """

    free: int
    first: timedelta
    longest: timedelta
    forget: timedelta

    def wait(self, attempts: int) -> timedelta:
        """The wait after so many attempts."""
        if attempts < self.free:
            return timedelta()
        steps = min(attempts - self.free, 40)
        return min(self.first * 2**steps, self.longest)


@dataclass(frozen=True)
class Window:
    """How many attempts are free in a span of time; the next span begins with the first attempt after it."""

    most: int
    span: timedelta


class Attempts:
    """The counters."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, key: str, ladder: Ladder, now: Timestamp) -> int:
        """Counts an attempt that is about to be made.

        Returns:
            0 when it may be made, else the seconds until the next one may.
        """
        return int(await self._database.run(self._beginning(key, ladder, now)))

    def _beginning(self, key: str, ladder: Ladder, now: Timestamp) -> Operation:
        forgotten = times.text(times.parse(now) - ladder.forget)
        rows = yield _COUNT[self._database.dialect](key=key, last_failure_at=now, forgotten=forgotten)
        if not rows:
            blocked = yield _BLOCKED(key=key)
            return _seconds_until(blocked[0][0], now)
        wait = ladder.wait(rows[0][0])
        if wait:
            # Within the same transaction, so that of many attempts at once the next finds the counter blocked.
            yield _BLOCK(key_=key, until=times.after(now, wait))
        return 0

    async def count(self, key: str, window: Window, now: Timestamp) -> int:
        """Counts an attempt that is about to be made.

        Returns:
            0 when it may be made, else the seconds until the window is over.
        """
        return int(await self._database.run(self._counting(key, window, now)))

    def _counting(self, key: str, window: Window, now: Timestamp) -> Operation:
        over = times.text(times.parse(now) - window.span)
        if (yield _COUNT_IN_WINDOW[self._database.dialect](key=key, now=now, over=over, most=window.most)):
            return 0
        began = yield _BEGAN(key=key)
        return _seconds_until(times.after(began[0][0], window.span), now)

    async def forget(self, key: str) -> None:
        """Begins anew, after a success."""
        await self._database.fetch(_FORGET(key=key))


def _seconds_until(moment: Timestamp, now: Timestamp) -> int:
    return max(1, math.ceil(times.seconds_between(now, moment)))

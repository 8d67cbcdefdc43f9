"""Removes what has expired, in batches small enough that people do not notice."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import Column, Table, bindparam, delete, select

from identity_server import times
from identity_server.courier.message import ABANDONED, SENT
from identity_server.errors import StorageError
from identity_server.storage import readiness, tables
from identity_server.storage.opening import open_database
from identity_server.storage.port import Database, Statement, among
from identity_server.times import Clock

#: Longer than the limits on guessing look back by default, with room to spare.
DAY = timedelta(days=1)
MONTH = timedelta(days=30)
YEAR = timedelta(days=365)
#: Others get at least this long at the database after each batch.
SHORTEST_BREATH = 0.01


@dataclass(frozen=True)
class Rule:
    """What is old in a table.

    Attributes:
        column: a time; rows whose time is more than ``age`` ago go.
        only: the states that may go; all when empty.
    """

    table: Table
    column: str
    age: timedelta = timedelta(0)
    only: Sequence[str] = ()

    def statement(self) -> Statement:
        """Removes one batch, the oldest first."""
        moment: Column[str] = self.table.c[self.column]
        key = next(iter(self.table.primary_key.columns))
        old = select(key).where(moment < bindparam("before")).order_by(moment).limit(bindparam("most"))
        if self.only:
            old = old.where(among(self.table.c.status, self.only))
        return Statement(delete(self.table).where(key.in_(old)).returning(key))


# Exchanges come before the sessions that they belong to, so that sessions take few of them along.
RULES = (
    Rule(tables.session_token_exchanges, "created_at", DAY),
    Rule(tables.sessions, "expires_at"),
    Rule(tables.continuity_containers, "expires_at"),
    Rule(tables.selfservice_flows, "expires_at"),
    Rule(tables.one_time_codes, "expires_at", DAY),
    Rule(tables.link_tokens, "expires_at", DAY),
    Rule(tables.spent_challenges, "expires_at"),
    Rule(tables.code_attempts, "attempted_at", DAY),
    Rule(tables.attempt_counters, "last_failure_at", DAY),
    Rule(tables.selfservice_errors, "created_at", MONTH),
    Rule(tables.courier_messages, "created_at", MONTH, (SENT, ABANDONED)),
    Rule(tables.audit_events, "at", YEAR),
)


def run(
    dsn: str,
    *,
    batch_size: int,
    pause: timedelta,
    keep_last: timedelta,
    audit_retention: timedelta = YEAR,
    guesses_count: timedelta = DAY,
    clock: Clock = times.system_clock,
) -> dict[str, int]:
    """Removes everything that has expired.

    Args:
        batch_size: most rows of one statement.
        pause: after each table from which something was removed.
        keep_last: how long to keep what has expired.
        audit_retention: how long to keep entries of the audit trail; nothing keeps them for ever.
        guesses_count: how long at most a guess may count by the configuration; they are kept for a day at least.

    Returns:
        How many rows went, by table.

    Raises:
        StorageError: when the database does not answer, or its tables are not those of this program.
    """
    return asyncio.run(_run(dsn, Extent(batch_size, pause, keep_last, audit_retention, guesses_count), clock))


@dataclass(frozen=True)
class Extent:
    """How much is removed how fast; the attributes are the parameters of ``run``."""

    batch_size: int
    pause: timedelta
    keep_last: timedelta
    audit_retention: timedelta = YEAR
    guesses_count: timedelta = DAY

    @property
    def rules(self) -> Sequence[Rule]:
        """What is old, where."""
        ages = {tables.audit_events: self.audit_retention}
        ages |= dict.fromkeys((tables.code_attempts, tables.attempt_counters), max(DAY, self.guesses_count))
        rules = [replace(rule, age=ages.get(rule.table, rule.age)) for rule in RULES]
        return [rule for rule in rules if rule.table is not tables.audit_events or self.audit_retention]


async def _run(dsn: str, extent: Extent, clock: Clock) -> dict[str, int]:
    database = open_database(dsn)
    try:
        if missing := await readiness.behind(database):
            raise StorageError(missing)
        return await clean(database, extent, clock)
    finally:
        await database.close()


async def clean(database: Database, extent: Extent, clock: Clock) -> dict[str, int]:
    """Removes everything that has expired from an open database; how many rows went, by table.

    Raises:
        StorageError: when the database does not answer.
    """
    removed: dict[str, int] = {}
    rules = extent.rules
    for rule in rules:
        before = times.text(clock() - extent.keep_last - rule.age)
        removed[rule.table.name] = count = await remove(database, rule, before, extent.batch_size)
        if count and rule is not rules[-1]:
            await asyncio.sleep(extent.pause.total_seconds())
    return removed


async def remove(database: Database, rule: Rule, before: str, batch_size: int) -> int:
    """Removes what is older than a moment from one table; how many rows went.

    After each batch the database belongs to others for as long as the batch took.
    """
    statement, total = rule.statement(), 0
    while True:
        began = time.monotonic()
        count = len(await database.fetch(statement(before=before, most=batch_size)))
        total += count
        if count < batch_size:
            return total
        await asyncio.sleep(max(SHORTEST_BREATH, time.monotonic() - began))

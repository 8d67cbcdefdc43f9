"""What has expired goes, what lives stays, on both databases."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio.to_thread
import pytest
from sqlalchemy import Table, func, insert, select

from contract.test_sessions_and_flows import a_flow, a_session, owner
from identity_server import times
from identity_server.courier.message import Message
from identity_server.errors import StorageError
from identity_server.flows.one_time import Guesses
from identity_server.randomness import new_id
from identity_server.storage import cleanup, tables
from identity_server.storage.attempts import Attempts, Window
from identity_server.storage.codes import Codes
from identity_server.storage.courier import CourierMessages
from identity_server.storage.flows import Continuity, ErrorPages, Flows
from identity_server.storage.port import Call, Database, Rows, Statement
from identity_server.storage.sessions import Sessions

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 5, 17, 9, 30, tzinfo=UTC)
PAST, FUTURE = times.text(NOW - timedelta(seconds=1)), times.text(NOW + timedelta(seconds=1))
NOTHING = {rule.table.name: 0 for rule in cleanup.RULES}


async def clean(dsn: str, **how: Any) -> dict[str, int]:
    """What went, tables from which nothing went left out."""
    options = {"batch_size": 100, "pause": timedelta(0), "keep_last": timedelta(0), "clock": lambda: NOW, **how}
    removed = await anyio.to_thread.run_sync(lambda: cleanup.run(dsn, **options))
    assert set(removed) == set(NOTHING)
    return {table: count for table, count in removed.items() if count}


async def count(database: Database, table: Table) -> int:
    return int((await database.fetch(Statement(select(func.count()).select_from(table))()))[0][0])


async def add_flow(database: Database, expires_at: str) -> None:
    flow = a_flow()
    flow.expires_at = expires_at
    await Flows(database).insert(flow)


async def test_there_may_be_nothing_to_do(dsn: str, database: Database) -> None:
    assert await clean(dsn) == {}


async def test_only_what_has_expired_goes(dsn: str, database: Database) -> None:
    identity_id = await owner(database)
    for expires_at in (PAST, FUTURE):
        await Sessions(database).insert(a_session(identity_id, expires_at=expires_at))
        await add_flow(database, expires_at)
        await Continuity(database).put(new_id(), "name", None, {}, expires_at)
    assert await clean(dsn) == {"sessions": 1, "selfservice_flows": 1, "continuity_containers": 1}
    assert await clean(dsn) == {}
    for table in (tables.sessions, tables.selfservice_flows, tables.continuity_containers, tables.identities):
        assert await count(database, table) == 1


async def test_what_expired_lately_can_be_kept(dsn: str, database: Database) -> None:
    await add_flow(database, PAST)
    assert await clean(dsn, keep_last=timedelta(minutes=1)) == {}
    assert await clean(dsn, keep_last=timedelta(seconds=0.5)) == {"selfservice_flows": 1}


@pytest.mark.parametrize(("days", "gone"), [(29, 0), (31, 1)])
async def test_errors_go_after_a_month(dsn: str, database: Database, days: int, gone: int) -> None:
    await ErrorPages(database).insert(new_id(), {}, times.text(NOW - timedelta(days=days)))
    assert (await clean(dsn)).get("selfservice_errors", 0) == gone


async def test_f34_messages_go_after_a_month_unless_they_still_wait(dsn: str, database: Database) -> None:
    queue = CourierMessages(database, lambda: NOW - timedelta(days=31))
    sent, abandoned, waiting, claimed = (Message("email", "a@mail.test", "stub") for _ in range(4))
    await queue.enqueue([sent, abandoned, claimed])
    await queue.claim(3, 20, "w")
    await queue.sent(sent.id, "w")
    await queue.failed(abandoned.id, "w", "no", None)
    await queue.enqueue([waiting])
    await CourierMessages(database, lambda: NOW).enqueue([Message("email", "a@mail.test", "stub")])
    assert await clean(dsn) == {"courier_messages": 2}
    assert await count(database, tables.courier_messages) == 3
    assert await count(database, tables.courier_dispatches) == 0


async def test_the_audit_trail_is_kept_for_as_long_as_the_configuration_says(dsn: str, database: Database) -> None:
    entries = insert(tables.audit_events)
    for days in (400, 300, 1):
        row = {"at": times.text(NOW - timedelta(days=days)), "event": "LoginFailed", "actor": "anonymous"}
        await database.fetch(Statement(entries)(id=new_id(), result="failure", document="{}", identity_id=None, **row))
    assert await clean(dsn, audit_retention=timedelta(days=500)) == {}
    assert await clean(dsn) == {"audit_events": 1}
    assert await clean(dsn, audit_retention=timedelta(days=7)) == {"audit_events": 1}
    removed = await anyio.to_thread.run_sync(
        lambda: cleanup.run(
            dsn,
            batch_size=9,
            pause=timedelta(0),
            keep_last=timedelta(0),
            audit_retention=timedelta(0),
            clock=lambda: NOW + timedelta(days=36500),
        )
    )
    assert "audit_events" not in removed
    assert await count(database, tables.audit_events) == 1


async def test_guesses_are_kept_for_as_long_as_they_count(dsn: str, database: Database) -> None:
    then = times.text(NOW - timedelta(days=2))
    await Codes(database).attempt("f1", "ada", Guesses(5), then)
    await Attempts(database).count("address", Window(5, timedelta(minutes=1)), then)
    assert await clean(dsn, guesses_count=timedelta(days=3)) == {}
    assert await clean(dsn, guesses_count=timedelta(hours=1)) == {"code_attempts": 1, "attempt_counters": 1}


class Watched:
    """A database that notes how many rows each statement gave."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.sizes: list[int] = []

    async def fetch(self, call: Call) -> Rows:
        rows = await self.database.fetch(call)
        self.sizes.append(len(rows))
        return rows


async def test_f34_no_statement_takes_more_than_a_batch(database: Database) -> None:
    for _ in range(25):
        await add_flow(database, PAST)
    watched: Any = Watched(database)
    (rule,) = (rule for rule in cleanup.RULES if rule.table is tables.selfservice_flows)
    assert await cleanup.remove(watched, rule, times.text(NOW), 10) == 25
    assert watched.sizes == [10, 10, 5]


async def test_f34_people_work_on_while_it_runs(dsn: str, database: Database) -> None:
    identity_id = await owner(database)
    for _ in range(60):
        await add_flow(database, PAST)
    cleaning = asyncio.create_task(clean(dsn, batch_size=5))
    living = 0
    while not cleaning.done() or living < 20:
        await add_flow(database, FUTURE)
        await Sessions(database).insert(a_session(identity_id, expires_at=FUTURE))
        living += 1
    assert await cleaning == {"selfservice_flows": 60}
    assert await count(database, tables.selfservice_flows) == living
    assert await count(database, tables.sessions) == living


async def test_a_database_without_tables_says_what_is_missing(dsn: str) -> None:
    with pytest.raises(StorageError, match="migrate sql"):
        await clean(dsn)

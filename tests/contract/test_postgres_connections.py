"""PostgreSQL that ends connections, has none left, or finds two transactions waiting for each other."""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import pytest
from sqlalchemy import func, literal_column, select, text

from identity_server.errors import StorageError, StorageUnavailable
from identity_server.storage import dsn as dsns
from identity_server.storage import postgres
from identity_server.storage.port import Operation, Statement
from identity_server.storage.postgres import PostgresDatabase

pytestmark = pytest.mark.anyio
ONE = Statement(select(literal_column("1")))
SLEEP = Statement(select(func.pg_sleep(literal_column("30"))))
ADD = Statement(text("INSERT INTO things VALUES (1)"), writes=True)


def opened(postgres_dsn: str, most: int) -> PostgresDatabase:
    parsed = dsns.parse(f"{postgres_dsn}&max_conns={most}")
    assert isinstance(parsed, dsns.PostgresDSN)
    return PostgresDatabase(parsed)


@pytest.fixture
async def database(postgres_dsn: str) -> AsyncIterator[PostgresDatabase]:
    with psycopg.connect(postgres_dsn, autocommit=True) as connection:
        connection.execute("CREATE TABLE things (id int)")
        connection.execute("CREATE TABLE pairs (id int PRIMARY KEY, value int)")
        connection.execute("INSERT INTO pairs VALUES (1, 0), (2, 0)")
    database = opened(postgres_dsn, 3)
    yield database
    await database.close()


def end_all(dsn: str) -> int:
    """Ends every connection but our own, as a restart of the server does."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        ended = connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return len(ended.fetchall())


async def test_f4_a_read_outlives_the_end_of_every_connection(database: PostgresDatabase, postgres_dsn: str) -> None:
    await asyncio.gather(*(database.fetch(ONE()) for _ in range(3)))
    for _ in range(3):
        assert end_all(postgres_dsn) > 0
        assert (await database.fetch(ONE()))[0][0] == 1


async def test_f4_a_write_is_done_once_or_not_at_all(database: PostgresDatabase, postgres_dsn: str) -> None:
    done = 0
    for _ in range(6):
        await asyncio.gather(*(database.fetch(ONE()) for _ in range(3)))
        end_all(postgres_dsn)
        try:
            await database.fetch(ADD())
        except StorageUnavailable:
            continue
        done += 1
    with psycopg.connect(postgres_dsn) as connection:
        row = connection.execute("SELECT count(*) FROM things").fetchone()
    assert row == (done,)


async def test_f7_without_a_free_connection_the_caller_may_try_again(
    postgres_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "ACQUIRE_SECONDS", 0.1)
    database = opened(postgres_dsn, 1)
    busy = asyncio.ensure_future(database.fetch(SLEEP()))
    await asyncio.sleep(0.05)
    with pytest.raises(StorageUnavailable):
        await database.fetch(ADD())
    busy.cancel()
    await asyncio.gather(busy, return_exceptions=True)
    assert (await database.fetch(ONE()))[0][0] == 1
    await database.close()


async def test_f5_a_statement_that_does_not_end_is_given_up(postgres_dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "STATEMENT_SECONDS", 0.2)
    database = opened(postgres_dsn, 1)
    with pytest.raises(StorageUnavailable):
        await database.fetch(SLEEP())
    assert (await database.fetch(ONE()))[0][0] == 1
    await database.close()


async def test_an_operation_s_own_error_costs_no_connection(database: PostgresDatabase, postgres_dsn: str) -> None:
    def failing() -> Operation:
        yield ADD()
        raise KeyError("mine")

    before = await database.fetch(Statement(select(func.pg_backend_pid()))())
    for _ in range(5):
        with pytest.raises(KeyError):
            await database.run(failing())
    assert await database.fetch(Statement(select(func.pg_backend_pid()))()) == before
    with psycopg.connect(postgres_dsn) as connection:
        assert connection.execute("SELECT count(*) FROM things").fetchone() == (0,)


async def test_a_wrong_statement_is_no_outage(database: PostgresDatabase) -> None:
    with pytest.raises(StorageError) as caught:
        await database.fetch(Statement(text("SELECT * FROM nothing"))())
    assert not isinstance(caught.value, StorageUnavailable)
    assert (await database.fetch(ONE()))[0][0] == 1


async def test_two_transactions_that_wait_for_each_other_end_in_a_retry(database: PostgresDatabase) -> None:
    first_locked, second_locked = asyncio.Event(), asyncio.Event()

    async def change(first: int, second: int, mine: asyncio.Event, other: asyncio.Event) -> None:
        async def work(connection: object) -> None:
            async with connection.transaction():  # type: ignore[attr-defined]
                await connection.execute(f"UPDATE pairs SET value = value + 1 WHERE id = {first}")  # type: ignore[attr-defined]
                mine.set()
                await other.wait()
                await connection.execute(f"UPDATE pairs SET value = value + 1 WHERE id = {second}")  # type: ignore[attr-defined]

        await database._on_connection(work)

    results = await asyncio.gather(
        change(1, 2, first_locked, second_locked), change(2, 1, second_locked, first_locked), return_exceptions=True
    )
    assert sorted(type(result) for result in results if result is not None) == [StorageUnavailable]
    assert [row[1] for row in await database.fetch(Statement(text("SELECT id, value FROM pairs"))())] == [1, 1]

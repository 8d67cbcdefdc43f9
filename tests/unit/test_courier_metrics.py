"""What a worker's process tells Prometheus."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from identity_server.courier.message import Message
from identity_server.courier_metrics import application, exposition, open_metrics
from identity_server.listeners import CannotListen
from identity_server.storage import migrate
from identity_server.storage.courier import CourierMessages
from identity_server.storage.dsn import SqliteDSN
from identity_server.storage.sqlite import SqliteDatabase
from identity_server.times import system_clock

pytestmark = pytest.mark.anyio
QUEUED = 'kratos_courier_messages{status="queued"}'


@pytest.fixture
async def database(anyio_backend: str) -> AsyncIterator[SqliteDatabase]:
    opened = SqliteDatabase(SqliteDSN(None))
    await migrate.up_in_memory(opened)
    yield opened
    await opened.close()


async def asked(database: SqliteDatabase) -> httpx2.Response:
    transport = httpx2.ASGITransport(application(database, system_clock))
    async with httpx2.AsyncClient(transport=transport, base_url="http://worker.test") as client:
        return await client.get("/metrics/prometheus")


async def test_what_waits_is_counted_and_what_is_sent_is_not(database: SqliteDatabase) -> None:
    assert f"{QUEUED} 0.0" in (await asked(database)).text
    queue = CourierMessages(database, system_clock)
    messages = [Message("email", "ida@mail.test", "stub") for _ in range(4)]
    await queue.enqueue(messages)
    held = await queue.claim(2, 20, "w")
    await queue.sent(held[0].id, "w")
    text = (await asked(database)).text
    assert f"{QUEUED} 2.0" in text
    assert 'kratos_courier_messages{status="processing"} 1.0' in text
    assert "kratos_courier_oldest_message_seconds" in text


async def test_a_database_that_is_away_is_no_empty_queue(database: SqliteDatabase) -> None:
    await migrate_away(database)
    answer = await asked(database)
    assert answer.status_code == 503


async def migrate_away(database: SqliteDatabase) -> None:
    from sqlalchemy import text

    from identity_server.storage.port import Statement

    await database.fetch(Statement(text("DROP TABLE courier_messages"), writes=True)())


def test_the_format_is_the_one_that_is_asked_for() -> None:
    assert exposition({}, 0, "application/openmetrics-text; version=1.0.0")[1].startswith("application/openmetrics")
    assert exposition({}, 0, "")[1].startswith("text/plain")


async def test_a_port_in_use_is_named(database: SqliteDatabase) -> None:
    async with open_metrics(database, system_clock, 0) as port:
        async with httpx2.AsyncClient() as client:
            answer = await client.get(f"http://127.0.0.1:{port}/metrics/prometheus")
        assert answer.status_code == 200
        with pytest.raises(CannotListen, match=str(port)):
            async with open_metrics(database, system_clock, port):
                pass

"""Workers as processes of their own, and the queue that they share."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio.to_thread
from sqlalchemy import select, update

from identity_server import times
from identity_server.courier.message import Message
from identity_server.storage import migrate, tables
from identity_server.storage.courier import CourierMessages
from identity_server.storage.opening import open_database
from identity_server.storage.port import Database, Statement
from live_server import PROGRAM, configuration, free_port

PATIENCE = 60.0
_M = tables.courier_messages
_ROWS = Statement(select(_M.c.id, _M.c.status, _M.c.send_count, _M.c.due_at, _M.c.worker_id).order_by(_M.c.created_at))
_END_LEASES = Statement(update(_M).where(_M.c.status == "processing").values(due_at="2000-01-01T00:00:00.000000Z"))


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Waits for something to become true."""
    async with asyncio.timeout(PATIENCE):
        while not await condition():  # noqa: ASYNC110 - what is waited for happens in other processes
            await asyncio.sleep(0.05)


def mail(to: str = "ida@mail.test") -> Message:
    """A message to an address."""
    return Message("email", to, "stub", subject="Hello", body="Words", html_body="<p>Words</p>")


class Queue:
    """A migrated database with messages in it, and workers on it."""

    def __init__(self, folder: Path, dsn: str, database: Database, smtp_port: int) -> None:
        self.folder = folder
        self.dsn = dsn
        self.database = database
        self.smtp_port = smtp_port
        self.messages = CourierMessages(database, times.system_clock)

    async def put(self, *messages: Message) -> None:
        """Stores messages."""
        assert all(await self.messages.enqueue(messages))

    async def rows(self) -> list[dict[str, Any]]:
        """What the queue knows of its messages, the oldest first."""
        names = ("id", "status", "send_count", "due_at", "worker_id")
        return [dict(zip(names, row, strict=True)) for row in await self.database.fetch(_ROWS())]

    async def statuses(self) -> set[str]:
        """The states that there are."""
        return {row["status"] for row in await self.rows()}

    async def all_sent(self) -> bool:
        """Whether nothing is left to do."""
        return await self.statuses() == {"sent"}

    async def end_leases(self) -> None:
        """Lets the time pass that killed workers have left."""
        await self.database.fetch(_END_LEASES())

    def config(self, courier: Mapping[str, Any] | None = None) -> Path:
        """The configuration of the workers."""
        uri = f"smtp://127.0.0.1:{self.smtp_port}/?disable_starttls=true"
        base = {"smtp": {"connection_uri": uri, "from_address": "shop@mail.test"}, "worker": {"pull_wait": "50ms"}}
        whole = configuration(self.dsn, free_port(), free_port(), {"courier": {**base, **(courier or {})}})
        file = self.folder / "kratos.json"
        file.write_text(json.dumps(whole))
        return file

    @asynccontextmanager
    async def worker(self, courier: Mapping[str, Any] | None = None) -> AsyncIterator[asyncio.subprocess.Process]:
        """``kratos courier watch``; it is asked to end when the block is over, if it still runs."""
        log = (self.folder / "worker.log").open("ab")
        process = await asyncio.create_subprocess_exec(
            PROGRAM, "courier", "watch", "-c", str(self.config(courier)), stdout=log, stderr=log
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
            await asyncio.wait_for(process.wait(), 10)
            log.close()


@asynccontextmanager
async def open_queue(folder: Path, dsn: str, smtp_port: int) -> AsyncIterator[Queue]:
    """An empty queue."""
    await anyio.to_thread.run_sync(migrate.up, dsn)
    database = open_database(dsn)
    try:
        yield Queue(folder, dsn, database, smtp_port)
    finally:
        await database.close()


def kill(process: asyncio.subprocess.Process) -> None:
    """Ends a process as the kernel does when memory is short."""
    os.kill(process.pid, signal.SIGKILL)

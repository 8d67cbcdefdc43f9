"""SQLite on threads of its own: one for writing, one for reading, one hop an operation."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from identity_server.errors import Conflict, StorageError, StorageFull, StorageUnavailable
from identity_server.storage.dsn import SqliteDSN
from identity_server.storage.port import Call, Operation, Rows

T = TypeVar("T")
BUSY_MILLISECONDS = 10_000


def connect(dsn: SqliteDSN, *, threads: bool = False) -> sqlite3.Connection:
    """A connection set up as every other: WAL, foreign keys, patience with other processes."""
    target = ":memory:" if dsn.path is None else Path(dsn.path).absolute().as_uri()
    if dsn.read_only:
        target += "?mode=ro"
    # Implicit transactions are off: each operation says itself where it begins, so that it can begin by writing.
    connection = sqlite3.connect(
        target, isolation_level=None, uri=dsn.path is not None, check_same_thread=not threads, cached_statements=256
    )
    connection.execute(f"PRAGMA busy_timeout={BUSY_MILLISECONDS}")
    if not dsn.read_only:
        connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    return connection


def translate(error: sqlite3.Error) -> StorageError:
    """Our error for one of SQLite's."""
    words = str(error)
    if isinstance(error, sqlite3.IntegrityError) and "UNIQUE" in words:
        return Conflict(words.rpartition(": ")[2])
    if "full" in words:
        return StorageFull("the disk is full")
    if isinstance(error, sqlite3.OperationalError) and (
        "locked" in words or "unable to open" in words or "I/O" in words
    ):
        return StorageUnavailable(words)
    return StorageError(words)


def execute(connection: sqlite3.Connection, call: Call) -> Rows:
    """Runs one call on the thread of its connection."""
    text, ordered = call.statement.compiled("sqlite")
    return connection.execute(text, ordered(call.parameters)).fetchall()


def perform(connection: sqlite3.Connection, operation: Operation) -> Any:
    """Runs an operation in one transaction that takes the write lock first, so that it never has to upgrade."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        try:
            call = next(operation)
            while True:
                try:
                    rows = execute(connection, call)
                except sqlite3.Error as error:
                    call = operation.throw(translate(error))
                else:
                    call = operation.send(rows)
        except StopIteration as done:
            connection.execute("COMMIT")
            return done.value
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


class SqliteDatabase:
    """The embedded database."""

    dialect = "sqlite"

    def __init__(self, dsn: SqliteDSN) -> None:
        self._dsn = dsn
        self._writer = ThreadPoolExecutor(1, "sqlite-writer")
        # Memory belongs to one connection, so reading shares the writer's.
        self._reader = ThreadPoolExecutor(1, "sqlite-reader") if dsn.path is not None else self._writer
        self._connections: dict[ThreadPoolExecutor, sqlite3.Connection] = {}

    def _on(self, pool: ThreadPoolExecutor) -> sqlite3.Connection:
        connection = self._connections.get(pool)
        if connection is None:
            connection = self._connections[pool] = connect(self._dsn, threads=True)
        return connection

    async def _hop(self, pool: ThreadPoolExecutor, work: Callable[[sqlite3.Connection], T]) -> T:
        def task() -> T:
            try:
                return work(self._on(pool))
            except sqlite3.Error as error:
                raise translate(error) from error

        return await asyncio.get_running_loop().run_in_executor(pool, task)

    async def fetch(self, call: Call) -> Rows:
        """Rows of a single statement, committed by itself."""
        pool = self._writer if call.statement.writes else self._reader
        return await self._hop(pool, lambda connection: execute(connection, call))

    async def run(self, operation: Operation) -> Any:
        """What an operation returns; all its calls commit together or not at all."""
        return await self._hop(self._writer, lambda connection: perform(connection, operation))

    async def ping(self) -> None:
        """Asks the database for a sign of life."""
        await self._hop(self._reader, lambda connection: connection.execute("SELECT 1").fetchall())

    async def close(self) -> None:
        """Checkpoints the log and closes both connections."""
        for pool in {self._writer, self._reader}:
            connection = self._connections.pop(pool, None)
            if connection is not None:
                await asyncio.get_running_loop().run_in_executor(pool, connection.close)
            pool.shutdown()

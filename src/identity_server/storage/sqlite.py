"""SQLite on threads of its own: one for writing, one for reading, one hop an operation."""

import asyncio
import os
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from identity_server.errors import Conflict, StorageError, StorageFull, StorageUnavailable
from identity_server.storage.dsn import SqliteDSN
from identity_server.storage.port import Call, Operation, Rows

T = TypeVar("T")
BUSY_MILLISECONDS = 10_000
#: With less than this left, the next write may fail: the log of a transaction has at least a few pages.
LEAST_FREE_BYTES = 128 * 1024


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


def refuse_unusable(path: str) -> None:
    """Says at once what would fail at the first write otherwise.

    Raises:
        StorageError: when the file or its folder is missing or may not be written; the text says which.
    """
    file = Path(path).absolute()
    if not file.parent.is_dir():
        raise StorageError(f"the folder {file.parent} does not exist")
    if not os.access(file.parent, os.R_OK | os.W_OK | os.X_OK):
        raise StorageError(f"user {os.geteuid()} may not write to the folder {file.parent} of the database")
    if file.exists() and not os.access(file, os.R_OK | os.W_OK):
        raise StorageError(f"user {os.geteuid()} may not read and write the database {file}")


def free_bytes(path: str) -> int:
    """How much room this process has beside a file."""
    state = os.statvfs(Path(path).absolute().parent)
    return state.f_frsize * (state.f_bavail if os.geteuid() else state.f_bfree)


def try_writing(connection: sqlite3.Connection) -> None:
    """Writes a page as it is."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    connection.execute(f"PRAGMA user_version={int(version)}")


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
        self._full = False

    def _on(self, pool: ThreadPoolExecutor) -> sqlite3.Connection:
        connection = self._connections.get(pool)
        if connection is None:
            connection = self._connections[pool] = connect(self._dsn, threads=True)
        return connection

    async def _hop(self, pool: ThreadPoolExecutor, work: Callable[[sqlite3.Connection], T]) -> T:
        asked = time.monotonic()

        def task() -> T:
            if time.monotonic() - asked > BUSY_MILLISECONDS / 1000:
                # Whoever waited behind others that waited for a lock is told now, not after waiting for it as well.
                raise StorageUnavailable("the database is busy")
            try:
                return work(self._on(pool))
            except sqlite3.Error as error:
                shown = translate(error)
                self._full = isinstance(shown, StorageFull) or self._full
                raise shown from error

        return await asyncio.get_running_loop().run_in_executor(pool, task)

    async def fetch(self, call: Call) -> Rows:
        """Rows of a single statement, committed by itself."""
        pool = self._writer if call.statement.writes else self._reader
        return await self._hop(pool, lambda connection: execute(connection, call))

    async def run(self, operation: Operation) -> Any:
        """What an operation returns; all its calls commit together or not at all."""
        return await self._hop(self._writer, lambda connection: perform(connection, operation))

    async def ping(self) -> None:
        """Asks the database for a sign of life.

        Raises:
            StorageFull: while nothing can be written; what is there can still be read.
        """
        await self._hop(self._reader, lambda connection: connection.execute("SELECT 1").fetchall())
        if self._dsn.path is None or self._dsn.read_only:
            return
        if free_bytes(self._dsn.path) < LEAST_FREE_BYTES:
            raise StorageFull("the disk is full")
        if self._full:
            await self._hop(self._writer, try_writing)
            self._full = False

    async def close(self) -> None:
        """Checkpoints the log and closes both connections."""
        for pool in {self._writer, self._reader}:
            connection = self._connections.pop(pool, None)
            if connection is not None:
                await asyncio.get_running_loop().run_in_executor(pool, connection.close)
            pool.shutdown()

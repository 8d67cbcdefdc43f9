"""PostgreSQL through a pool of asyncpg, with a time limit on every wait."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from identity_server.errors import Conflict, StorageError, StorageFull, StorageUnavailable
from identity_server.storage.dsn import PostgresDSN
from identity_server.storage.port import Call, Operation, Rows

STATEMENT_SECONDS = 5.0
ACQUIRE_SECONDS = 5.0
PING_SECONDS = 1.5

#: What says that the server went away, not that the statement was wrong.
_GONE = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
)


class _Connection(asyncpg.Connection):
    """A connection that leaves nothing behind: operations end their transactions, nothing else keeps state."""

    def get_reset_query(self) -> str:
        """Nothing to reset, which saves a round trip at every release."""
        return ""


def translate(error: Exception) -> StorageError:
    """Our error for one of the driver's."""
    if isinstance(error, asyncpg.UniqueViolationError):
        return Conflict(getattr(error, "constraint_name", None) or "a unique name")
    if isinstance(error, asyncpg.DiskFullError):
        return StorageFull("the disk is full")
    if isinstance(error, _GONE):
        return StorageUnavailable(type(error).__name__)
    return StorageError(f"{type(error).__name__}: {error}")


class PostgresDatabase:
    """A pool that is opened by the first call."""

    dialect = "postgresql"

    def __init__(self, dsn: PostgresDSN) -> None:
        self._dsn = dsn
        self._pool: asyncpg.Pool | None = None
        self._opening = asyncio.Lock()

    async def _opened(self) -> asyncpg.Pool:
        if self._pool is None:
            async with self._opening:
                if self._pool is None:
                    self._pool = await asyncpg.create_pool(
                        self._dsn.url,
                        min_size=1,
                        max_size=self._dsn.most_connections,
                        command_timeout=STATEMENT_SECONDS,
                        timeout=ACQUIRE_SECONDS,
                        max_inactive_connection_lifetime=300,
                        statement_cache_size=512,
                        connection_class=_Connection,
                        server_settings={"application_name": "kratos", "jit": "off"},
                    )
        return self._pool

    @asynccontextmanager
    async def _connection(self) -> AsyncGenerator[Any]:
        try:
            pool = self._pool or await self._opened()
            connection = await pool.acquire(timeout=ACQUIRE_SECONDS)
        except _GONE as error:
            raise translate(error) from error
        try:
            yield connection
        finally:
            await pool.release(connection, timeout=1)

    async def fetch(self, call: Call) -> Rows:
        """Rows of a single statement; a read that finds its connection dead is tried once more on another."""
        try:
            return await self._fetch(call)
        except StorageUnavailable as error:
            if call.statement.writes or isinstance(error.__cause__, TimeoutError):
                raise
            return await self._fetch(call)

    async def _fetch(self, call: Call) -> Rows:
        text, ordered = call.statement.compiled("postgresql")
        async with self._connection() as connection:
            try:
                return await connection.fetch(text, *ordered(call.parameters))
            except (asyncpg.PostgresError, *_GONE) as error:
                raise translate(error) from error

    async def run(self, operation: Operation) -> Any:
        """What an operation returns; all its calls commit together or not at all."""
        async with self._connection() as connection:
            try:
                async with connection.transaction():
                    return await _drive(connection, operation)
            except (asyncpg.PostgresError, *_GONE) as error:
                raise translate(error) from error

    async def ping(self) -> None:
        """Asks the database for a sign of life."""
        try:
            async with asyncio.timeout(PING_SECONDS), self._connection() as connection:
                await connection.fetchval("SELECT 1")
        except (asyncpg.PostgresError, *_GONE) as error:
            raise translate(error) from error

    async def close(self) -> None:
        """Gives up all connections, waiting for those in use for two seconds at the most."""
        if self._pool is not None:
            pool, self._pool = self._pool, None
            try:
                async with asyncio.timeout(2):
                    await pool.close()
            except TimeoutError:
                pool.terminate()


async def _drive(connection: Any, operation: Operation) -> Any:
    try:
        call = next(operation)
        while True:
            text, ordered = call.statement.compiled("postgresql")
            try:
                rows = await connection.fetch(text, *ordered(call.parameters))
            except asyncpg.PostgresError as error:
                call = operation.throw(translate(error))
            else:
                call = operation.send(rows)
    except StopIteration as done:
        return done.value

"""PostgreSQL through a pool of asyncpg, with a time limit on every wait."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import asyncpg

from identity_server.errors import Conflict, StorageError, StorageFull, StorageUnavailable
from identity_server.storage.dsn import PostgresDSN
from identity_server.storage.port import Call, Operation, Rows
from identity_server.storage.postgres_pool import ConnectionPool

T = TypeVar("T")

STATEMENT_SECONDS = 5.0
ACQUIRE_SECONDS = 5.0
PING_SECONDS = 1.5
COPY_SECONDS = 120.0

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
    # Two transactions waited for each other, and one was ended for it: it may be tried again.
    asyncpg.TransactionRollbackError,
    # The server ended a connection that lay idle; the driver heard of it between two queries and lost its place.
    asyncpg.InternalClientError,
)

#: What a connection does not survive.
_BROKEN = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
)


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
        self._pool = ConnectionPool(self._connect, most=dsn.most_connections, wait_seconds=ACQUIRE_SECONDS)

    async def _connect(self) -> Any:
        options: dict[str, Any] = {"command_timeout": STATEMENT_SECONDS, "timeout": ACQUIRE_SECONDS}
        settings = {"application_name": "kratos", "jit": "off"}
        return await asyncpg.connect(self._dsn.url, statement_cache_size=512, server_settings=settings, **options)

    async def _on_connection(self, work: Callable[[Any], Awaitable[T]]) -> T:
        """What a piece of work returns; a connection that it leaves in doubt is not used again.

        Raises:
            StorageError: for every error of the database, in our words.
        """
        try:
            connection: Any = await self._pool.lend()
        except (asyncpg.PostgresError, *_GONE) as error:
            raise translate(error) from error
        try:
            result = await work(connection)
        except (asyncpg.PostgresError, *_GONE) as error:
            self._settle(connection, error)
            raise translate(error) from error
        except Exception as error:
            self._settle(connection, error)
            raise
        except BaseException:
            self._pool.discard(connection)
            raise
        self._pool.give_back(connection)
        return result

    def _settle(self, connection: Any, error: Exception) -> None:
        """Keeps a connection after an error that the server reported and got over; gives up any other."""
        if isinstance(error, TimeoutError):
            self._pool.discard(connection)
        elif isinstance(error, _BROKEN):
            self._pool.discard(connection, suspect_others=True)
        elif connection.is_in_transaction():
            self._pool.discard(connection)
        else:
            self._pool.give_back(connection)

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
        values = ordered(call.parameters)
        return await self._on_connection(lambda connection: connection.fetch(text, *values))

    async def run(self, operation: Operation) -> Any:
        """What an operation returns; all its calls commit together or not at all."""

        async def work(connection: Any) -> Any:
            async with connection.transaction():
                return await _drive(connection, operation)

        return await self._on_connection(work)

    async def copy(
        self, copies: Sequence[tuple[str, Sequence[str], Sequence[tuple[Any, ...]]]], calls: Sequence[Call]
    ) -> None:
        """Copies rows into tables, each named with its columns, and commits them together with some calls.

        Raises:
            Conflict: when a unique name is taken; nothing is stored then.
            StorageUnavailable: when the database does not answer.
        """

        async def work(connection: Any) -> None:
            async with connection.transaction():
                for table, columns, records in copies:
                    await connection.copy_records_to_table(
                        table, records=records, columns=columns, timeout=COPY_SECONDS
                    )
                for call in calls:
                    text, ordered = call.statement.compiled("postgresql")
                    await connection.fetch(text, *ordered(call.parameters))

        await self._on_connection(work)

    async def ping(self) -> None:
        """Asks the database for a sign of life."""
        try:
            async with asyncio.timeout(PING_SECONDS):
                await self._on_connection(lambda connection: connection.fetchval("SELECT 1"))
        except TimeoutError as error:
            raise translate(error) from error

    async def close(self) -> None:
        """Gives up all connections, waiting for those in use for two seconds at the most."""
        await self._pool.close(2)


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

"""Connections to PostgreSQL, lent one at a time.

asyncpg's own pool makes a task for every loan and every return, which costs more than a point read. This one hands
over what is idle without waiting, and gives up whatever may be in a state that nobody knows.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Protocol


class Connection(Protocol):
    """What the pool needs of a connection."""

    def is_closed(self) -> bool: ...

    def terminate(self) -> None: ...

    async def close(self, *, timeout: float | None = None) -> None: ...  # noqa: ASYNC109 - asyncpg's signature


class PoolClosed(ConnectionError):
    """The pool was given up."""


class ConnectionPool:
    """Opens up to so many connections, and keeps them for as long as they are used now and then.

    Args:
        connect: opens a connection, or raises.
        most: how many may be open.
        wait_seconds: how long a loan is waited for.
        idle_seconds: how long a connection may go unused; firewalls forget sooner or later.
    """

    def __init__(
        self,
        connect: Callable[[], Awaitable[Connection]],
        *,
        most: int,
        wait_seconds: float,
        idle_seconds: float = 300,
    ) -> None:
        self._connect = connect
        self._most = most
        self._wait_seconds = wait_seconds
        self._idle_seconds = idle_seconds
        self._idle: deque[tuple[Connection, float]] = deque()
        self._waiters: deque[asyncio.Future[Connection | None]] = deque()
        self._open = 0
        self._closed = False
        self._closing: set[asyncio.Task[None]] = set()
        self._lent: set[Connection] = set()

    async def lend(self) -> Connection:
        """A connection, to be handed to ``give_back`` or ``discard``.

        Raises:
            TimeoutError: when all are in use for too long.
            OSError, asyncpg.PostgresError: when none can be opened.
        """
        connection = self._take_idle() or await self._another()
        self._lent.add(connection)
        return connection

    async def _another(self) -> Connection:
        while not self._closed:
            if self._open < self._most:
                return await self._new()
            connection = await self._waited_for()
            if connection is not None and not connection.is_closed():
                return connection
            if connection is not None:
                self._open -= 1
        raise PoolClosed("the pool of connections is closed")

    def _take_idle(self) -> Connection | None:
        """The connection that was used last: the others may grow old and be closed."""
        while self._idle and not self._closed:
            connection, _ = self._idle.pop()
            if not connection.is_closed():
                return connection
            self._open -= 1
        return None

    async def _new(self) -> Connection:
        self._open += 1
        try:
            return await self._connect()
        except BaseException:
            self._open -= 1
            self._wake(None)
            raise

    async def _waited_for(self) -> Connection | None:
        """The connection that somebody gives back; None when there is room to open one."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[Connection | None] = loop.create_future()
        self._waiters.append(waiter)
        limit = loop.call_later(self._wait_seconds, _expire, waiter)
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self._return(waiter.result())
            raise
        finally:
            limit.cancel()

    def give_back(self, connection: Connection) -> None:
        """Takes a connection back that is ready for the next."""
        self._lent.discard(connection)
        self._return(connection)

    def _return(self, connection: Connection | None) -> None:
        if connection is not None and (connection.is_closed() or self._closed):
            self._open -= 1
            connection.terminate()
            connection = None
        if self._wake(connection) or connection is None:
            return
        now = asyncio.get_running_loop().time()
        self._idle.append((connection, now))
        while len(self._idle) > 1 and self._idle[0][1] < now - self._idle_seconds:
            self._retire(self._idle.popleft()[0])

    def discard(self, connection: Connection, *, suspect_others: bool = False) -> None:
        """Gives a connection up that may be in the middle of something.

        Args:
            suspect_others: whether the idle ones have probably died of the same cause.
        """
        self._lent.discard(connection)
        connection.terminate()
        self._open -= 1
        while suspect_others and self._idle:
            self._idle.pop()[0].terminate()
            self._open -= 1
        self._wake(None)

    def _wake(self, connection: Connection | None) -> bool:
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return True
        return False

    def _retire(self, connection: Connection) -> None:
        self._open -= 1
        task = asyncio.ensure_future(_end(connection))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def close(self, seconds: float) -> None:
        """Gives up all connections, those in use after so many seconds at the latest."""
        self._closed = True
        while self._waiters:
            self._wake(None)
        while self._idle:
            self._retire(self._idle.pop()[0])
        end = asyncio.get_running_loop().time() + seconds
        while self._lent and asyncio.get_running_loop().time() < end:  # noqa: ASYNC110 - once, at the very end
            await asyncio.sleep(0.01)
        for connection in self._lent:
            connection.terminate()
        if self._closing:
            await asyncio.wait(self._closing, timeout=1)


def _expire(waiter: "asyncio.Future[Connection | None]") -> None:
    if not waiter.done():
        waiter.set_exception(TimeoutError("all connections to the database are in use"))


async def _end(connection: Connection) -> None:
    try:
        await connection.close(timeout=1)
    except Exception:
        connection.terminate()

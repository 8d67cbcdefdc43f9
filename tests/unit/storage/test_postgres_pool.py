"""Connections are lent one at a time, and never while they are in doubt."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from identity_server.storage.postgres_pool import ConnectionPool, PoolClosed

pytestmark = pytest.mark.anyio


class Fake:
    """A connection that remembers what became of it."""

    def __init__(self) -> None:
        self.closed = False
        self.said_goodbye = False

    def is_closed(self) -> bool:
        return self.closed

    def terminate(self) -> None:
        self.closed = True

    async def close(self, *, timeout: float | None = None) -> None:  # noqa: ASYNC109 - as the real one
        self.closed = self.said_goodbye = True


class Server:
    """Makes connections, as many as it is asked for."""

    def __init__(self) -> None:
        self.made: list[Fake] = []
        self.fault: Exception | None = None
        self.gate: asyncio.Event | None = None

    async def connect(self) -> Fake:
        if self.gate is not None:
            await self.gate.wait()
        if self.fault is not None:
            raise self.fault
        self.made.append(Fake())
        return self.made[-1]

    @property
    def open(self) -> int:
        return sum(not each.closed for each in self.made)


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def pool(server: Server) -> ConnectionPool:
    return ConnectionPool(server.connect, most=2, wait_seconds=5)


def short(server: Server, **options: float) -> ConnectionPool:
    return ConnectionPool(server.connect, most=1, **{"wait_seconds": 0.01, **options})  # type: ignore[arg-type]


async def waiting(work: Callable[[], Awaitable[object]]) -> asyncio.Future[object]:
    """A task that has got as far as it can."""
    task = asyncio.ensure_future(work())
    for _ in range(3):
        await asyncio.sleep(0)
    return task


async def test_a_connection_is_used_again(pool: ConnectionPool, server: Server) -> None:
    for _ in range(5):
        pool.give_back(await pool.lend())
    assert len(server.made) == 1


async def test_two_borrowers_have_two(pool: ConnectionPool) -> None:
    assert await pool.lend() is not await pool.lend()


async def test_a_third_waits_for_the_first_to_come_back(pool: ConnectionPool) -> None:
    first, _ = await pool.lend(), await pool.lend()
    third = await waiting(pool.lend)
    assert not third.done()
    pool.give_back(first)
    assert await third is first


async def test_those_who_wait_are_served_in_turn(pool: ConnectionPool) -> None:
    first, second = await pool.lend(), await pool.lend()
    waiters = [await waiting(pool.lend) for _ in range(2)]
    pool.give_back(second)
    pool.give_back(first)
    assert [await each for each in waiters] == [second, first]


async def test_who_waits_too_long_is_told(server: Server) -> None:
    pool = short(server)
    held = await pool.lend()
    with pytest.raises(TimeoutError):
        await pool.lend()
    pool.give_back(held)
    assert await pool.lend() is held


async def test_who_gives_up_waiting_leaves_nothing_missing(server: Server) -> None:
    pool = short(server, wait_seconds=5)
    held = await pool.lend()
    impatient = await waiting(pool.lend)
    impatient.cancel()
    await asyncio.gather(impatient, return_exceptions=True)
    pool.give_back(held)
    assert await pool.lend() is held


async def test_who_gives_up_in_the_moment_of_the_gift_passes_it_on(server: Server) -> None:
    pool = short(server, wait_seconds=5)
    held = await pool.lend()
    impatient, patient = await waiting(pool.lend), await waiting(pool.lend)
    pool.give_back(held)
    impatient.cancel()
    assert await patient is held


async def test_a_connection_in_doubt_is_not_lent_again(pool: ConnectionPool, server: Server) -> None:
    doubtful = await pool.lend()
    pool.discard(doubtful)
    assert doubtful.is_closed()
    assert await pool.lend() is server.made[1]


async def test_who_waits_gets_a_new_one_for_one_in_doubt(server: Server) -> None:
    pool = short(server, wait_seconds=5)
    doubtful = await pool.lend()
    waiter = await waiting(pool.lend)
    pool.discard(doubtful)
    assert await waiter is server.made[1]
    assert server.open == 1


async def test_the_idle_ones_fall_under_suspicion_too(pool: ConnectionPool, server: Server) -> None:
    first, second = await pool.lend(), await pool.lend()
    pool.give_back(first)
    pool.discard(second, suspect_others=True)
    assert server.open == 0
    assert await pool.lend() is server.made[2]


async def test_a_connection_that_died_idle_is_replaced(pool: ConnectionPool, server: Server) -> None:
    pool.give_back(await pool.lend())
    server.made[0].closed = True
    assert await pool.lend() is server.made[1]
    await pool.lend()
    assert len(server.made) == 3


async def test_a_connection_that_comes_back_dead_makes_room(server: Server) -> None:
    pool = short(server, wait_seconds=5)
    held = await pool.lend()
    waiter = await waiting(pool.lend)
    server.made[0].closed = True
    pool.give_back(held)
    assert await waiter is server.made[1]


async def test_a_server_that_is_away_takes_no_place(server: Server) -> None:
    pool = short(server)
    server.fault = ConnectionRefusedError("no")
    for _ in range(3):
        with pytest.raises(ConnectionRefusedError):
            await pool.lend()
    server.fault = None
    assert await pool.lend() is server.made[0]


async def test_who_waits_tries_when_another_failed_to_connect(server: Server) -> None:
    pool = short(server, wait_seconds=5)
    server.gate, server.fault = asyncio.Event(), ConnectionRefusedError("no")
    connecting, waiter = await waiting(pool.lend), await waiting(pool.lend)
    server.gate.set()
    with pytest.raises(ConnectionRefusedError):
        await connecting
    with pytest.raises(ConnectionRefusedError):
        await waiter


async def test_who_is_cut_off_while_connecting_takes_no_place(server: Server) -> None:
    pool = short(server)
    server.gate = asyncio.Event()
    connecting = await waiting(pool.lend)
    connecting.cancel()
    await asyncio.gather(connecting, return_exceptions=True)
    server.gate.set()
    assert await pool.lend() is server.made[0]


async def test_what_nobody_used_for_long_is_closed(server: Server) -> None:
    pool = ConnectionPool(server.connect, most=3, wait_seconds=1, idle_seconds=-1)
    first, second = await pool.lend(), await pool.lend()
    pool.give_back(first)
    pool.give_back(second)
    await asyncio.sleep(0)
    assert server.made[0].said_goodbye


async def test_a_closed_pool_lends_nothing_and_keeps_nothing(pool: ConnectionPool, server: Server) -> None:
    idle, lent = await pool.lend(), await pool.lend()
    pool.give_back(idle)
    await pool.close(0)
    assert server.open == 0
    assert server.made[0].said_goodbye
    with pytest.raises(PoolClosed):
        await pool.lend()
    pool.give_back(lent)
    assert server.open == 0


async def test_closing_waits_for_what_is_lent(pool: ConnectionPool, server: Server) -> None:
    lent = await pool.lend()
    closing = await waiting(lambda: pool.close(5))
    assert not server.made[0].closed
    pool.give_back(lent)
    await closing
    assert server.open == 0


async def test_closing_tells_those_who_wait(server: Server) -> None:
    pool = short(server, wait_seconds=5)
    await pool.lend()
    waiter = await waiting(pool.lend)
    await pool.close(0)
    with pytest.raises(PoolClosed):
        await waiter


async def test_never_more_than_allowed_under_a_crowd(server: Server) -> None:
    pool = ConnectionPool(server.connect, most=3, wait_seconds=5)
    most = 0

    async def borrow(number: int) -> None:
        nonlocal most
        connection = await pool.lend()
        most = max(most, server.open)
        await asyncio.sleep(0)
        pool.discard(connection) if number % 7 == 0 else pool.give_back(connection)

    await asyncio.gather(*(borrow(number) for number in range(200)))
    assert most <= 3
    assert server.open <= 3

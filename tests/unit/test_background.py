"""Work that nobody waits for."""

import asyncio

import pytest

from identity_server.background import Background

pytestmark = pytest.mark.anyio


class Worker:
    """Notes what runs, and goes on when it is told to."""

    def __init__(self) -> None:
        self.running = 0
        self.most = 0
        self.done = 0
        self.go_on = asyncio.Event()

    async def work(self) -> None:
        self.running += 1
        self.most = max(self.most, self.running)
        await self.go_on.wait()
        self.running -= 1
        self.done += 1


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_only_so_many_run_at_a_time_and_all_get_their_turn() -> None:
    background, worker = Background(parallel=2), Worker()
    for _ in range(6):
        assert background.start(worker.work(), "w")
    await settle()
    assert worker.running == 2
    worker.go_on.set()
    await background.close()
    assert (worker.most, worker.done) == (2, 6)


async def test_too_much_is_refused_rather_than_kept_in_memory() -> None:
    background, worker = Background(parallel=1, most=3), Worker()
    assert [background.start(worker.work(), "w") for _ in range(5)] == [True, True, True, False, False]
    worker.go_on.set()
    await background.close()
    assert worker.done == 3


async def test_what_fails_hurts_nobody_else() -> None:
    background, worker = Background(parallel=1), Worker()

    async def broken() -> None:
        raise RuntimeError("broken")

    worker.go_on.set()
    background.start(broken(), "b")
    background.start(worker.work(), "w")
    await background.close()
    assert worker.done == 1


async def test_the_end_waits_for_a_while_and_no_longer() -> None:
    background, worker = Background(parallel=1), Worker()
    background.start(worker.work(), "w")
    background.start(worker.work(), "in line")
    await settle()
    await background.close(grace=0)
    assert worker.done == 0
    assert not background.start(worker.work(), "too late")
    await background.close()

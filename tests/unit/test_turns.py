"""Lines of those that want the same thing."""

import asyncio

import pytest

from identity_server.turns import Turns

pytestmark = pytest.mark.anyio


async def test_so_many_of_a_key_at_once_and_the_others_after_them() -> None:
    turns, inside, most = Turns(2), 0, 0

    async def guess() -> None:
        nonlocal inside, most
        async with turns.turn("ada"):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(guess() for _ in range(9)))
    assert (most, inside) == (2, 0)


async def test_another_key_does_not_wait() -> None:
    turns = Turns(1)
    async with turns.turn("ada"), asyncio.timeout(1), turns.turn("bob"):
        pass


async def test_whoever_goes_away_leaves_the_line_and_an_error_ends_a_turn() -> None:
    turns = Turns(1)

    async def wait() -> None:
        async with turns.turn("ada"):
            raise ValueError

    async with turns.turn("ada"):
        waiting = asyncio.create_task(wait())
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    with pytest.raises(ValueError):
        await wait()
    assert turns._lines == {}

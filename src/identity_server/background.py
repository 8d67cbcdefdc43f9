"""Work that nobody waits for: a few at a time, so many in line, and a short while to finish when the server ends."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

_log = structlog.get_logger("background")
#: At a time. What is started here talks to other servers, which may take their time.
PARALLEL = 20
#: In line and under way; who starts more finds that the other side has been too slow for too long.
MOST = 1000
GRACE_SECONDS = 2.0


class Background:
    """Runs coroutines whose outcome only the log hears of.

    Args:
        parallel: how many run at a time.
        most: how many there are at most, waiting ones included; more are refused.
    """

    def __init__(self, parallel: int = PARALLEL, most: int = MOST) -> None:
        self._turn = asyncio.Semaphore(parallel)
        self._most = most
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    def start(self, work: Coroutine[Any, Any, Any], name: str, *, after: float = 0.0) -> bool:
        """Runs ``work`` when it is its turn; False when there is too much already, and it will not run.

        Args:
            after: seconds to wait before it gets in line.
        """
        if self._closed or len(self._tasks) >= self._most:
            work.close()
            _log.error("work dropped", work=name, why="the server ends" if self._closed else "too much in line")
            return False
        task = asyncio.create_task(self._run(work, name, after))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def _run(self, work: Coroutine[Any, Any, Any], name: str, after: float) -> None:
        try:
            await asyncio.sleep(after)
            async with self._turn:
                await work
        except asyncio.CancelledError:
            work.close()
            raise
        except Exception as error:
            _log.error("work in the background failed", work=name, cause=type(error).__name__)

    async def close(self, grace: float = GRACE_SECONDS) -> None:
        """Takes no more work, waits for what is under way, then ends it."""
        self._closed = True
        if not self._tasks:
            return
        _, left = await asyncio.wait(self._tasks, timeout=grace)
        for task in left:
            task.cancel()
        if left:
            _log.error("work in the background was cut", count=len(left))
            await asyncio.wait(left)

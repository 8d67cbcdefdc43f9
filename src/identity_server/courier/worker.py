"""The loop that delivers queued messages. Any number of workers may run on one queue."""

import asyncio
from collections.abc import Mapping
from functools import partial

import structlog

from identity_server.courier.delivery import Delivery, Settings
from identity_server.courier.message import Message
from identity_server.courier.ports import Channel, MessageStore
from identity_server.randomness import new_id
from identity_server.times import Clock

_log = structlog.get_logger("courier")

#: Longest pause, in seconds, after the store could not be reached; it never ends the worker.
STORE_PAUSE = 15.0


class Worker:
    """Claims messages, sends several at a time and notes how it went.

    A claim is a lease that is renewed while the worker lives; when it is killed, the lease runs out and another
    worker takes over. A message may then go out twice, with one ``Message-ID``, but never be lost.

    Args:
        channels: the ways out by the name that messages have in ``channel``.
    """

    def __init__(
        self, store: MessageStore, channels: Mapping[str, Channel], clock: Clock, settings: Settings | None = None
    ) -> None:
        self.id = new_id()
        self._store = store
        self._settings = settings or Settings()
        self._delivery = Delivery(store, channels, self._settings, clock, self.id)
        self._under_way: dict[str, asyncio.Task[None]] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Works until ``stop`` is set; then finishes what is under way, or puts it back after the grace."""
        try:
            await self._loop(stop)
        finally:
            await self._finish()

    async def _loop(self, stop: asyncio.Event) -> None:
        failures = 0
        while not stop.is_set():
            try:
                claimed = await self._claim()
                failures = 0
            except Exception as error:
                failures += 1
                _log.error("message queue cannot be read", cause=type(error).__name__)
                await _pause(stop, min(STORE_PAUSE, 2.0 ** min(failures - 1, 10)))
                continue
            if not claimed or len(self._under_way) >= self._settings.parallel:
                await self._wait(stop)

    async def run_once(self) -> int:
        """Claims and delivers one batch; the answer is how many messages it had."""
        claimed = await self._claim()
        if self._under_way:
            await asyncio.wait(list(self._under_way.values()))
        return claimed

    async def _claim(self) -> int:
        """Starts as many messages as can be sent at a time; the answer is how many there were."""
        free = self._settings.parallel - len(self._under_way)
        count = min(free, self._settings.pull_count)
        skipped = self._delivery.out_of_reach()
        batch = await self._store.claim(count, self._settings.lease, self.id, skipped) if count > 0 else []
        for message in batch:
            if message.id in self._under_way:
                # Its lease ran out while the store could not be reached; it is this worker's once more.
                continue
            task = asyncio.create_task(self._deliver(message))
            self._under_way[message.id] = task
            task.add_done_callback(partial(self._done, message.id))
        return len(batch)

    def _done(self, message_id: str, _: asyncio.Task[None]) -> None:
        self._under_way.pop(message_id, None)

    async def _deliver(self, message: Message) -> None:
        renewal = asyncio.create_task(self._renew(message.id))
        try:
            await self._delivery.deliver(message)
        except Exception as error:
            # The lease runs out, and the message is claimed anew.
            _log.error("delivery cannot be noted", message_id=message.id, cause=type(error).__name__)
        finally:
            renewal.cancel()

    async def _renew(self, message_id: str) -> None:
        while True:
            await asyncio.sleep(self._settings.lease / 3)
            try:
                await self._store.extend([message_id], self._settings.lease, self.id)
            except Exception as error:
                _log.warning("lease cannot be renewed", message_id=message_id, cause=type(error).__name__)

    async def _wait(self, stop: asyncio.Event) -> None:
        """Waits for a message to be done if all hands are full, but never longer than ``pull_wait``."""
        stopped = asyncio.create_task(stop.wait())
        full = len(self._under_way) >= self._settings.parallel
        waited = [stopped, *(self._under_way.values() if full else ())]
        try:
            await asyncio.wait(waited, timeout=self._settings.pull_wait, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopped.cancel()

    async def _finish(self) -> None:
        if self._under_way:
            await asyncio.wait(list(self._under_way.values()), timeout=self._settings.grace)
        left = dict(self._under_way)
        for task in left.values():
            task.cancel()
        if not left:
            return
        await asyncio.wait(list(left.values()))
        try:
            await self._store.release(list(left), self.id)
        except Exception as error:
            _log.error("messages cannot be put back", count=len(left), cause=type(error).__name__)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return

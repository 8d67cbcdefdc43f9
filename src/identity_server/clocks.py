"""The time that a server goes by: its database's where there is one to ask, and never an earlier one than before.

Codes and sessions end at a time. A clock that is set back would let codes count again that have ended, and clocks of
replicas that differ would end them at different times. Between two looks at the database, time passes by the
machine's monotonic clock, which nobody sets.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import func, select

from identity_server.errors import StorageError
from identity_server.storage.port import Database, Statement
from identity_server.times import Clock, system_clock

LOOK_SECONDS = 10.0
_NOW = Statement(select(func.clock_timestamp()))


class SteadyClock:
    """A clock that follows steps forward at once, and waits at half speed where it was set back."""

    def __init__(self, wall: Clock = system_clock, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._known: tuple[datetime, float] | None = None
        self._last, self._told = wall(), monotonic()

    def __call__(self) -> datetime:
        """The current time in UTC."""
        tick = self._monotonic()
        elapsed = timedelta(seconds=tick - self._told)
        self._told = tick
        self._last = max(self.believed(tick), self._last + elapsed / 2)
        return self._last

    def believed(self, tick: float | None = None) -> datetime:
        """The time as the database has it or, as long as it was never asked, the machine; it may be set back."""
        if self._known is None:
            return self._wall()
        moment, known_at = self._known
        return moment + timedelta(seconds=(self._monotonic() if tick is None else tick) - known_at)

    async def ask(self, database: Database) -> None:
        """Takes over the time of a database that other machines use as well.

        Raises:
            StorageError: when it does not answer; the clock goes on as before.
        """
        if database.dialect != "postgresql":
            return
        asked = self._monotonic()
        moment = (await database.fetch(_NOW()))[0][0]
        answered = self._monotonic()
        if self._known is None:
            # What the machine's own clock said so far is not what others go by.
            self._last, self._told = moment, answered
        self._known = (moment, (asked + answered) / 2)

    async def follow(self, database: Database) -> None:
        """Asks again and again, for as long as the task runs."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.ask(database)
            except StorageError:
                continue

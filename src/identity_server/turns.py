"""Taking turns: of those that want the same thing, so many at a time."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class _Line:
    places: asyncio.Semaphore
    people: int = field(default=0)


class Turns:
    """A line for each key, kept for as long as somebody stands in it.

    Args:
        at_once: how many of a key have their turn at the same time.
    """

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._lines: dict[str, _Line] = {}

    @asynccontextmanager
    async def turn(self, key: str) -> AsyncGenerator[None]:
        """Waits in line; others wait while the block runs."""
        line = self._lines.setdefault(key, _Line(asyncio.Semaphore(self._at_once)))
        line.people += 1
        try:
            async with line.places:
                yield
        finally:
            line.people -= 1
            if not line.people:
                del self._lines[key]

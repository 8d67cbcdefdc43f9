"""How far a long command is: a bar on a terminal, a line now and then elsewhere; on standard error."""

import sys
import time
from collections.abc import Callable
from typing import TextIO

_WIDTH = 24
#: Seconds between two looks at a terminal, and between two lines elsewhere.
_TERMINAL_SECONDS, _LINE_SECONDS = 0.2, 10.0


class Progress:
    """What is shown while rows go by.

    Args:
        total: what ``position`` runs up to; 0 when nobody knows.
        stream: where it is shown.
        clock: seconds of a clock that never goes back.
    """

    def __init__(
        self, total: int = 0, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._total = total
        self._stream = stream or sys.stderr
        self._clock = clock
        self._began = self._shown_at = clock()
        self._first: tuple[int, int] | None = None
        self._bar = self._stream.isatty()
        self._length = 0

    def begin(self, rows: int, position: int) -> None:
        """Where the work begins: what was done before does not count for the rate."""
        self._first = (rows, position)

    def show(self, rows: int, position: int, note: str = "") -> None:
        """Shows how far it is, unless that was just shown.

        Args:
            rows: that are done.
            position: how far the file is read.
            note: stands at the end.
        """
        now = self._clock()
        if now - self._shown_at < (_TERMINAL_SECONDS if self._bar else _LINE_SECONDS):
            return
        self._shown_at = now
        text = self.line(rows, position, now, note)
        if self._bar:
            self._stream.write(f"\r{text.ljust(self._length)}")
            self._length = len(text)
        else:
            self._stream.write(f"{text}\n")
        self._stream.flush()

    def line(self, rows: int, position: int, now: float, note: str = "") -> str:
        """One look."""
        first_rows, first_position = self._first or (0, 0)
        seconds = max(now - self._began, 1e-6)
        parts = [f"{_grouped(rows)} rows", f"{_grouped(round((rows - first_rows) / seconds))}/s"]
        if self._total:
            share = min(position / self._total, 1.0)
            filled = round(share * _WIDTH)
            parts.insert(0, f"[{'#' * filled}{'.' * (_WIDTH - filled)}] {share:4.0%}")
            speed = (position - first_position) / seconds
            if speed > 0:
                parts.append(f"{span((self._total - position) / speed)} left")
        return "  ".join([*parts, note] if note else parts)

    def clear(self) -> None:
        """Makes room for a sentence."""
        if self._bar and self._length:
            self._stream.write(f"\r{' ' * self._length}\r")
            self._length = 0
            self._stream.flush()

    @property
    def seconds(self) -> float:
        """Since the work began."""
        return self._clock() - self._began


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", " ")


def span(seconds: float) -> str:
    """A time that is left, for people: ``1h05m``, ``2m30s``, ``8s``."""
    whole = max(0, round(seconds))
    hours, minutes = divmod(whole // 60, 60)
    if hours:
        return f"{hours}h{minutes:02}m"
    return f"{minutes}m{whole % 60:02}s" if minutes else f"{whole}s"

"""What is told about rows that were not imported: as JSON lines in a file, or as sentences."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson


@dataclass(frozen=True, slots=True)
class Outcome:
    """A row that was not imported.

    Attributes:
        row: its number; in JSON lines the line, in tables the line behind the first.
        skipped: whether it was left out on purpose.
    """

    row: int
    reason: str
    skipped: bool = False

    def line(self) -> bytes:
        """As a line of the report."""
        word = "skipped" if self.skipped else "refused"
        return orjson.dumps({"row": self.row, "outcome": word, "reason": self.reason}) + b"\n"


class Report:
    """Where outcomes go.

    Args:
        path: a file of JSON lines; None for sentences alone.
        say: says a sentence to whoever started the import.
    """

    def __init__(self, path: Path | None, say: Callable[[str], None]) -> None:
        self._path = path
        self._say = say
        self._untold: list[Outcome] = []

    def begin(self, length: int) -> None:
        """Goes on behind so many bytes: what an interrupted batch wrote after them is written again.

        Raises:
            OSError: when the file cannot be written.
        """
        if self._path is not None:
            # Reasons quote names of people.
            with open(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
                file.truncate(length)

    def write(self, position: int, outcomes: Sequence[Outcome]) -> int:
        """Writes outcomes at a position, over what a failed try wrote there; the position behind them."""
        self._untold = list(outcomes)
        if self._path is None:
            return 0
        data = b"".join(each.line() for each in outcomes)
        with self._path.open("r+b") as file:
            file.seek(position)
            file.write(data)
            file.truncate()
        return position + len(data)

    def tell(self) -> None:
        """Says what was written last; a report in a file is not repeated."""
        if self._path is None:
            for each in self._untold:
                word = "skipped" if each.skipped else "refused"
                self._say(f"row {each.row} {word}: {each.reason}")
        self._untold = []

"""One row of a file, and what reading a file may end in."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Row:
    """One row.

    Attributes:
        number: counted from 1.
        value: what it holds.
        fault: why it cannot be read; empty when it can.
        skipped: whether the fault is none, such as an account of a program among those of people.
        as_text: whether the traits are texts that still want their types.
    """

    number: int
    value: dict[str, Any] = field(default_factory=dict[str, Any], repr=False)
    fault: str = ""
    skipped: bool = False
    as_text: bool = False


class BadSource(ValueError):
    """A file that cannot be read on; the text says why."""


class Source(Protocol):
    """A file whose rows are read one after the other."""

    def rows(self) -> Iterator[Row]:
        """Every row.

        Raises:
            BadSource: when the file cannot be read any further.
        """
        ...

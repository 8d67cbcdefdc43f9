"""JSON: a row a line, or one document with a list of rows, read without ever holding all of it."""

from collections.abc import Iterator
from typing import IO, Any

import ijson
import orjson

from identity_server.transfer.sources.row import BadSource, Row

#: Bytes of a line; an identity with a thousand addresses and keys has far fewer.
LONGEST_LINE = 4 * 1024 * 1024


class JsonLines:
    """One identity a line; empty lines are left out, but counted."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def rows(self) -> Iterator[Row]:
        """Every line; one that cannot be read is a row with a fault, and the next is read all the same."""
        number = 0
        while line := self._stream.readline(LONGEST_LINE + 1):
            number += 1
            if len(line) > LONGEST_LINE:
                self._skip(line)
                yield Row(number, fault=f"The line is longer than {LONGEST_LINE} bytes.")
            elif line.strip():
                yield _row(number, line)

    def _skip(self, line: bytes) -> None:
        while line and not line.endswith(b"\n"):
            line = self._stream.readline(LONGEST_LINE)


def _row(number: int, line: bytes) -> Row:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return Row(number, fault=f"The line is no JSON: {error}.")
    return as_row(number, value)


def as_row(number: int, value: Any) -> Row:
    """A row that must be an object."""
    return Row(number, value) if isinstance(value, dict) else Row(number, fault="It is no JSON object.")


class JsonDocument:
    """One document with a list of identities, or with one identity.

    Args:
        place: where they are, in ijson's words: ``item`` for those of a list, nothing for the document itself.
    """

    def __init__(self, stream: IO[bytes], place: str) -> None:
        self._stream = stream
        self._place = place

    def rows(self) -> Iterator[Row]:
        """Every identity."""
        for number, value in enumerate(items(self._stream, self._place), 1):
            yield as_row(number, value)


def items(stream: IO[bytes], place: str) -> Iterator[Any]:
    """The values at a place of a document.

    Raises:
        BadSource: when the document is broken.
    """
    try:
        yield from ijson.items(stream, place, use_float=True)
    except ijson.JSONError as error:
        raise BadSource(f"It is no JSON: {error}".strip().splitlines()[0]) from None

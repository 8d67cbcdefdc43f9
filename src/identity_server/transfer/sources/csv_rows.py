"""Tables of text: the first line names the columns, each other line is an identity.

A column is called as the member that it fills: ``external_id``, ``metadata_public.plan``, ``traits.name.first``. What
is no member of an identity is a trait, so ``email`` is ``traits.email``. ``password`` and ``hashed_password`` are short
for the password's, ``verified`` says that all addresses are verified. Empty cells are left out.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import IO, Any

from identity_server.errors import ApiError
from identity_server.transfer import texts
from identity_server.transfer.sources.json_rows import LONGEST_LINE
from identity_server.transfer.sources.row import BadSource, Row

_PLAIN = {"id", "schema_id", "external_id", "organization_id", "state", "created_at", "updated_at", "state_changed_at"}
_SHORT = {
    "password": "credentials.password.config.password",
    "hashed_password": "credentials.password.config.hashed_password",
}
_SECTIONS = ("traits.", "metadata_public.", "metadata_admin.", "credentials.")
_TRUE, _FALSE = ("true", "yes", "1", "on"), ("false", "no", "0", "off")
_DELIMITERS = ",;\t|"


class CsvTable:
    """A table.

    Args:
        renamed: columns by the member that they fill.
    """

    def __init__(self, stream: IO[bytes], renamed: Mapping[str, str] | None = None) -> None:
        self._stream = stream
        self._members = {column: member for member, column in (renamed or {}).items()}

    def rows(self) -> Iterator[Row]:
        """Every line behind the first.

        Raises:
            BadSource: when the first line names no columns, or the text is not UTF-8.
        """
        text = io.TextIOWrapper(self._stream, encoding="utf-8-sig", newline="")
        csv.field_size_limit(LONGEST_LINE)
        try:
            first = text.readline(LONGEST_LINE)
            names = self._columns(first)
            # The first line was taken for its delimiter; quotes in it may not hold line ends.
            for number, cells in enumerate(csv.reader(text, delimiter=delimiter(first), strict=True), 1):
                if cells:
                    yield _row(number, names, cells)
        except UnicodeDecodeError:
            raise BadSource("It is not UTF-8 text.") from None
        except csv.Error as error:
            raise BadSource(f"It is no table of comma separated values: {error}") from None
        finally:
            text.detach()

    def _columns(self, line: str) -> list[str]:
        names = next(csv.reader([line], delimiter=delimiter(line), strict=True), [])
        members = [self._member(name.strip()) for name in names]
        if not any(members):
            raise BadSource("The first line must name the columns, such as email,name.first,hashed_password.")
        if missing := sorted(self._members.keys() - {name.strip() for name in names}):
            raise BadSource(f"There is no column {missing[0]!r}; there are {', '.join(names)}.")
        for member in members:
            if members.count(member) > 1:
                raise BadSource(f"Two columns fill {member!r}.")
        return members

    def _member(self, name: str) -> str:
        name = self._members.get(name, name)
        if name in _PLAIN or name == "verified" or name.startswith(_SECTIONS):
            return name
        return _SHORT.get(name, f"traits.{name}" if name else "")


def delimiter(line: str) -> str:
    """What stands between the names of a table's first line."""
    return max(_DELIMITERS, key=line.count)


def _row(number: int, names: list[str], cells: list[str]) -> Row:
    if len(cells) != len(names):
        return Row(number, fault=f"It has {len(cells)} cells, and the first line names {len(names)} columns.")
    filled = [(name, cell) for name, cell in zip(names, cells, strict=True) if name and cell != ""]
    try:
        value: dict[str, Any] = texts.nested(filled)
    except ApiError as error:
        return Row(number, fault=error.reason)
    if "verified" in value:
        word = str(value["verified"]).strip().lower()
        if word not in (*_TRUE, *_FALSE):
            return Row(number, fault="verified must be true or false.")
        value["verified"] = word in _TRUE
    return Row(number, value, as_text=True)

"""The page ``docs/reference/messages.md``, made from the table: ``python -m identity_server.messages.reference``."""

import sys
from collections.abc import Iterator
from typing import Final

from . import ids
from .texts import TABLE

_HEAD: Final = """\
# Messages

Forms carry numbered messages, so that a page can show its own words, in its own language. A number never changes its
meaning; the English text may. A message is `{"id", "text", "type"}`, with a `context` where this table names members.
Times are RFC 3339; their twins that end in `_unix` are seconds since 1970. Members in camel case repeat those in snake
case for older pages.

This page is made from `src/identity_server/messages/texts.py`.
"""

_CHAPTERS: Final = (
    ("Login", 1010000),
    ("Registration", 1040000),
    ("Settings", 1050000),
    ("Recovery", 1060000),
    ("Labels of fields and buttons", 1070000),
    ("Verification", 1080000),
    ("What somebody typed", 4000000),
    ("Flows that cannot go on", 4010000),
    ("Ours alone", 4900000),
    ("What an operator must mend", 5000000),
)


def markdown() -> str:
    """The whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield _HEAD
    names = {number: name for name, number in vars(ids).items() if name.isupper()}
    starts = [start for _, start in _CHAPTERS] + [sys.maxsize]
    for (title, start), end in zip(_CHAPTERS, starts[1:], strict=True):
        yield f"## {title}\n\n| Id | Name | Type | Text | Context |\n|---|---|---|---|---|"
        for number in sorted(each for each in TABLE if start <= each < end):
            entry = TABLE[number]
            members = ", ".join(f"`{each}`" for each in entry.members)
            yield f"| {number} | `{names[number]}` | {entry.kind} | {entry.text} | {members} |"
        yield ""


if __name__ == "__main__":
    sys.stdout.write(markdown())

"""The page of messages."""

from pathlib import Path

from identity_server.messages.reference import markdown
from identity_server.messages.texts import TABLE

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "messages.md"


def test_the_page_is_fresh() -> None:
    stale = "make it anew: python -m identity_server.messages.reference > docs/reference/messages.md"
    assert PAGE.read_text(encoding="utf-8") == markdown(), stale


def test_the_page_has_every_message_once() -> None:
    rows = [line.split(" | ")[0].strip("| ") for line in markdown().splitlines() if line.startswith("| ")]
    assert sorted(row for row in rows if row.isdigit()) == sorted(map(str, TABLE))

"""Generated pages are what the files say today."""

from pathlib import Path

import pytest

from identity_charm import reference

DOCS = Path(__file__).parents[3] / "docs" / "reference"


@pytest.mark.parametrize("name", reference.PAGES)
def test_the_page_is_up_to_date(name: str) -> None:
    found = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    assert found == reference.PAGES[name](), f"run python -m identity_charm.reference {name} > docs/reference/{name}.md"

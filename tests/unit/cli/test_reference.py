from pathlib import Path

import pytest

from identity_server.cli import reference as commands
from identity_server.configuration import reference as keys

DOCS = Path(__file__).parents[3] / "docs" / "reference"


@pytest.mark.parametrize(
    ("name", "page", "module"),
    [
        ("configuration.md", keys.page, "identity_server.configuration.reference"),
        ("cli.md", commands.page, "identity_server.cli.reference"),
    ],
)
def test_the_page_is_up_to_date(name, page, module):
    assert (DOCS / name).read_text() == page(), f"run python -m {module} > docs/reference/{name}"

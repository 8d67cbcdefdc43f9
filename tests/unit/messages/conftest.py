"""Messages as they were recorded."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(os.environ.get("KRATOS_CONFORMANCE", Path(__file__).parents[4] / "shared" / "conformance"))


def _messages(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        said = value.get("type") in ("info", "success", "error") and isinstance(value.get("id"), int)
        if said and "text" in value and "<ignored>" not in value.values():
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _messages(each)


@pytest.fixture(scope="session")
def recorded() -> list[dict[str, Any]]:
    """Every message of every recording; a million and above are the server's, the rest come from web hooks."""
    files = sorted((FOLDER / "scenarios" / "golden").glob("*.json"))
    if not files:
        pytest.skip("no recordings here")
    found = [message for file in files for message in _messages(json.loads(file.read_text(encoding="utf-8")))]
    return [message for message in found if message["id"] >= 1_000_000]

"""Forms as they were recorded."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(os.environ.get("KRATOS_CONFORMANCE", Path(__file__).parents[4] / "shared" / "conformance"))


@dataclass(frozen=True)
class Recorded:
    """One form of a recording."""

    scenario: str
    step: str
    form: dict[str, Any]

    @property
    def kind(self) -> str:
        kinds = ("login", "registration", "settings", "recovery")
        return next((kind for kind in kinds if f"/self-service/{kind}" in self.form["action"]), "verification")


def _forms(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if "nodes" in value and "action" in value and "<ignored>" not in json.dumps(value):
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _forms(each)


def _steps() -> Iterator[Recorded]:
    for file in sorted((FOLDER / "scenarios" / "golden").glob("*.json")):
        for step in json.loads(file.read_text(encoding="utf-8"))["steps"]:
            yield from (Recorded(file.stem, step["name"], form) for form in _forms(step["got"]))


@pytest.fixture(scope="session")
def recorded() -> list[Recorded]:
    """Every form of every recording."""
    return list(_steps()) or pytest.skip("no recordings here")

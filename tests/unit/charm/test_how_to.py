"""Commands in the how-to pages name what is there: actions, parameters, options, endpoints, pages."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
PAGES = sorted((ROOT / "docs").rglob("*.md"))
ACTIONS, CONFIG, METADATA = (
    yaml.safe_load((ROOT / f"{name}.yaml").read_text(encoding="utf-8")) for name in ("actions", "config", "metadata")
)
ENDPOINTS: dict[str, Any] = {**METADATA["requires"], **METADATA["provides"], **METADATA["peers"]}
BUNDLED = [page for page in PAGES if page.parent.name in ("how-to", "tutorial")]


def commands(pattern: str) -> list[tuple[str, ...]]:
    return list(_commands(pattern))


def _commands(pattern: str) -> Iterator[tuple[str, ...]]:
    for page in BUNDLED:
        for line in page.read_text(encoding="utf-8").splitlines():
            for found in re.findall(pattern, line):
                yield (page.name, *found) if isinstance(found, tuple) else (page.name, found)


def test_there_are_commands_to_look_at() -> None:
    assert len(commands(r"juju run kratos/")) > 20


@pytest.mark.parametrize(("page", "action", "rest"), commands(r"juju run kratos/(?:\d+|leader) ([a-z-]+)(.*)"))
def test_an_action_and_its_parameters_exist(page: str, action: str, rest: str) -> None:
    given = set(re.findall(r"(?:^| )([a-z-]+)=", re.sub(r"'[^']*'|\"[^\"]*\"", "", rest)))
    assert given <= set(ACTIONS[action]["params"]), page


@pytest.mark.parametrize(("page", "rest"), commands(r"juju config kratos (.*)"))
def test_an_option_exists(page: str, rest: str) -> None:
    given = set(re.findall(r"([a-z_]+)=", rest))
    assert given and given <= set(CONFIG["options"]), page


@pytest.mark.parametrize(("page", "endpoint"), commands(r"kratos:([a-z-]+)"))
def test_an_endpoint_exists(page: str, endpoint: str) -> None:
    assert endpoint in ENDPOINTS, page


WRITTEN = [page for page in PAGES if page.parent.name != "reference"]


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.name)
def test_a_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert target.startswith("https://") or (page.parent / target).exists(), target

"""The published description, and some seconds of asking for whatever it allows and forbids; more in ``make fuzz``."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

import fuzz
from fuzz import Target


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A server with identities, sessions and flows."""
    with fuzz.target(Path(tmp_path_factory.mktemp("fuzz"))) as found:
        yield found


def test_the_description_is_published_by_the_admin_listener_alone(target: Target) -> None:
    answer = httpx2.get(target.server.admin + "admin/openapi.json", timeout=60)
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.json()["openapi"] == "3.1.0"
    assert httpx2.get(target.server.public + "admin/openapi.json", timeout=60).status_code == 404


fuzzing = pytest.mark.skipif(bool(fuzz.missing()), reason=fuzz.missing())


@fuzzing
@pytest.mark.parametrize("listener", ["admin", "public"])
def test_no_answer_is_a_server_error_and_each_is_described(target: Target, tmp_path: Path, listener: str) -> None:
    more = ("--seed=1", "--max-examples=5")
    assert fuzz.fuzz(target, tmp_path, admin=listener == "admin", seconds=8, more=more) == 0


@fuzzing
def test_a_lie_in_the_description_would_be_noticed(target: Target, tmp_path: Path, monkeypatch) -> None:
    honest = fuzz.description

    def lying(found: Target, *, admin: bool) -> dict:
        document = honest(found, admin=admin)
        version = document["paths"]["/admin/version"]
        version["get"]["responses"] = {"204": {"description": "nothing"}}
        return {**document, "paths": {"/admin/version": version}}

    monkeypatch.setattr(fuzz, "description", lying)
    assert fuzz.fuzz(target, tmp_path, admin=True, seconds=2) == 1

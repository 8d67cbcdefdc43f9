"""The page of statuses holds every sentence that a unit may say."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/explanation/a-units-life.md").read_text(encoding="utf-8")
SOURCE = (ROOT / "src/identity_charm/status.py").read_text(encoding="utf-8")


def sentences() -> Iterator[tuple[str, str]]:
    """Status and the longest fixed part of each message in the source."""
    for node in ast.walk(ast.parse(SOURCE)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not node.args:
            continue
        kind = node.func.attr.removesuffix("Status").lower()
        parts = [part.value for part in ast.walk(node.args[0]) if isinstance(part, ast.Constant)]
        texts = [part for part in parts if isinstance(part, str)]
        if kind in ("blocked", "waiting") and texts:
            yield kind, max(texts, key=len)


def test_there_are_sentences() -> None:
    assert len(list(sentences())) > 20


@pytest.mark.parametrize(("kind", "sentence"), list(sentences()))
def test_each_is_on_the_page(kind: str, sentence: str) -> None:
    beginning = sentence.partition(";")[0].partition(": back")[0].strip(" :")
    lines = [line for line in PAGE.splitlines() if beginning in line]
    assert lines, sentence
    assert any(line.startswith(f"| {kind}") for line in lines)

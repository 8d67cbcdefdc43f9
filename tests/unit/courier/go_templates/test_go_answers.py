"""Templates whose answers were recorded from Go 1.26 (text/template, html/template) with sprig 3.2.3."""

import json
from pathlib import Path
from typing import Any

import pytest

from identity_server.courier.go_templates.template import Template

RECORD: dict[str, Any] = json.loads(Path(__file__).with_name("go_answers.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", RECORD["answers"], ids=lambda case: case["source"][:60])
def test_the_answer_is_gos(case: dict[str, Any]) -> None:
    assert Template("mail", case["source"], html=case["html"]).render(RECORD["data"]) == case["text"]

"""Page or script."""

import pytest

from identity_server.web.negotiation import accepts_json, submits_json


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", False),
        ("*/*", False),
        ("application/json", True),
        ("application/json, text/html", False),
        ("application/json, text/html;q=0.9", True),
        ("text/html, application/json;q=0.9", False),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", False),
        ("application/*, text/html;q=0.1", True),
        ("application/json;q=nonsense", False),
    ],
)
def test_json_must_be_liked_better_than_a_page(accept: str, expected: bool) -> None:
    assert accepts_json(accept) is expected


def test_a_json_body_asks_for_json() -> None:
    assert submits_json({"content-type": "application/json", "accept": "text/html"})


def test_a_form_does_not() -> None:
    assert not submits_json({"content-type": "application/x-www-form-urlencoded"})

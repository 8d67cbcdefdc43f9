"""What is told about traits that break their schema."""

import pytest

from identity_server.messages.validation import explain, message_for
from identity_server.schema.violation import Violation


@pytest.mark.parametrize(
    ("keyword", "details", "number", "context"),
    [
        ("required", {"property": "email"}, 4000002, {"property": "email"}),
        ("minLength", {"min_length": 3, "actual_length": 2}, 4000003, {"min_length": 3, "actual_length": 2}),
        ("pattern", {"pattern": "^x"}, 4000004, {"pattern": "^x"}),
        ("exclusiveMinimum", {"minimum": 0, "actual": 0}, 4000019, {"minimum": 0, "actual": 0}),
        ("const", {"expected": "true"}, 4000029, {"expected": "true"}),
        ("const", {}, 4000030, None),
        ("format", {"format": "email", "value": "kay"}, 4000040, {"value": "kay"}),
        ("format", {"format": "tel", "value": "12"}, 4000041, {"value": "12"}),
    ],
)
def test_a_rule_with_a_number_of_its_own(keyword, details, number, context) -> None:
    message = message_for(Violation("traits.a", keyword, details))
    assert (message.id, message.context) == (number, context)


@pytest.mark.parametrize(
    ("keyword", "details", "words"),
    [
        ("format", {"format": "uri", "value": "not a uri"}, ("not a uri", "uri")),
        ("enum", {"options": ["red", "blue"]}, ("red", "blue")),
        ("additionalProperties", {"properties": ["shoe"]}, ("shoe",)),
        ("identifier", {"reason": "the character U+0000 is not allowed"}, ("U+0000",)),
        ("contains", {}, ("entry",)),
        ("someday", {}, ("someday",)),
        ("minLength", {}, ("minLength",)),
    ],
)
def test_any_other_rule_is_told_with_its_reason(keyword, details, words) -> None:
    message = message_for(Violation("traits.a", keyword, details))
    assert message.id == 4000001
    assert message.context == {"reason": message.text}
    assert all(word in message.text for word in words)


def test_an_operator_is_told_where() -> None:
    assert explain(Violation("traits.email", "required", {"property": "email"})).startswith("traits.email: ")

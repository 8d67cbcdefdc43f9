"""The table, the functions and the recordings agree."""

import inspect
import re
from datetime import UTC, datetime
from importlib import import_module
from types import ModuleType
from typing import Any, get_type_hints

import pytest

from identity_server.messages import ids
from identity_server.messages.labels import identifier
from identity_server.messages.message import Message
from identity_server.messages.texts import TABLE
from identity_server.messages.validation import message_for
from identity_server.schema.violation import Violation

TOPICS = ("login", "registration", "settings", "recovery", "verification", "labels", "errors")
MODULES: list[ModuleType] = [import_module(f"identity_server.messages.{topic}") for topic in TOPICS]
SAMPLES: dict[Any, Any] = {str: "x", int: 3, datetime: datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)}
NUMBERS = {name: number for name, number in vars(ids).items() if name.isupper()}


def functions() -> list[Any]:
    found = [each for module in MODULES for each in vars(module).values() if inspect.isfunction(each)]
    return [each for each in found if each.__module__ in {module.__name__ for module in MODULES}]


def sample(function: Any) -> Message:
    hints = get_type_hints(function)
    return function(**{name: SAMPLES.get(hints[name], []) for name in inspect.signature(function).parameters})


BROKEN_RULES = [
    Violation("traits.a", "minLength", {"min_length": 3, "actual_length": 2}),
    Violation("traits.a", "maxLength", {"max_length": 3, "actual_length": 4}),
    Violation("traits.a", "pattern", {"pattern": "x"}),
    Violation("traits.a", "minimum", {"minimum": 1, "actual": 0}),
    Violation("traits.a", "exclusiveMinimum", {"minimum": 1, "actual": 1}),
    Violation("traits.a", "maximum", {"maximum": 1, "actual": 2}),
    Violation("traits.a", "exclusiveMaximum", {"maximum": 1, "actual": 1}),
    Violation("traits.a", "multipleOf", {"base": 2, "actual": 3}),
    Violation("traits.a", "minItems", {"min_items": 1, "actual_items": 0}),
    Violation("traits.a", "maxItems", {"max_items": 1, "actual_items": 2}),
    Violation("traits.a", "uniqueItems", {"index_a": 0, "index_b": 1}),
    Violation("traits.a", "type", {"allowed_types": ["string"], "actual_type": "number"}),
    Violation("traits.a", "const", {"expected": "true"}),
    Violation("traits.a", "const"),
]


def made() -> list[Message]:
    return [*map(sample, functions()), *map(message_for, BROKEN_RULES), identifier()]


def test_every_number_has_a_text_and_no_number_has_two_names() -> None:
    assert sorted(NUMBERS.values()) == sorted(TABLE)


def test_every_message_can_be_made() -> None:
    assert {message.id for message in made()} == set(TABLE)


@pytest.mark.parametrize("message", made(), ids=lambda message: str(message.id))
def test_a_message_has_the_context_that_the_table_names(message) -> None:
    assert set(message.context or ()) == set(TABLE[message.id].members)


@pytest.mark.parametrize("message", made(), ids=lambda message: str(message.id))
def test_no_place_in_a_text_stays_open(message) -> None:
    assert not re.search(r"[{}]", message.text)
    assert message.text or message.id == ids.BACKUP_CODES  # the sample holds no code


@pytest.mark.parametrize("number", TABLE)
def test_a_text_names_members_of_its_context_only(number) -> None:
    entry = TABLE[number]
    assert set(re.findall(r"\{(\w+)\}", entry.text)) <= {*entry.members, "text"}


def test_types_and_contexts_are_those_that_pages_know(recorded) -> None:
    for message in recorded:
        entry = TABLE[message["id"]]
        assert entry.kind == message["type"], message
        assert set(entry.members) == set(message.get("context", ())), message


def test_the_texts_are_our_own(recorded) -> None:
    ours = {number: entry.text for number, entry in TABLE.items() if "{" not in entry.text and len(entry.text) > 20}
    assert not [message for message in recorded if ours.get(message["id"]) == message["text"]]

"""Attacks by what somebody sends as traits."""

import pytest

from identity_server.schema import patterns, phones
from identity_server.schema.identity_schema import MOST_VALUES, MOST_VIOLATIONS


def test_more_values_than_anybody_needs_are_refused_before_they_are_looked_at(schema) -> None:
    person = schema({"tags": {"type": "array", "items": {"type": "string"}}})
    (violation,) = person.validate({"tags": ["x"] * MOST_VALUES})
    assert (violation.pointer, violation.keyword) == ("traits", "size")
    assert person.extract({"tags": ["x"] * MOST_VALUES}).identifiers == {}
    assert person.validate({"tags": ["x"] * (MOST_VALUES - 1)}) == []


def test_only_the_first_broken_rules_are_told(schema) -> None:
    violations = schema({"tags": {"items": {"type": "string"}}}).validate({"tags": [1] * 5000})
    assert len(violations) == MOST_VIOLATIONS


def test_evidence_repeats_a_part_of_what_was_sent(schema) -> None:
    long = "x" * 100_000
    person = schema({"a": {"format": "email"}, "b": {"format": "date"}, "c": {"additionalProperties": False}})
    sent = {"a": long, "b": long, "c": {f"{number}{long}": 1 for number in range(30)}}
    for violation in person.validate(sent):
        assert len(repr(violation)) < 5000


def test_marked_addresses_repeat_a_part_as_well(schema) -> None:
    rule = {"type": "string", "ory.sh/kratos": {"recovery": {"via": "email"}}}
    (violation,) = schema({"a": rule}).validate({"a": "x" * 100_000})
    assert len(violation.details["value"]) == 256


@pytest.mark.parametrize("rule", [{"format": "regex"}, {"format": "tel"}, {"pattern": "^x"}])
def test_what_somebody_sends_is_not_kept_in_memory(schema, rule) -> None:
    person = schema({"a": rule})
    before = (patterns._compiled.cache_info().currsize, phones._parsed.cache_info().currsize)
    person.validate({"a": "+" + "1" * 100_000})
    person.validate({"a": "(" * 100_000})
    assert (patterns._compiled.cache_info().currsize, phones._parsed.cache_info().currsize) <= (
        before[0] + 1,
        before[1],
    )


def test_deep_values_are_survived(schema) -> None:
    deep: object = "x"
    for _ in range(200):
        deep = {"a": [deep]}
    person = schema({"a": {"uniqueItems": True, "enum": [1]}, "b": {"const": 1}, "c": {"items": {"uniqueItems": True}}})
    assert person.validate({"a": deep, "b": deep, "c": [[deep, deep]]}) != []

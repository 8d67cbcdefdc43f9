"""What breaks which rule, where, and with what evidence."""

from typing import Any

import pytest

EMAIL = {"type": "string", "format": "email"}


def broken(violations: list[Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [(each.pointer, each.keyword, dict(each.details)) for each in violations]


def test_traits_that_fit_break_nothing(schema) -> None:
    assert schema({"email": EMAIL}, required=("email",)).validate({"email": "ada@example.com"}) == []


@pytest.mark.parametrize(
    ("rule", "value", "keyword", "details"),
    [
        ({"type": "string"}, 7, "type", {"allowed_types": ["string"], "actual_type": "number"}),
        ({"type": ["string", "null"]}, True, "type", {"allowed_types": ["string", "null"], "actual_type": "boolean"}),
        ({"type": "integer"}, 1.5, "type", {"allowed_types": ["integer"], "actual_type": "number"}),
        ({"type": "integer"}, "many", "type", {"allowed_types": ["integer"], "actual_type": "string"}),
        ({"type": "string"}, None, "type", {"allowed_types": ["string"], "actual_type": "null"}),
        ({"type": "string"}, [], "type", {"allowed_types": ["string"], "actual_type": "array"}),
        ({"type": "string"}, {}, "type", {"allowed_types": ["string"], "actual_type": "object"}),
        ({"minLength": 3}, "ab", "minLength", {"min_length": 3, "actual_length": 2}),
        ({"maxLength": 3}, "abcd", "maxLength", {"max_length": 3, "actual_length": 4}),
        ({"pattern": "^[0-9]{5}$"}, "12", "pattern", {"pattern": "^[0-9]{5}$"}),
        ({"minimum": 13}, 3, "minimum", {"minimum": 13, "actual": 3}),
        ({"maximum": 120}, 300, "maximum", {"maximum": 120, "actual": 300}),
        ({"exclusiveMinimum": 0}, 0, "exclusiveMinimum", {"minimum": 0, "actual": 0}),
        ({"exclusiveMaximum": 9}, 9, "exclusiveMaximum", {"maximum": 9, "actual": 9}),
        ({"multipleOf": 0.5}, 1.3, "multipleOf", {"base": 0.5, "actual": 1.3}),
        ({"minItems": 1}, [], "minItems", {"min_items": 1, "actual_items": 0}),
        ({"maxItems": 1}, ["a", "b"], "maxItems", {"max_items": 1, "actual_items": 2}),
        ({"uniqueItems": True}, ["a", "b", "a"], "uniqueItems", {"index_a": 0, "index_b": 2}),
        ({"enum": ["red", "blue"]}, "pink", "enum", {"options": ["red", "blue"]}),
        ({"const": True}, False, "const", {"expected": "true"}),
        ({"const": "yes"}, "no", "const", {"expected": '"yes"'}),
        ({"const": {"a": 1}}, {}, "const", {}),
        ({"format": "email"}, "kay", "format", {"format": "email", "value": "kay"}),
        ({"format": "tel"}, "12", "format", {"format": "tel", "value": "12"}),
        ({"additionalProperties": False}, {"shoe": 1}, "additionalProperties", {"properties": ["shoe"]}),
    ],
)
def test_a_broken_rule_comes_with_evidence(schema, rule, value, keyword, details) -> None:
    assert broken(schema({"field": rule}).validate({"field": value})) == [("traits.field", keyword, details)]


def test_a_missing_trait_is_told_where_it_should_be(schema) -> None:
    name = {"type": "object", "properties": {"last": {"type": "string"}}, "required": ["last"]}
    violations = schema({"email": EMAIL, "name": name}, required=("email",)).validate({"name": {}})
    assert broken(violations) == [
        ("traits.name.last", "required", {"property": "last"}),
        ("traits.email", "required", {"property": "email"}),
    ]


@pytest.mark.parametrize(("traits", "kind"), [(None, "null"), ("text", "string"), ([], "array"), (3, "number")])
def test_traits_that_are_no_object_break_a_rule_at_the_root(schema, traits, kind) -> None:
    violations = schema({"email": EMAIL}).validate(traits)
    assert broken(violations) == [("traits", "type", {"allowed_types": ["object"], "actual_type": kind})]


def test_an_unknown_trait_is_told_at_the_object_around_it(registry_of) -> None:
    document = {"properties": {"traits": {"properties": {"a": {}}, "additionalProperties": False}}}
    violations = registry_of(document).get("person").validate({"b": 1, "c": 2})
    assert broken(violations) == [("traits", "additionalProperties", {"properties": ["b", "c"]})]


def test_items_are_told_with_their_number_and_dots_in_names_are_escaped(schema) -> None:
    violations = schema({"e.mails": {"items": EMAIL}}).validate({"e.mails": ["a@b.co", "x"]})
    assert violations[0].pointer == "traits.e\\.mails.1"


def test_nothing_else_is_said_of_a_value_of_the_wrong_type(schema) -> None:
    violations = schema({"colour": {"type": "string", "enum": ["red"], "const": "red"}}).validate({"colour": 3})
    assert [each.keyword for each in violations] == ["type"]


def test_several_rules_of_one_trait_are_told_in_a_fixed_order(schema) -> None:
    rule = {"pattern": "^x", "minLength": 5, "format": "email", "type": "string"}
    assert [each.keyword for each in schema({"a": rule}).validate({"a": "ab"})] == ["format", "minLength", "pattern"]


def test_lengths_count_characters_not_bytes(schema) -> None:
    assert schema({"a": {"maxLength": 3}}).validate({"a": "äöü"}) == []


def test_multiples_are_decimal(schema) -> None:
    assert schema({"a": {"multipleOf": 0.1}}).validate({"a": 0.3}) == []
    assert schema({"a": {"multipleOf": 1e-300}}).validate({"a": 1e300}) == []


def test_numbers_are_equal_by_value_and_booleans_are_no_numbers(schema) -> None:
    assert schema({"a": {"enum": [1]}}).validate({"a": 1.0}) == []
    assert schema({"a": {"enum": [1]}}).validate({"a": True}) != []
    assert schema({"a": {"uniqueItems": True}}).validate({"a": [1, True, "1", [1], {"b": 1}]}) == []
    assert schema({"a": {"uniqueItems": True}}).validate({"a": [{"b": 1, "c": 2}, {"c": 2, "b": 1.0}]}) != []


def test_all_branches_of_a_choice_are_told(schema) -> None:
    rule = {"anyOf": [EMAIL, {"type": "string", "format": "tel"}]}
    violations = schema({"contact": rule}).validate({"contact": "nobody"})
    assert {each.details["format"] for each in violations} == {"email", "tel"}


def test_a_value_that_fits_two_exclusive_kinds_breaks_the_choice(schema) -> None:
    violations = schema({"a": {"oneOf": [{"type": "string"}, {"minLength": 1}]}}).validate({"a": "x"})
    assert [each.keyword for each in violations] == ["oneOf"]


def test_a_schema_that_is_false_refuses_everything(schema) -> None:
    assert [each.keyword for each in schema({"a": False, "b": {}}).validate({"a": 1})] == ["false"]


def test_members_named_by_pattern_are_held_to_their_rules(schema) -> None:
    rule = {"patternProperties": {"^x-": {"type": "string"}}, "additionalProperties": {"type": "number"}}
    violations = schema({"extra": rule}).validate({"extra": {"x-a": "fine", "x-b": 1, "n": 2, "m": "no"}})
    assert [each.pointer for each in violations] == ["traits.extra.x-b", "traits.extra.m"]


@pytest.mark.parametrize("number", ["04", "06", "07"])
def test_drafts_have_their_own_rules(registry_of, number) -> None:
    bounds = {"minimum": 3, "exclusiveMinimum": True} if number == "04" else {"exclusiveMinimum": 3}
    document = {
        "$schema": f"http://json-schema.org/draft-{number}/schema#",
        "properties": {"traits": {"properties": {"age": {"type": "integer", **bounds}}}},
    }
    violations = registry_of(document).get("person").validate({"age": 3})
    assert broken(violations) == [("traits.age", "exclusiveMinimum", {"minimum": 3, "actual": 3})]


def test_the_newest_draft_has_its_own_rules(registry_of) -> None:
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "properties": {
            "traits": {
                "properties": {"pair": {"prefixItems": [{"type": "string"}, {"type": "number"}], "items": False}},
                "unevaluatedProperties": False,
            }
        },
    }
    schema = registry_of(document).get("person")
    assert schema.validate({"pair": ["a", 1]}) == []
    assert [each.keyword for each in schema.validate({"pair": ["a", "b"]})] == ["type"]
    assert [each.keyword for each in schema.validate({"pear": 1})] == ["unevaluatedProperties"]


def test_a_marked_address_that_is_none_is_told_once(schema) -> None:
    marked = {**EMAIL, "ory.sh/kratos": {"verification": {"via": "email"}, "recovery": {"via": "email"}}}
    violations = schema({"email": marked}).validate({"email": "ida"})
    assert broken(violations) == [("traits.email", "format", {"format": "email", "value": "ida"})]


def test_half_a_surrogate_pair_breaks_rules_instead_of_the_server(schema) -> None:
    half = "a\ud800"
    marked = {"type": "string", "pattern": "^a", "ory.sh/kratos": {"credentials": {"password": {"identifier": True}}}}
    assert {each.keyword for each in schema({"name": marked}).validate({"name": half})} == {"pattern", "identifier"}

"""Traits out of forms, whose fields are all text."""

import pytest

RULES = {
    "email": {"type": "string", "format": "email"},
    "age": {"type": "integer"},
    "height": {"type": ["null", "number"]},
    "terms": {"type": "boolean"},
    "tags": {"type": "array", "items": {"type": "string"}},
    "years": {"type": "array", "items": {"type": "integer"}},
    "name": {"type": "object", "properties": {"first": {"type": "string"}, "last": {"type": "string"}}},
    "pets": {"type": "array", "items": {"type": "object", "properties": {"legs": {"type": "integer"}}}},
}


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ({"age": "42"}, {"age": 42}),
        ({"age": "-7"}, {"age": -7}),
        ({"age": "many"}, {"age": "many"}),
        ({"age": "٤"}, {"age": "٤"}),
        ({"age": "9" * 5000}, {"age": "9" * 5000}),
        ({"height": "1.5"}, {"height": 1.5}),
        ({"height": "1e3"}, {"height": 1000.0}),
        ({"height": "nan"}, {"height": "nan"}),
        ({"height": "1e999"}, {"height": "1e999"}),
        ({"height": "1_0"}, {"height": "1_0"}),
        ({"terms": "true"}, {"terms": True}),
        ({"terms": "on"}, {"terms": True}),
        ({"terms": "false"}, {"terms": False}),
        ({"terms": ["false", "true"]}, {"terms": True}),
        ({"terms": "perhaps"}, {"terms": "perhaps"}),
        ({"email": "a@b.co"}, {"email": "a@b.co"}),
        ({"email": ["a@b.co", "c@d.co"]}, {"email": "c@d.co"}),
        ({"email": ""}, {}),
        ({"email": {"nested": "x"}}, {}),
        ({"tags": "a"}, {"tags": ["a"]}),
        ({"tags": ["a", "", "b"]}, {"tags": ["a", "b"]}),
        ({"tags": {"1": "b", "0": "a", "10": "c", "x": "d"}}, {"tags": ["a", "b", "c"]}),
        ({"tags": ""}, {}),
        ({"years": ["1", "two"]}, {"years": [1, "two"]}),
        ({"pets": {"0": {"legs": "4"}}}, {"pets": [{"legs": 4}]}),
        ({"role": "admin"}, {}),
        ({"age": 3}, {"age": 3}),
    ],
)
def test_text_becomes_what_the_schema_has(schema, sent, meant) -> None:
    assert schema(RULES).from_form(sent) == {"name": {}, **meant}


def test_objects_are_opened_and_unknown_members_left_out(schema) -> None:
    sent = {"name": {"first": "Ada", "middle": "x", "last": ""}}
    assert schema(RULES).from_form(sent) == {"name": {"first": "Ada"}}


@pytest.mark.parametrize("sent", [None, "text", [], 3])
def test_what_is_no_form_gives_no_traits(schema, sent) -> None:
    assert schema(RULES).from_form(sent) == {"name": {}}


def test_lists_survive_their_way_through_a_form(schema) -> None:
    traits = {"name": {}, "tags": ["a", "b"]}
    assert schema(RULES).from_form({"tags": {str(at): each for at, each in enumerate(traits["tags"])}}) == traits


def test_missing_objects_are_added_and_present_ones_kept(schema) -> None:
    person = schema(RULES)
    assert person.with_objects({"email": "a@b.co"}) == {"email": "a@b.co", "name": {}}
    assert person.with_objects({"name": {"first": "A"}}) == {"name": {"first": "A"}}
    assert person.with_objects({"name": "text"}) == {"name": "text"}
    assert person.with_objects("text") == "text"


def test_a_schema_behind_choices_has_types_too(schema) -> None:
    assert schema({"age": {"anyOf": [{"type": "null"}, {"type": "integer"}]}}).from_form({"age": "4"}) == {"age": 4}


def test_a_number_that_is_none_stays_text(schema) -> None:
    assert schema({"height": {"type": "number"}}).from_form({"height": "tall"}) == {"height": "tall"}
    assert schema({"height": {"type": "number"}}).from_form({"height": "180"}) == {"height": 180}

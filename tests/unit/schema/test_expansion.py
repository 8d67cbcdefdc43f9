"""References that are followed."""

from typing import Any

import pytest


def document(reference: str, **more: Any) -> dict[str, Any]:
    return {
        "$id": "https://example.com/person.json",
        "properties": {"traits": {"properties": {"a": {"type": "string"}, "b": {"$ref": reference}}}},
        "definitions": {"age": {"type": "integer", "title": "Age"}, "odd/na~me": {"type": "integer"}},
        **more,
    }


@pytest.mark.parametrize(
    "reference",
    [
        "#/definitions/age",
        "https://example.com/person.json#/definitions/age",
        "#/definitions/odd~1na~0me",
        "#/definitions/odd~1na%7E0me",
    ],
)
def test_a_reference_inside_the_document_is_followed(registry_of, reference) -> None:
    schema = registry_of(document(reference)).get("person")
    assert [each.keyword for each in schema.validate({"b": "old"})] == ["type"]


def test_a_reference_may_name_another_trait_or_an_item_of_a_list(registry_of) -> None:
    whole = document("#/properties/traits/properties/a", allOf=[{"title": "first"}])
    assert registry_of(whole).get("person").validate({"b": 1}) != []
    registry_of(document("#/allOf/0", allOf=[{"title": "first"}])).load_all()


def test_an_anchor_is_followed(registry_of) -> None:
    old = {**document("#age"), "definitions": {"age": {"$id": "#age", "type": "integer"}}}
    assert registry_of(old).get("person").validate({"b": "x"}) != []
    new = {
        **document("#age"),
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$defs": {"age": {"$anchor": "age", "type": "integer"}},
    }
    assert registry_of(new).get("person").validate({"b": "x"}) != []


def test_what_stands_beside_a_reference_counts_in_newer_drafts_alone(registry_of) -> None:
    def rules(dialect: str) -> list[str]:
        whole = document("#/definitions/age", **{"$schema": dialect})
        whole["properties"]["traits"]["properties"]["b"]["minimum"] = 18
        return [each.keyword for each in registry_of(whole).get("person").validate({"b": 3})]

    assert rules("http://json-schema.org/draft-07/schema#") == []
    assert rules("https://json-schema.org/draft/2019-09/schema") == ["minimum"]
    assert rules("https://json-schema.org/draft/2020-12/schema") == ["minimum"]


def test_a_field_behind_a_reference_has_the_label_of_what_it_names(registry_of) -> None:
    field = registry_of(document("#/definitions/age")).get("person").fields[1]
    assert (field.name, field.type, field.title) == ("traits.b", "number", "Age")


def test_one_definition_may_be_used_many_times(registry_of) -> None:
    whole = document("#/definitions/age")
    members = whole["properties"]["traits"]["properties"]
    members.update({f"age{number}": {"$ref": "#/definitions/age"} for number in range(200)})
    assert len(registry_of(whole).get("person").fields) == 202


def test_traits_may_be_called_like_keywords(registry_of) -> None:
    names = ["$id", "id", "$ref", "definitions", "properties", "*", "$schema"]
    whole = {"properties": {"traits": {"properties": {name: {"type": "integer"} for name in names}}}}
    schema = registry_of(whole).get("person")
    assert [field.name for field in schema.fields] == [f"traits.{name}" for name in names]
    assert len(schema.validate(dict.fromkeys(names, "x"))) == len(names)

"""Traits out of forms and JSON."""

import base64
import json
from typing import Any

import pytest

from identity_server.flows import forms, traits
from identity_server.flows.caller import Caller
from identity_server.schema.identity_schema import IdentitySchema
from identity_server.schema.registry import SchemaEntry, SchemaRegistry
from identity_server.ui.container import Container
from identity_server.ui.trait_nodes import trait_nodes

SCHEMA = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {
        "traits": {
            "type": "object",
            "properties": {
                "email": {"type": "string", "format": "email", "title": "E-mail"},
                "age": {"type": "integer", "title": "Age"},
                "height": {"type": "number"},
                "news": {"type": "boolean"},
                "tags": {"type": "array", "items": {"type": "string"}},
                "ports": {"type": "array", "items": {"type": "integer"}},
                "name": {"type": "object", "properties": {"first": {"type": "string"}}},
                "a.b": {"type": "string"},
            },
            "required": ["email"],
            "additionalProperties": False,
        }
    },
}


@pytest.fixture
def schema() -> IdentitySchema:
    url = "base64://" + base64.b64encode(json.dumps(SCHEMA).encode()).decode()
    entry = SchemaEntry("person", url)
    registry = SchemaRegistry([entry], "person", lambda url: base64.b64decode(url.removeprefix("base64://")))
    return registry.get("person")


def sent(body: str, media: str = forms.URLENCODED) -> Caller:
    return Caller("POST", "", {}, {"content-type": media}, {}, "", False, False, body.encode())


def of_form(body: str, schema: IdentitySchema) -> traits.Submitted:
    caller = sent(body)
    return traits.submitted(caller, forms.read(caller), schema)


def of_json(value: Any, schema: IdentitySchema) -> traits.Submitted:
    caller = sent(json.dumps({"traits": value}), forms.JSON)
    return traits.submitted(caller, forms.read(caller), schema)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("traits.age=42", {"age": 42}),
        ("traits.age=-1", {"age": -1}),
        ("traits.height=1.5", {"height": 1.5}),
        ("traits.height=2", {"height": 2}),
        ("traits.news=true", {"news": True}),
        ("traits.news=on", {"news": True}),
        ("traits.news=false&traits.news=true", {"news": True}),
        ("traits.news=false", {"news": False}),
        ("traits.tags=a", {"tags": ["a"]}),
        ("traits.tags=a&traits.tags=b", {"tags": ["a", "b"]}),
        ("traits.tags.0=a&traits.tags.1=b", {"tags": ["a", "b"]}),
        ("traits.tags.10=c&traits.tags.9=b", {"tags": ["b", "c"]}),
        ("traits.ports=80&traits.ports=443", {"ports": [80, 443]}),
        ("traits.name.first=Ivy", {"name": {"first": "Ivy"}}),
        ("traits.a\\.b=x", {"a.b": "x"}),
        ("traits.age=", {}),
        ("traits.role=admin", {}),
    ],
)
def test_text_becomes_what_the_schema_asks_for(body: str, expected: dict[str, Any], schema: IdentitySchema) -> None:
    found = of_form("traits.email=ivy%40mail.test&" + body, schema)
    assert found.violations == []
    assert found.traits == {"email": "ivy@mail.test", "name": {}, **expected}


@pytest.mark.parametrize("text", ["many", "1e999", "0x10", "007", "true", "NaN", "1_000", "４２", "[1]", '"1"'])
def test_what_is_no_number_stays_and_is_refused(text: str, schema: IdentitySchema) -> None:
    found = of_form(f"traits.email=ivy%40mail.test&traits.age={text}", schema)
    assert [each.pointer for each in found.violations] == ["traits.age"]
    assert found.traits["age"] == text


def test_a_field_left_empty_is_missing(schema: IdentitySchema) -> None:
    found = of_form("traits.email=&traits.age=", schema)
    assert [(each.pointer, each.keyword) for each in found.violations] == [("traits.email", "required")]


def test_objects_exist_even_when_nothing_in_them_was_filled_in(schema: IdentitySchema) -> None:
    assert of_json({"email": "a@b.test"}, schema).traits == {"email": "a@b.test", "name": {}}


def test_json_is_not_converted(schema: IdentitySchema) -> None:
    found = of_json({"email": "a@b.test", "age": "42"}, schema)
    assert [each.pointer for each in found.violations] == ["traits.age"]


def test_json_with_a_field_that_nobody_knows_is_refused(schema: IdentitySchema) -> None:
    found = of_json({"email": "a@b.test", "role": "admin"}, schema)
    assert [(each.pointer, each.keyword) for each in found.violations] == [("traits", "additionalProperties")]


@pytest.mark.parametrize("value", ["text", 7, ["email"], True])
def test_traits_that_are_no_object_are_refused(value: Any, schema: IdentitySchema) -> None:
    assert [each.pointer for each in of_json(value, schema).violations] == ["traits"]


def test_a_nested_place_of_the_wrong_kind_is_refused_not_overwritten(schema: IdentitySchema) -> None:
    assert of_json({"email": "a@b.test", "name": "Ivy"}, schema).traits["name"] == "Ivy"


def test_values_are_kept_and_messages_stand_at_their_fields(schema: IdentitySchema) -> None:
    ui = Container("https://app.test", nodes=trait_nodes(schema.fields, {}, "default"))
    found = of_form("traits.email=ivy&traits.age=many", schema)
    found.keep(ui)
    found.tell(ui)
    email, age = ui.find("traits.email"), ui.find("traits.age")
    assert email is not None and age is not None
    assert (email.value, [each.id for each in email.messages]) == ("ivy", [4000040])
    assert (age.value, [each.id for each in age.messages]) == ("many", [4000026])

"""Form fields out of a schema."""

import pytest

IDENTIFIES = {"ory.sh/kratos": {"credentials": {"password": {"identifier": True}}}}


@pytest.mark.parametrize(
    ("rule", "kind", "autocomplete"),
    [
        ({"type": "string"}, "text", ""),
        ({"type": "string", "format": "email"}, "email", "email"),
        ({"type": "string", "format": "tel"}, "tel", "tel"),
        ({"type": "string", "format": "uri"}, "url", "url"),
        ({"type": "string", "format": "date"}, "date", ""),
        ({"type": "string", "format": "date-time"}, "datetime-local", ""),
        ({"type": "string", "format": "no-validate"}, "text", ""),
        ({"type": "integer"}, "number", ""),
        ({"type": ["null", "number"]}, "number", ""),
        ({"type": "boolean"}, "checkbox", ""),
        ({"type": "array", "items": {"type": "string"}}, "text", ""),
        ({"enum": ["a"]}, "text", ""),
        ({}, "text", ""),
    ],
)
def test_a_type_and_format_make_an_input(schema, rule, kind, autocomplete) -> None:
    (field,) = schema({"a": rule}).fields
    assert (field.name, field.type, field.autocomplete) == ("traits.a", kind, autocomplete)


def test_fields_keep_the_order_of_the_schema_and_objects_are_opened(schema) -> None:
    name = {"type": "object", "title": "Name", "properties": {"last": {}, "first": {}}}
    assert schema({"z": {}, "name": name, "a": {}}).field_names == (
        "traits.z",
        "traits.name.last",
        "traits.name.first",
        "traits.a",
    )


def test_objects_without_members_and_lists_of_objects_are_no_fields(schema) -> None:
    rules = {"a": {"type": "object"}, "b": {"type": "array", "items": {"type": "object"}}, "c": {}}
    assert schema(rules).field_names == ("traits.c",)


def test_a_field_is_required_by_the_object_around_it(schema) -> None:
    name = {"type": "object", "properties": {"first": {}, "last": {}}, "required": ["last"]}
    fields = schema({"email": {}, "name": name}, required=("email",)).fields
    assert [field.required for field in fields] == [True, False, True]


def test_title_pattern_and_the_wish_to_be_disabled_are_kept(schema) -> None:
    (field,) = schema({"a": {"title": "A", "pattern": "^x$", "disableFormField": True}}).fields
    assert (field.title, field.pattern, field.disabled) == ("A", "^x$", True)


def test_parts_of_one_trait_are_put_together(schema) -> None:
    rule = {"title": "Contact", "allOf": [{"type": "string"}, {"format": "email"}]}
    (field,) = schema({"contact": rule}).fields
    assert (field.title, field.type) == ("Contact", "email")


def test_fields_of_a_choice_are_shown_and_none_is_required(registry_of) -> None:
    choice = [{"properties": {name: {}}, "required": [name]} for name in ("email", "phone")]
    fields = registry_of({"properties": {"traits": {"anyOf": choice}}}).get("person").fields
    assert [(field.name, field.required) for field in fields] == [("traits.email", False), ("traits.phone", False)]


def test_the_only_identifier_labels_the_login_form(schema) -> None:
    assert schema({"a": {}, "b": {"title": "B", **IDENTIFIES}}).identifier_field.title == "B"


def test_several_identifiers_or_none_label_nothing(schema) -> None:
    assert schema({"a": IDENTIFIES, "b": IDENTIFIES}).identifier_field is None
    assert schema({"a": {}}).identifier_field is None


def test_two_credentials_of_one_trait_are_one_identifier(schema) -> None:
    both = {"ory.sh/kratos": {"credentials": {"password": {"identifier": True}, "code": {"identifier": True}}}}
    assert schema({"a": both}).identifier_field.name == "traits.a"


def test_a_schema_says_whether_it_names_passkeys(schema) -> None:
    named = {"ory.sh/kratos": {"credentials": {"passkey": {"display_name": True}}}}
    assert schema({"a": named}).names_passkeys
    assert not schema({"a": IDENTIFIES}).names_passkeys

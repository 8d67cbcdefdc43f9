"""Identifiers and addresses out of traits."""

from typing import Any

import pytest


def marked(rule: dict[str, Any] | None = None, **keyword: Any) -> dict[str, Any]:
    return {"type": "string", **(rule or {}), "ory.sh/kratos": keyword}


PASSWORD = {"password": {"identifier": True}}
MAIL = marked({"format": "email"}, credentials=PASSWORD, verification={"via": "email"}, recovery={"via": "email"})
PHONE = marked({"format": "tel"}, verification={"via": "sms"}, recovery={"via": "sms"})


def test_identifiers_come_in_canonical_form_and_in_schema_order(schema) -> None:
    name = marked(credentials={**PASSWORD, "webauthn": {"identifier": True}})
    found = schema({"name": name, "email": MAIL}).extract({"email": "Ada@Example.COM", "name": " Ada "})
    assert found.identifiers == {"password": ["ada", "ada@example.com"], "webauthn": ["ada"]}


def test_addresses_come_in_canonical_form(schema) -> None:
    found = schema({"email": MAIL, "phone": PHONE}).extract({"email": "Ada@Example.COM", "phone": "+49 151 12345678"})
    assert found.verifiable == found.recovery == [("email", "ada@example.com"), ("sms", "+4915112345678")]


def test_items_of_lists_are_addresses_too_and_repetitions_are_one(schema) -> None:
    found = schema({"emails": {"type": "array", "items": MAIL}}).extract({"emails": ["a@b.co", "c@d.co", "A@b.co"]})
    assert found.identifiers["password"] == ["a@b.co", "c@d.co"]
    assert found.verifiable == [("email", "a@b.co"), ("email", "c@d.co")]


def test_codes_go_to_their_channel(schema) -> None:
    code = {"code": {"identifier": True, "via": "sms"}}
    rules = {
        "phone": marked({"format": "tel"}, credentials=code),
        "mail": marked(credentials={"code": {"identifier": True}}),
    }
    found = schema(rules).extract({"phone": "+4915112345678", "mail": "a@b.co"})
    assert found.code == [("sms", "+4915112345678"), ("email", "a@b.co")]
    assert found.identifiers == {}


def test_names_for_devices_are_the_first_that_are_given(schema) -> None:
    device = {"totp": {"account_name": True}, "passkey": {"display_name": True}}
    rules = {"name": marked(credentials=device), "email": marked(credentials=device)}
    found = schema(rules).extract({"name": " ", "email": "Ada@b.co"})
    assert (found.totp_account_name, found.passkey_display_name) == ("Ada@b.co", "Ada@b.co")


@pytest.mark.parametrize("value", [None, "", "  ", True, [], {}])
def test_what_is_no_text_identifies_nobody(schema, value) -> None:
    assert schema({"a": {"ory.sh/kratos": {"credentials": PASSWORD}}}).extract({"a": value}).identifiers == {}


def test_a_number_may_identify(schema) -> None:
    assert schema({"a": {"ory.sh/kratos": {"credentials": PASSWORD}}}).extract({"a": 42}).identifiers == {
        "password": ["42"]
    }


@pytest.mark.parametrize("traits", [None, [], "x", {}, {"a": {}}, {"name": "x"}])
def test_traits_of_any_shape_are_survived(schema, traits) -> None:
    nested = {"type": "object", "properties": {"email": MAIL}}
    assert schema({"name": nested, "list": {"items": MAIL}}).extract(traits).identifiers == {}


@pytest.mark.parametrize(
    ("rule", "value", "lacks"),
    [
        (marked({"format": "email"}, verification={"via": "email"}), "ida", "email"),
        (marked({"format": "date"}, verification={"via": "email"}), "2020-01-01", "email"),
        (marked(recovery={"via": "email"}), "ida", "email"),
        (marked(credentials={"code": {"identifier": True, "via": "email"}}), "ida", "email"),
        (marked({"format": "date"}, verification={"via": "sms"}), "2020-01-01", "tel"),
        (marked(recovery={"via": "sms"}), "12", "tel"),
    ],
)
def test_a_marked_trait_that_is_no_address_is_a_violation_and_no_address(schema, rule, value, lacks) -> None:
    found = schema({"a": rule}).extract({"a": value})
    (violation,) = found.violations
    assert (violation.pointer, violation.details) == ("traits.a", {"format": lacks, "value": value})
    assert not (found.verifiable or found.recovery or found.code)


def test_any_text_is_an_address_that_is_not_to_be_checked(schema) -> None:
    rule = marked({"format": "no-validate"}, verification={"via": "sms"})
    assert schema({"a": rule}).extract({"a": "call me"}).verifiable == [("sms", "call me")]


def test_a_name_with_control_characters_identifies_nobody_and_is_told(schema) -> None:
    found = schema({"a": marked(credentials=PASSWORD)}).extract({"a": "ad\0a"})
    assert found.identifiers == {}
    assert [(each.pointer, each.keyword) for each in found.violations] == [("traits.a", "identifier")]


def test_a_branch_counts_only_when_the_value_takes_it(schema) -> None:
    rule = {"type": "string", "oneOf": [MAIL, PHONE]}
    contact = schema({"contact": rule})
    assert contact.extract({"contact": "a@b.co"}).verifiable == [("email", "a@b.co")]
    assert contact.extract({"contact": "+4915112345678"}).verifiable == [("sms", "+4915112345678")]
    assert contact.validate({"contact": "+4915112345678"}) == []


def test_a_condition_decides_which_trait_counts(registry_of) -> None:
    rule = {
        "properties": {"kind": {"enum": ["mail", "phone"]}, "mail": {}, "phone": {}},
        "if": {"properties": {"kind": {"const": "mail"}}},
        "then": {"properties": {"mail": MAIL}},
        "else": {"properties": {"phone": PHONE}},
    }
    both = {"mail": "a@b.co", "phone": "+4915112345678"}
    schema = registry_of({"properties": {"traits": rule}}).get("person")
    assert schema.extract({"kind": "mail", **both}).verifiable == [("email", "a@b.co")]
    assert schema.extract({"kind": "phone", **both}).verifiable == [("sms", "+4915112345678")]

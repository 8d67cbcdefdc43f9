"""Attacks by a schema document, and by values against it (T16, T17)."""

import base64
import json
from typing import Any

import pytest

from identity_server.schema.errors import SchemaRefused


def refused(registry: Any) -> str:
    with pytest.raises(SchemaRefused) as caught:
        registry.load_all()
    assert "person" in str(caught.value)
    return str(caught.value)


def traits(**properties: Any) -> dict[str, Any]:
    return {"properties": {"traits": {"type": "object", "properties": properties}}}


CATASTROPHIC = [r"(a+)+$", r"(a|aa)+$", r"(a|a)*b", r"(.*a){12}$", r"^(([a-z])+.)+[A-Z]([a-z])+$"]


@pytest.mark.parametrize("pattern", CATASTROPHIC)
def test_t16_no_pattern_backtracks(schema, pattern) -> None:
    # Python's re needs more than a lifetime for some of these; the test would not end.
    value = {"a": "a" * 4000 + "!"}
    assert schema({"a": {"pattern": pattern}}).validate(value) != []
    schema({"a": {"patternProperties": {pattern: {}}, "additionalProperties": False}}).validate({"a": {"a" * 4000: 1}})


@pytest.mark.parametrize("pattern", [r"^(?=a)b", r"(a)\1", r"(?<!x)y", r"a{2000}", "[", "(?P<", r"\u00e9"])
@pytest.mark.parametrize("keyword", ["pattern", "patternProperties"])
def test_t16_patterns_that_cannot_be_linear_are_refused(registry_of, pattern, keyword) -> None:
    rule = {"pattern": pattern} if keyword == "pattern" else {"patternProperties": {pattern: {}}}
    assert "RE2" in refused(registry_of(traits(a=rule)))


def test_t16_a_pattern_in_a_definition_that_nobody_uses_is_refused_too(registry_of) -> None:
    assert "RE2" in refused(registry_of({**traits(a={}), "definitions": {"unused": {"pattern": "(?=a)"}}}))


def test_t16_many_equal_items_are_compared_in_one_pass(schema) -> None:
    items = [{"n": number} for number in range(4_000)]
    assert schema({"a": {"uniqueItems": True}}).validate({"a": items}) == []


@pytest.mark.parametrize(
    "reference",
    ["file:///etc/passwd", "http://169.254.169.254/latest", "https://example.com/x.json#/definitions/a", "other.json"],
)
def test_t17_references_that_lead_outside_are_refused(registry_of, reference) -> None:
    assert "leads outside" in refused(registry_of(traits(a={"$ref": reference})))


def test_t17_a_whole_schema_that_is_a_reference_to_a_file_is_refused(registry_of) -> None:
    said = refused(registry_of(b'{"$ref":"file:///etc/passwd"}'))
    assert "root:" not in said


def test_t17_a_schema_that_is_another_file_shows_nothing_of_it(registry_of) -> None:
    with open("/etc/passwd", "rb") as file:
        said = refused(registry_of(file.read()))
    assert "root" not in said
    assert "JSON" in said


def test_t17_base64_references_are_allowed_on_request_only(registry_of) -> None:
    inner = base64.b64encode(json.dumps({"definitions": {"age": {"type": "integer"}}}).encode()).decode()
    document = traits(age={"$ref": f"base64://{inner}#/definitions/age"})
    assert "leads outside" in refused(registry_of(document))
    schema = registry_of(document, allow_base64_references=True).get("person")
    assert [each.keyword for each in schema.validate({"age": "old"})] == ["type"]


@pytest.mark.parametrize("content", ["!!", "bm90IGpzb24=", "W10="])
def test_t17_base64_references_must_hold_a_schema(registry_of, content) -> None:
    document = traits(age={"$ref": f"base64://{content}"})
    assert "base64://" in refused(registry_of(document, allow_base64_references=True))


@pytest.mark.parametrize(
    "definitions",
    [
        {"a": {"$ref": "#/definitions/a"}},
        {"a": {"$ref": "#/definitions/b"}, "b": {"$ref": "#/definitions/a"}},
        {"a": {"properties": {"child": {"$ref": "#/definitions/a"}}}},
        {"a": {"items": {"$ref": "#/definitions/a"}}},
        {"a": {"$ref": "#"}},
    ],
)
def test_t17_circles_of_references_are_refused(registry_of, definitions) -> None:
    document = {**traits(a={"$ref": "#/definitions/a"}), "definitions": definitions}
    assert "leads back to itself" in refused(registry_of(document))


def test_t17_references_that_double_each_other_are_refused(registry_of) -> None:
    definitions: dict[str, Any] = {"d0": {"type": "string"}}
    for number in range(1, 50):
        twice = {"$ref": f"#/definitions/d{number - 1}"}
        definitions[f"d{number}"] = {"allOf": [twice, twice]}
    document = {**traits(a={"$ref": "#/definitions/d49"}), "definitions": definitions}
    assert "more than 10000" in refused(registry_of(document))


@pytest.mark.parametrize("reference", ["#/definitions/none", "#none", "#/properties/traits/properties/a/type"])
def test_references_that_name_nothing_are_refused(registry_of, reference) -> None:
    assert "names no" in refused(registry_of(traits(a={"type": "string"}, b={"$ref": reference})))


def test_references_below_another_base_are_refused(registry_of) -> None:
    nested = {"$id": "https://example.com/other", "properties": {"a": {"$ref": "#/definitions/x"}}}
    document = {**traits(b=nested), "definitions": {"x": {}}}
    assert "nested $id" in refused(registry_of(document))


def test_t17_large_schemas_are_refused_before_they_are_read(registry_of) -> None:
    assert "1048576" in refused(registry_of(b'"' + b"x" * 1024 * 1024 + b'"'))


@pytest.mark.parametrize("depth", [65, 900, 100_000])
def test_t17_deep_schemas_are_refused(registry_of, depth) -> None:
    said = refused(registry_of(b'{"a":' * depth + b"1" + b"}" * depth))
    assert "nested" in said or "JSON" in said


def test_t17_sixty_levels_are_fine(registry_of) -> None:
    inner: dict[str, Any] = {"type": "string"}
    for _ in range(28):
        inner = {"properties": {"a": inner}}
    registry_of(traits(a=inner)).load_all()


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (b"", "not JSON"),
        (b"[]", "not a JSON object"),
        (b"true", "not a JSON object"),
        (b'{"a": NaN}', "not JSON"),
        (b"{}", "no properties.traits"),
        (b'{"properties": {}}', "no properties.traits"),
        (b'{"properties": {"traits": true}}', "no properties.traits"),
        (b'{"properties": {"traits": {}}}', "traits has no properties"),
        (b'{"properties": {"traits": {"properties": {}}}}', "traits has no properties"),
        (b'{"properties": {"traits": {"type": "string", "properties": {"a": {}}}}}', 'the type "object"'),
        (b'{"properties": {"traits": {"properties": {"a": {"type": "text"}}}}}', "breaks the rule"),
        (b'{"properties": {"traits": {"properties": {"a": {"minLength": -1}}}}}', "breaks the rule"),
        (b'{"properties": {"traits": {"properties": {"a": 3}}}}', "breaks the rule"),
        (b'{"$schema": "http://example.com/mine"}', "$schema is not one of"),
        (b'{"$schema": 7}', "$schema is not one of"),
    ],
)
def test_documents_that_are_no_identity_schema_are_refused(registry_of, document, said) -> None:
    assert said in refused(registry_of(document))


@pytest.mark.parametrize(
    ("keyword", "said"),
    [
        ({"verification": {"via": "pigeon"}}, "verification/via must be one of email, sms"),
        ({"credentials": {"password": {"identifier": "yes"}}}, "identifier must be of type boolean"),
        ({"credentials": {"passphrase": {}}}, "knows only password, webauthn"),
        ({"recover": {}}, "knows only credentials, verification"),
        ([], "must be of type object"),
    ],
)
def test_the_extension_keyword_is_closed(registry_of, keyword, said) -> None:
    rule = {"type": "string", "format": "email", "ory.sh/kratos": keyword}
    assert said in refused(registry_of(traits(a=rule)))


def test_a_verifiable_trait_needs_a_format(registry_of) -> None:
    rule = {"type": "string", "ory.sh/kratos": {"verification": {"via": "email"}}}
    assert "needs a format" in refused(registry_of(traits(a=rule)))
    registry_of(traits(a={**rule, "format": "no-validate"})).load_all()


@pytest.mark.parametrize("keyword", ["$dynamicRef", "$recursiveRef"])
def test_dynamic_references_are_refused(registry_of, keyword) -> None:
    assert keyword in refused(registry_of(traits(a={keyword: "#"})))


def test_unevaluated_members_beside_patterns_are_refused(registry_of) -> None:
    # The library would match those patterns with Python's re.
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **traits(a={"unevaluatedProperties": False, "allOf": [{"patternProperties": {"(a+)+$": {}}}]}),
    }
    assert "unevaluatedProperties" in refused(registry_of(document))


def test_patterns_behind_a_reference_count_as_well(registry_of) -> None:
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **traits(a={"unevaluatedProperties": False, "$ref": "#/$defs/b"}),
        "$defs": {"b": {"patternProperties": {"^x": {}}}},
    }
    assert "unevaluatedProperties" in refused(registry_of(document))

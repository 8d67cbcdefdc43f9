"""The rules that we state ourselves accept and refuse what the library's own do."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from identity_server.schema.expansion import Expansion
from identity_server.schema.keywords import DEFAULT_DIALECT, DIALECTS

NAMES = st.sampled_from("abc")
TEXT = st.text(alphabet="aB1ä ", max_size=4)
NUMBERS = st.integers(-4, 4)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.sampled_from([0.5, 1.0, -2.0]) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
TYPES = st.sampled_from(["string", "integer", "number", "boolean", "null", "array", "object"])
SIZES = st.integers(0, 3)


def rules(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Schemas of up to three keywords."""
    keywords = {
        "type": TYPES | st.lists(TYPES, min_size=1, max_size=2, unique=True),
        "enum": st.lists(VALUES, min_size=1, max_size=3),
        "const": VALUES,
        "minLength": SIZES,
        "maxLength": SIZES,
        "minItems": SIZES,
        "maxItems": SIZES,
        "uniqueItems": st.booleans(),
        "minimum": NUMBERS,
        "maximum": NUMBERS,
        "exclusiveMinimum": NUMBERS,
        "exclusiveMaximum": NUMBERS,
        "multipleOf": st.sampled_from([1, 2, 0.5]),
        "required": st.lists(NAMES, max_size=2, unique=True),
        "properties": st.dictionaries(NAMES, inner, max_size=2),
        "patternProperties": st.dictionaries(st.sampled_from(["^a", "[bc]"]), inner, max_size=2),
        "additionalProperties": inner,
        "items": inner | st.lists(inner, max_size=2),
        "contains": inner,
        "propertyNames": inner,
        "pattern": st.sampled_from(["^a", "1$", "[aB]+"]),
        "allOf": st.lists(inner, min_size=1, max_size=2),
        "anyOf": st.lists(inner, min_size=1, max_size=2),
        "oneOf": st.lists(inner, min_size=1, max_size=2),
        "not": inner,
        "dependencies": st.dictionaries(NAMES, st.lists(NAMES, max_size=2, unique=True) | inner, max_size=2),
    }
    pairs = st.one_of(*(st.tuples(st.just(name), value) for name, value in keywords.items()))
    choices = st.fixed_dictionaries({"if": inner, "then": inner, "else": inner})
    return st.lists(pairs, max_size=3).map(dict) | choices


ROOTS = rules(rules(rules(st.booleans())))


@settings(max_examples=150)
@given(ROOTS, VALUES)
def test_the_same_values_are_valid(schema, value) -> None:
    ours = DIALECTS[DEFAULT_DIALECT](schema)
    assert ours.is_valid(value) == Draft7Validator(schema).is_valid(value)


@settings(max_examples=150)
@given(ROOTS, ROOTS, VALUES)
def test_expansion_changes_no_answer(schema, definition, value) -> None:
    whole = {
        "definitions": {"x": definition},
        "allOf": [schema, {"$ref": "#/definitions/x"}],
        "properties": {"a": {"$ref": "#/definitions/x"}},
    }
    expanded = Expansion(whole, siblings=False).run()
    assert DIALECTS[DEFAULT_DIALECT](expanded).is_valid(value) == Draft7Validator(whole).is_valid(value)

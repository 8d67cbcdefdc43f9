"""What a schema document must fulfil to be accepted. Schemas come from files and URLs, and may be hostile."""

from dataclasses import dataclass
from typing import Any, Final

import orjson
from jsonschema import FormatChecker
from jsonschema.exceptions import SchemaError

from . import extension
from .errors import DocumentError
from .expansion import Expansion, subschemas
from .keywords import DEFAULT_DIALECT, DIALECTS

LARGEST: Final = 1024 * 1024
DEEPEST: Final = 64


@dataclass(frozen=True, slots=True)
class Document:
    """An accepted document.

    Attributes:
        raw: as written, keys in their order.
        expanded: without references.
        validator: the library's validator of the expanded schema.
    """

    raw: dict[str, Any]
    expanded: dict[str, Any]
    validator: Any


def read(content: bytes, *, allow_base64: bool = False) -> Document:
    """The document in some bytes.

    Raises:
        DocumentError: with what is wrong; never with text of a file that is no schema.
    """
    raw = _parsed(content)
    uri, dialect = _dialect(raw)
    _check_against(dialect, raw)
    expanded = Expansion(raw, siblings="/draft/20" in uri, allow_base64=allow_base64).run()
    _check_traits(expanded)
    _check_each(expanded)
    return Document(raw, expanded, dialect(expanded))


def _parsed(content: bytes) -> dict[str, Any]:
    if len(content) > LARGEST:
        raise DocumentError(f"it has {len(content)} bytes; at most {LARGEST} are allowed")
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise DocumentError(f"it is not JSON (line {error.lineno}, column {error.colno})") from None
    if _deeper_than(document, DEEPEST):
        raise DocumentError(f"it is nested more than {DEEPEST} levels deep")
    if not isinstance(document, dict):
        raise DocumentError("it is not a JSON object")
    return document


def _deeper_than(document: Any, limit: int) -> bool:
    level = [document]
    for _ in range(limit + 1):
        level = [item for value in level for item in _items(value)]
        if not level:
            return False
    return True


def _items(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _dialect(document: dict[str, Any]) -> tuple[str, Any]:
    named = document.get("$schema", DEFAULT_DIALECT)
    uri = str(named).rstrip("#").replace("https://json-schema.org/draft-0", "http://json-schema.org/draft-0")
    if uri not in DIALECTS:
        raise DocumentError("its $schema is not one of " + ", ".join(DIALECTS))
    return uri, DIALECTS[uri]


def _check_against(dialect: Any, document: dict[str, Any]) -> None:
    try:
        # Without the library's formats: its "regex" is Python's dialect, not ours.
        dialect.check_schema(document, format_checker=FormatChecker(formats=()))
    except SchemaError as error:
        place = "/".join(map(str, error.absolute_path)) or "the document"
        raise DocumentError(f"{place} breaks the rule {error.validator!r} of its $schema") from None


def _check_traits(schema: dict[str, Any]) -> None:
    traits = schema.get("properties", {}).get("traits")
    if not isinstance(traits, dict):
        raise DocumentError('it has no properties.traits; identities are checked as {"traits": …}')
    if traits.get("type", "object") != "object":
        raise DocumentError('properties.traits must have the type "object"')
    if not any(traits.get(keyword) for keyword in ("properties", "allOf", "anyOf", "oneOf")):
        raise DocumentError("properties.traits has no properties")


def _check_each(schema: Any) -> None:
    if not isinstance(schema, dict):
        return
    extension.parse(schema)
    if "unevaluatedProperties" in schema and _has_patterns(schema):
        # The library would match them with Python's re, which backtracks.
        raise DocumentError("unevaluatedProperties together with patternProperties is not supported")
    for _, each in subschemas(schema):
        _check_each(each)


def _has_patterns(schema: Any) -> bool:
    if not isinstance(schema, dict):
        return False
    return "patternProperties" in schema or any(_has_patterns(each) for _, each in subschemas(schema))

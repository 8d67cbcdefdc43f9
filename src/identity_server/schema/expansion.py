"""References replaced by what they name.

After expansion a schema has no reference left: validation never resolves anything, and the walks for fields and
addresses are plain recursions. That is possible because references stay inside the document and may not form a circle.
"""

import binascii
from base64 import b64decode
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import unquote

import orjson

from . import patterns
from .errors import DocumentError

Schema = dict[str, Any]

#: Subschemas after expansion. Sixty references that each name the next one twice would make 2^60.
MOST_SUBSCHEMAS: Final = 10_000

ONE: Final = frozenset(
    (
        "additionalItems",
        "additionalProperties",
        "contains",
        "else",
        "if",
        "items",
        "not",
        "propertyNames",
        "then",
        "unevaluatedItems",
        "unevaluatedProperties",
    )
)
LIST: Final = frozenset(("allOf", "anyOf", "items", "oneOf", "prefixItems"))
MAP: Final = frozenset(("dependencies", "dependentSchemas", "patternProperties", "properties"))
#: Kept out of the expanded schema: what they name has been put in place.
NAMES: Final = frozenset(("$anchor", "$comment", "$defs", "$id", "$ref", "$schema", "definitions", "id"))
REFUSED: Final = frozenset(("$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor"))


def subschemas(schema: Schema) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """The schemas directly inside one, with their place; lists of names under ``dependencies`` are none."""
    for keyword, value in schema.items():
        if keyword in ONE and isinstance(value, (dict, bool)):
            yield (keyword,), value
        elif keyword in LIST and isinstance(value, list):
            for index, item in enumerate(value):
                yield (keyword, index), item
        elif keyword in MAP and isinstance(value, dict):
            for name, item in value.items():
                if not isinstance(item, list):
                    yield (keyword, name), item


class Expansion:
    """One document's references.

    Args:
        document: the schema, checked against its dialect's meta-schema.
        siblings: whether what stands beside a ``$ref`` counts (from 2019-09 on) or is ignored.
        allow_base64: whether ``base64://…`` may be referenced.
    """

    def __init__(self, document: Schema, *, siblings: bool, allow_base64: bool = False) -> None:
        self._document = document
        self._siblings = siblings
        self._allow_base64 = allow_base64
        self._open: list[str] = []
        self._count = 0
        self._own = str(document.get("$id", document.get("id", ""))).partition("#")[0]

    def run(self) -> Schema:
        """The document without references.

        Raises:
            DocumentError: a reference leads outside, nowhere or in a circle, or the result is too large.
        """
        expanded = self._schema(self._document, self._document, nested=False)
        for keyword in ("definitions", "$defs"):
            for each in self._document.get(keyword, {}).values():
                self._schema(each, self._document, nested=False)  # what nobody refers to must be right, too
        return expanded

    def _schema(self, schema: Any, root: Schema, *, nested: bool) -> Any:
        self._count += 1
        if self._count > MOST_SUBSCHEMAS:
            raise DocumentError(f"its references unfold to more than {MOST_SUBSCHEMAS} schemas")
        if not isinstance(schema, dict):
            return schema
        if unknown := REFUSED & schema.keys():
            raise DocumentError(f"{min(unknown)} is not supported; use $ref")
        nested = nested or (schema is not root and _names_a_base(schema))
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            return self._copy(schema, root, nested=nested)
        target = self._follow(reference, root, nested=nested)
        rest = self._copy(schema, root, nested=nested) if self._siblings else {}
        return {**rest, "allOf": [target, *rest.get("allOf", [])]} if rest else target

    def _copy(self, schema: Schema, root: Schema, *, nested: bool) -> Schema:
        _check_patterns(schema)
        copy: Schema = {key: value for key, value in schema.items() if key not in NAMES}
        for keyword in copy.keys() & (LIST | MAP):
            if isinstance(copy[keyword], (dict, list)):
                copy[keyword] = copy[keyword].copy()
        for place, each in subschemas(schema):
            expanded = self._schema(each, root, nested=nested)
            if len(place) == 1:
                copy[str(place[0])] = expanded
            else:
                copy[str(place[0])][place[1]] = expanded
        return copy

    def _follow(self, reference: str, root: Schema, *, nested: bool) -> Any:
        if nested:
            raise DocumentError(f"the reference {reference!r} below a nested $id is not supported")
        if reference in self._open:
            raise DocumentError(f"the reference {reference!r} leads back to itself")
        self._open.append(reference)
        target, target_root = self._target(reference, root)
        expanded = self._schema(target, target_root, nested=False)
        self._open.pop()
        return expanded

    def _target(self, reference: str, root: Schema) -> tuple[Any, Schema]:
        base, _, fragment = reference.partition("#")
        if base.startswith("base64://") and self._allow_base64:
            root = _embedded(base)
        elif base and base != self._own:
            raise DocumentError(f"the reference {_shown(reference)} leads outside of the document; only #… is allowed")
        return _at(root, fragment, reference), root


def _names_a_base(schema: Schema) -> bool:
    name = schema.get("$id", schema.get("id"))
    return isinstance(name, str) and not name.startswith("#")


def _check_patterns(schema: Schema) -> None:
    if isinstance(pattern := schema.get("pattern"), str):
        patterns.check(pattern)
    if isinstance(each := schema.get("patternProperties"), dict):
        for name in each:
            patterns.check(name)


def _embedded(reference: str) -> Schema:
    try:
        document = orjson.loads(b64decode(reference.removeprefix("base64://"), validate=True))
    except (binascii.Error, orjson.JSONDecodeError):
        raise DocumentError("a base64:// reference holds no JSON") from None
    if not isinstance(document, dict):
        raise DocumentError("a base64:// reference holds no schema")
    return document


def _at(root: Schema, fragment: str, reference: str) -> Any:
    """What a fragment names: a JSON pointer (RFC 6901 §6) or an anchor."""
    if fragment and not fragment.startswith("/"):
        return _anchored(root, fragment, reference)
    value: Any = root
    for part in unquote(fragment).split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        elif isinstance(value, dict) and key in value:
            value = value[key]
        else:
            raise DocumentError(f"the reference {_shown(reference)} names nothing")
    if not isinstance(value, (dict, bool)):
        raise DocumentError(f"the reference {_shown(reference)} names no schema")
    return value


def _anchored(value: Any, name: str, reference: str) -> Schema:
    def search(here: Any) -> Schema | None:
        if isinstance(here, dict):
            if here.get("$anchor") == name or here.get("$id", here.get("id")) == f"#{name}":
                return here
            here = list(here.values())
        return (
            next((hit for each in here if (hit := search(each)) is not None), None) if isinstance(here, list) else None
        )

    hit = search(value)
    if hit is None:
        raise DocumentError(f"the reference {_shown(reference)} names nothing")
    return hit


def _shown(reference: str) -> str:
    return repr(reference if len(reference) <= 80 else f"{reference[:77]}…")

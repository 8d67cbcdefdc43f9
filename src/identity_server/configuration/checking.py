"""Holds values against our schema and says where they differ.

A small reading of JSON Schema 2020-12, no more than ``schema.json`` uses: it starts in a tenth of the time that a
general validator takes to be imported, and knows which key, and which part of it, a person has to change. A test
holds it against a general validator.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from identity_server.configuration.formats import FORMATS
from identity_server.configuration.tree import Path, Schema, target


@dataclass(frozen=True)
class Fault:
    """A value that a schema refuses.

    Attributes:
        path: where it stands.
        keyword: the rule that refuses it.
        node: the schema that holds the rule.
        value: what was found. Never print it without asking ``tree.is_secret``.
        name: the missing or unknown member, for the rules about members.
    """

    path: Path
    keyword: str
    node: Schema
    value: Any
    name: str = ""


Rule = Callable[[Schema, Any, Any, Path], Iterator[Fault]]

_TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "integer": lambda value: (
        not isinstance(value, bool) and (isinstance(value, int) or (isinstance(value, float) and value.is_integer()))
    ),
}


def faults(node: Schema, value: Any, path: Path = ()) -> Iterator[Fault]:
    """Everything in ``value`` that ``node`` refuses, outermost first."""
    kind = node.get("type")
    if kind is not None and not _TYPES[kind](value):
        yield Fault(path, "type", node, value)
        return
    for keyword, argument in node.items():
        rule = _RULES.get(keyword)
        if rule is not None:
            yield from rule(node, argument, value, path)


def accepts(node: Schema, value: Any) -> bool:
    """Whether ``node`` has nothing against ``value``."""
    return next(faults(node, value), None) is None


def same(first: Any, second: Any) -> bool:
    """Equality of JSON values: true is not 1."""
    if isinstance(first, bool) or isinstance(second, bool):
        return first is second
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(same(first[key], second[key]) for key in first)
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(same, first, second))
    return first == second


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)


def _when(fits: Callable[[Any], bool], refused: Callable[[Any, Any], bool], keyword: str) -> Rule:
    """A rule about values of one type that either hold or do not."""

    def rule(node: Schema, argument: Any, value: Any, path: Path) -> Iterator[Fault]:
        if fits(value) and refused(argument, value):
            yield Fault(path, keyword, node, value)

    return rule


def _always(_: Any) -> bool:
    return True


def _repeats(wanted: bool, value: list[Any]) -> bool:
    return wanted and any(same(item, other) for at, item in enumerate(value) for other in value[:at])


def _reference(node: Schema, argument: str, value: Any, path: Path) -> Iterator[Fault]:
    yield from faults(target(argument), value, path)


def _required(node: Schema, argument: list[str], value: Any, path: Path) -> Iterator[Fault]:
    if isinstance(value, dict):
        for name in argument:
            if name not in value:
                yield Fault((*path, name), "required", node, None, name)


def _properties(node: Schema, argument: dict[str, Schema], value: Any, path: Path) -> Iterator[Fault]:
    if isinstance(value, dict):
        for name, child in argument.items():
            if name in value:
                yield from faults(child, value[name], (*path, name))


def _additional(node: Schema, argument: bool | Schema, value: Any, path: Path) -> Iterator[Fault]:
    if not isinstance(value, dict):
        return
    for name in value:
        if name in node.get("properties", {}):
            continue
        if isinstance(argument, dict):
            yield from faults(argument, value[name], (*path, name))
        elif not argument:
            yield Fault((*path, name), "unknown", node, None, name)


def _names(node: Schema, argument: Schema, value: Any, path: Path) -> Iterator[Fault]:
    if isinstance(value, dict):
        for name in value:
            if not accepts(argument, name):
                yield Fault((*path, name), "name", argument, name)


def _items(node: Schema, argument: Schema, value: Any, path: Path) -> Iterator[Fault]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from faults(argument, item, (*path, str(index)))


def _all(node: Schema, argument: list[Schema], value: Any, path: Path) -> Iterator[Fault]:
    for part in argument:
        yield from faults(part, value, path)


def _condition(node: Schema, argument: Schema, value: Any, path: Path) -> Iterator[Fault]:
    chosen = node.get("then" if accepts(argument, value) else "else")
    if chosen is not None:
        yield from faults(chosen, value, path)


_RULES: dict[str, Rule] = {
    "$ref": _reference,
    "required": _required,
    "properties": _properties,
    "additionalProperties": _additional,
    "propertyNames": _names,
    "items": _items,
    "allOf": _all,
    "if": _condition,
    "anyOf": _when(_always, lambda parts, value: not any(accepts(part, value) for part in parts), "anyOf"),
    "oneOf": _when(_always, lambda parts, value: sum(accepts(part, value) for part in parts) != 1, "oneOf"),
    "not": _when(_always, accepts, "not"),
    "enum": _when(_always, lambda allowed, value: not any(same(item, value) for item in allowed), "enum"),
    "const": _when(_always, lambda wanted, value: not same(wanted, value), "const"),
    "pattern": _when(_TYPES["string"], lambda text, value: not _pattern(text).search(value), "pattern"),
    "format": _when(_TYPES["string"], lambda name, value: not FORMATS[name](value), "format"),
    "minLength": _when(_TYPES["string"], lambda least, value: len(value) < least, "minLength"),
    "maxLength": _when(_TYPES["string"], lambda most, value: len(value) > most, "maxLength"),
    "minimum": _when(_TYPES["number"], lambda least, value: not value >= least, "minimum"),
    "maximum": _when(_TYPES["number"], lambda most, value: not value <= most, "maximum"),
    "minItems": _when(_TYPES["array"], lambda least, value: len(value) < least, "minItems"),
    "uniqueItems": _when(_TYPES["array"], _repeats, "uniqueItems"),
}

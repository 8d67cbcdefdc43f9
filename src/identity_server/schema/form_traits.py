"""Traits out of forms, whose fields are all text."""

import math
from collections.abc import Iterable
from typing import Any, Final

from .walk import ITEM, Path, Visit

_TRUE: Final = frozenset(("true", "on", "1", "yes"))
_FALSE: Final = frozenset(("false", "off", "0", "no"))
#: Digits of a whole number that databases and JSON readers keep exactly.
MOST_DIGITS: Final = 18
_ABSENT: Final = object()


class FormTraits:
    """What a schema says about the types of its traits."""

    def __init__(self, places: Iterable[Visit]) -> None:
        self._types: dict[Path, str] = {}
        self._members: dict[Path, dict[str, None]] = {}
        for visit in places:
            self._note(visit)

    def _note(self, visit: Visit) -> None:
        named = visit.schema.get("type")
        kinds = [named] if isinstance(named, str) else list(named or ())
        kind = next((each for each in kinds if each != "null"), "")
        if kind and not self._types.get(visit.path):
            self._types[visit.path] = kind
        *parents, name = visit.path
        if parents and name is not ITEM:
            self._members.setdefault(tuple(parents), {})[str(name)] = None

    def read(self, value: Any) -> dict[str, Any]:
        """The traits that a form means."""
        return self._object(("traits",), value)

    def with_objects(self, value: Any, path: Path = ("traits",)) -> Any:
        """The traits with every object that is missing."""
        if not isinstance(value, dict):
            return value
        filled = dict(value)
        for name in self._members.get(path, ()):
            inner = (*path, name)
            if inner in self._members:
                filled[name] = self.with_objects(filled.get(name, {}), inner)
        return filled

    def _object(self, path: Path, value: Any) -> dict[str, Any]:
        source = value if isinstance(value, dict) else {}
        result: dict[str, Any] = {}
        for name in self._members.get(path, ()):
            inner = (*path, name)
            if inner in self._members:
                result[name] = self._object(inner, source.get(name))
            elif name in source and (typed := self._value(inner, source[name])) is not _ABSENT:
                result[name] = typed
        return result

    def _value(self, path: Path, value: Any) -> Any:
        kind = self._types.get(path, "")
        if kind == "array":
            return self._list(path, value)
        if isinstance(value, list):
            value = value[-1] if value else ""  # a hidden "false" before its checkbox
        if isinstance(value, dict) or value == "":
            return _ABSENT
        return _typed(kind, value)

    def _list(self, path: Path, value: Any) -> Any:
        inner = (*path, ITEM)
        items = [self._item(inner, each) for each in _in_order(value)]
        return [item for item in items if item is not _ABSENT] or _ABSENT

    def _item(self, path: Path, value: Any) -> Any:
        return self._object(path, value) if path in self._members else self._value(path, value)


def _in_order(value: Any) -> list[Any]:
    """The items of a list, however the form numbered them: ``tags.0``, ``tags.1``, or ``tags`` several times."""
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        numbered = [name for name in value if name.isdecimal() and len(name) <= MOST_DIGITS]
        return [value[name] for name in sorted(numbered, key=int)]
    return [value]


def _typed(kind: str, value: Any) -> Any:
    """A text as what it should be; as it is when it cannot be that, so that validation names the field."""
    if not isinstance(value, str):
        return value
    match kind:
        case "integer":
            return _whole(value)
        case "number":
            return _number(value)
        case "boolean":
            return True if value.lower() in _TRUE else False if value.lower() in _FALSE else value
        case _:
            return value


def _whole(text: str) -> Any:
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) <= MOST_DIGITS else text


def _number(text: str) -> Any:
    whole = _whole(text)
    if whole is not text:
        return whole
    try:
        number = float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) and "_" not in text else text

"""Picks one value out of a JSON document: by JSON pointer (RFC 6901), or by a path in GJSON's syntax."""

import json
import re
from collections.abc import Callable, Iterator
from fnmatch import translate
from typing import Any

import click

_MISSING: Any = object()
_QUERY = re.compile(r"\s*(?P<path>[^=!<>%\s]*)\s*(?:(?P<operator>==|!=|<=|>=|<|>|!%|%)\s*(?P<value>.*?))?\s*")


def by_pointer(document: Any, pointer: str) -> Any:
    """The value that ``/a/0/b`` points to.

    Raises:
        click.ClickException: when there is none.
    """
    if pointer and not pointer.startswith("/"):
        raise click.ClickException(f"{pointer!r} is no JSON pointer; allowed: /key/0/key")
    value = document
    for part in pointer.split("/")[1:]:
        value = _member(value, part.replace("~1", "/").replace("~0", "~"))
        if value is _MISSING:
            raise click.ClickException(f"there is nothing at {pointer}")
    return value


def by_path(document: Any, path: str) -> Any:
    """The value at ``a.b.0``; None when there is none.

    Also ``#`` (all elements, or their number at the end), ``*`` and ``?`` in names, ``\\.`` for a dot in a name, and
    ``#(name=="x")`` for the first element that fits, ``#(…)#`` for all of them.
    """
    found = _walk(document, list(_parts(path)))
    return None if found is _MISSING else found


def _member(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return value.get(name, _MISSING)
    if isinstance(value, list) and re.fullmatch(r"0|[1-9][0-9]{0,8}", name) and int(name) < len(value):
        return value[int(name)]
    return _MISSING


def _parts(path: str) -> Iterator[str]:
    """Splits at dots and pipes that are not escaped, nor in a query."""
    part, depth, position = "", 0, 0
    while position < len(path):
        letter = path[position]
        if letter == "\\" and position + 1 < len(path):
            part += path[position : position + 2]
            position += 1
        elif letter in ".|" and depth == 0:
            yield part
            part = ""
        else:
            depth += (letter == "(") - (letter == ")")
            part += letter
        position += 1
    yield part


def _walk(value: Any, parts: list[str]) -> Any:
    for position, part in enumerate(parts):
        rest = parts[position + 1 :]
        if part == "#":
            if not isinstance(value, list):
                return _MISSING
            return _each(value, rest) if rest else len(value)
        if part.startswith("#("):
            found = _fitting(value, part[2:].removesuffix("#").removesuffix(")"))
            if part.endswith("#"):
                return _each(found, rest) if rest else found
            value = found[0] if found else _MISSING
        else:
            value = _named(value, part)
        if value is _MISSING:
            return _MISSING
    return value


def _each(values: list[Any], parts: list[str]) -> list[Any]:
    return [found for value in values if (found := _walk(value, parts)) is not _MISSING]


def _named(value: Any, part: str) -> Any:
    name = re.sub(r"\\(.)", r"\1", part)
    if isinstance(value, dict) and re.search(r"(?<!\\)[*?]", part):
        pattern = re.compile(translate(name.replace("[", "[[]")))
        return next((item for key, item in value.items() if pattern.fullmatch(key)), _MISSING)
    return _member(value, name)


def _fitting(values: Any, query: str) -> list[Any]:
    match = _QUERY.fullmatch(query)
    if match is None or not isinstance(values, list):
        return []
    path, operator, text = match["path"], match["operator"], match["value"]
    fits = _comparison(operator, text) if operator else lambda found: True
    chosen: list[Any] = []
    for value in values:
        found = _walk(value, list(_parts(path))) if path else value
        if found is not _MISSING and fits(found):
            chosen.append(value)
    return chosen


def _comparison(operator: str, text: str) -> Callable[[Any], bool]:
    try:
        wanted = json.loads(text)
    except ValueError:
        wanted = text
    if operator in ("%", "!%"):
        pattern = re.compile(translate(str(wanted).replace("[", "[[]")))
        return lambda found: isinstance(found, str) and bool(pattern.fullmatch(found)) is (operator == "%")
    compare: dict[str, Callable[[Any], bool]] = {
        "==": lambda found: found == wanted,
        "!=": lambda found: found != wanted,
        "<": lambda found: _ordered(found, wanted) and found < wanted,
        "<=": lambda found: _ordered(found, wanted) and found <= wanted,
        ">": lambda found: _ordered(found, wanted) and found > wanted,
        ">=": lambda found: _ordered(found, wanted) and found >= wanted,
    }
    return compare[operator]


def _ordered(first: Any, second: Any) -> bool:
    return (isinstance(first, str) and isinstance(second, str)) or (
        isinstance(first, int | float) and isinstance(second, int | float)
    )

"""Functions on maps and on values of any kind, named as in sprig."""

import json
from typing import Any, cast

from identity_server.courier.go_templates import limits, values
from identity_server.courier.go_templates.errors import FunctionError
from identity_server.courier.go_templates.formatting import show
from identity_server.courier.go_templates.functions import ANY, Function

_NOT_IN_HTML = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def entries(value: Any) -> dict[str, Any]:
    """The map itself; nil is an empty one.

    Raises:
        FunctionError: when the value is no map.
    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise FunctionError(f"a map is needed, not {values.kind(value)}")
    return cast("dict[str, Any]", value)


def dictionary(*pairs: Any) -> dict[str, Any]:
    """``dict "a" 1 "b" 2``; a key without a value has an empty text."""
    return {show(key): value for key, value in zip(pairs[::2], [*pairs[1::2], ""], strict=False)}


def set_entry(value: Any, key: Any, item: Any) -> dict[str, Any]:
    """The map with one entry more; the map itself is changed, as in sprig."""
    target = entries(value)
    before = target.get(show(key))
    target[show(key)] = item
    try:
        return values_checked(target)
    except FunctionError:
        # A map that holds itself would have no end.
        target[show(key)] = before
        raise


def values_checked(value: dict[str, Any]) -> dict[str, Any]:
    """The map, unless it has become too large."""
    limits.weigh(value)
    return value


def unset_entry(value: Any, key: Any) -> dict[str, Any]:
    """The map with one entry less; the map itself is changed, as in sprig."""
    entries(value).pop(show(key), None)
    return entries(value)


def merge(target: Any, *others: Any, overwrite: bool = False) -> dict[str, Any]:
    """The first map with the entries of the others that it lacks, or with all of them."""
    out = dict(entries(target))
    for other in others:
        for key, item in entries(other).items():
            if overwrite or key not in out:
                out[key] = item
    return out


def dig(*arguments: Any) -> Any:
    """``dig "a" "b" "otherwise" map`` is ``map.a.b``, or the default where something is missing."""
    *path, otherwise, value = arguments
    for key in path:
        if not isinstance(value, dict) or key not in value:
            return otherwise
        value = cast("dict[str, Any]", value)[key]
    return value


def default(otherwise: Any, value: Any = None) -> Any:
    """The value, or another one when it is empty."""
    return value if values.truth(value) else otherwise


def coalesce(*items: Any) -> Any:
    """The first value that is not empty."""
    return next((item for item in items if values.truth(item)), None)


def to_json(value: Any, *, pretty: bool = False, raw: bool = False) -> str:
    """A value as JSON; markup is escaped unless it is raw.

    Raises:
        FunctionError: when the text would be too long.
    """
    pieces: list[str] = []
    size = 0
    encoder = json.JSONEncoder(
        ensure_ascii=False, indent=2 if pretty else None, separators=None if pretty else (",", ":"), sort_keys=True
    )
    for piece in encoder.iterencode(value):
        size += len(piece)
        limits.fits(size)
        pieces.append(piece)
    text = "".join(pieces)
    return text if raw else "".join(_NOT_IN_HTML.get(char, char) for char in text)


def from_json(text: Any) -> Any:
    """What a JSON text stands for.

    Raises:
        FunctionError: when it is none.
    """
    try:
        return values.plain(json.loads(show(text)))
    except (ValueError, RecursionError):
        raise FunctionError("the text is no JSON") from None


def fail(reason: Any) -> Any:
    """Stops the rendering with a reason of the template's own.

    Raises:
        FunctionError: always.
    """
    raise FunctionError(f"the template says: {show(reason)[:200]}")


VALUES = {
    "default": Function(default, 1, 2),
    "empty": Function(lambda value: not values.truth(value), 1, 1),
    "coalesce": Function(coalesce, 0, ANY),
    "all": Function(lambda *items: all(values.truth(item) for item in items), 0, ANY),
    "any": Function(lambda *items: any(values.truth(item) for item in items), 0, ANY),
    "ternary": Function(lambda yes, no, test: yes if values.truth(test) else no, 3, 3),
    "fail": Function(fail, 1, 1),
    "kindOf": Function(values.kind, 1, 1),
    "kindIs": Function(lambda name, value: values.kind(value) == name, 2, 2),
    "deepEqual": Function(values.equal, 2, 2),
    "dict": Function(dictionary, 0, ANY),
    "get": Function(lambda value, key: entries(value).get(show(key), ""), 2, 2),
    "set": Function(set_entry, 3, 3),
    "unset": Function(unset_entry, 2, 2),
    "hasKey": Function(lambda value, key: show(key) in entries(value), 2, 2),
    "keys": Function(lambda *maps: sorted(key for each in maps for key in entries(each)), 1, ANY),
    "values": Function(lambda value: [entries(value)[key] for key in sorted(entries(value))], 1, 1),
    "pluck": Function(lambda key, *maps: [entries(each)[key] for each in maps if key in entries(each)], 1, ANY),
    "pick": Function(lambda value, *keys: {key: item for key, item in entries(value).items() if key in keys}, 1, ANY),
    "omit": Function(
        lambda value, *keys: {key: item for key, item in entries(value).items() if key not in keys}, 1, ANY
    ),
    "merge": Function(merge, 1, ANY),
    "mergeOverwrite": Function(lambda *maps: merge(*maps, overwrite=True), 1, ANY),
    "dig": Function(dig, 3, ANY),
    "toJson": Function(to_json, 1, 1),
    "toRawJson": Function(lambda value: to_json(value, raw=True), 1, 1),
    "toPrettyJson": Function(lambda value: to_json(value, pretty=True), 1, 1),
    "fromJson": Function(from_json, 1, 1),
}

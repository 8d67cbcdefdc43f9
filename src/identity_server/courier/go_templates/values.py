"""What values are to a template: copied in as plain JSON, looked up, compared, true or false."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from identity_server.courier.go_templates import limits
from identity_server.courier.go_templates.errors import FunctionError

Number = int | float


def plain(value: Any, depth: int = 0) -> Any:
    """A copy that holds nothing but JSON: what is deeper than the limit becomes nil, other objects their text.

    The copy keeps templates away from attributes of Python objects, and ``set`` away from the caller's data.
    """
    if isinstance(value, str):
        # A lone surrogate, which JSON can spell, would stop every encoder later on.
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if value is None or isinstance(value, bool | int | float):
        return value
    if depth >= limits.DEPTH:
        return None
    if isinstance(value, Mapping):
        items = cast("Mapping[Any, Any]", value).items()
        return {str(key): plain(item, depth + 1) for key, item in items}
    if isinstance(value, list | tuple):
        return [plain(item, depth + 1) for item in cast("Iterable[Any]", value)]
    return str(value)


def is_list(value: Any) -> bool:
    """Whether a value is a list."""
    return isinstance(value, list)


def is_number(value: Any) -> bool:
    """Whether a value is a number; True and False are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def truth(value: Any) -> bool:
    """Go's truth: false are nil, false, zero and whatever is empty."""
    return bool(value)


def field(value: Any, name: str) -> Any:
    """The entry of a map; nil when it is missing or when there is no map at all.

    Raises:
        FunctionError: when the value is no map.
    """
    if value is None:
        return None
    if isinstance(value, dict):
        return cast("dict[str, Any]", value).get(name)
    raise FunctionError(f"{kind(value)} has no field {name!r}")


def index(value: Any, *keys: Any) -> Any:
    """``index x 1 "a"`` is ``x[1]["a"]``.

    Raises:
        FunctionError: when a list has no such place or the value cannot be indexed.
    """
    for key in keys:
        if value is None:
            return None
        if isinstance(value, dict):
            value = cast("dict[str, Any]", value).get(str(key))
        elif isinstance(value, list | str):
            places = cast("Sequence[Any]", value)
            if not isinstance(key, int) or isinstance(key, bool) or not 0 <= key < len(places):
                raise FunctionError(f"there is no place {key if isinstance(key, int) else kind(key)} in the list")
            value = ord(places[key]) if isinstance(value, str) else places[key]
        else:
            raise FunctionError(f"{kind(value)} cannot be indexed")
    return value


def slice_of(value: Any, *bounds: Any) -> Any:
    """``slice x 1 2`` is ``x[1:2]``.

    Raises:
        FunctionError: when the bounds lie outside.
    """
    if not isinstance(value, list | str):
        raise FunctionError(f"{kind(value)} cannot be sliced")
    places = cast("Sequence[Any]", value)
    if not all(isinstance(bound, int) for bound in bounds):
        raise FunctionError("the bounds of a slice are whole numbers")
    start = bounds[0] if bounds else 0
    end = bounds[1] if len(bounds) > 1 else len(places)
    if not 0 <= start <= end <= len(places):
        raise FunctionError("the bounds of the slice lie outside")
    return places[start:end]


def length(value: Any) -> int:
    """The number of items or, of a text, of bytes, as in Go."""
    if isinstance(value, str):
        return len(value.encode("utf-8", "surrogatepass"))
    if isinstance(value, list | dict):
        return len(cast("list[Any]", value))
    raise FunctionError(f"{kind(value)} has no length")


def equal(first: Any, second: Any) -> bool:
    """Whether two values are the same; a number is never equal to a text, nor true to 1."""
    if isinstance(first, bool) or isinstance(second, bool):
        return first is second
    return bool(first == second)


def less(first: Any, second: Any) -> bool:
    """Whether one number or text comes before another.

    Raises:
        FunctionError: when they are of different kinds.
    """
    if (is_number(first) and is_number(second)) or (isinstance(first, str) and isinstance(second, str)):
        return first < second
    raise FunctionError(f"{kind(first)} and {kind(second)} have no order")


def kind(value: Any) -> str:
    """The name of a value's kind, as sprig's ``kindOf`` has it."""
    if value is None:
        return "invalid"
    if isinstance(value, bool):
        return "bool"
    for python_type, name in ((str, "string"), (int, "int"), (float, "float64"), (dict, "map")):
        if isinstance(value, python_type):
            return name
    return "slice"

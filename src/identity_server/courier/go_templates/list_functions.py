"""Functions on lists, named as in sprig; each makes a new list."""

from typing import Any, cast

from identity_server.courier.go_templates import limits, values
from identity_server.courier.go_templates.errors import FunctionError
from identity_server.courier.go_templates.formatting import show
from identity_server.courier.go_templates.functions import ANY, Function
from identity_server.courier.go_templates.values import is_list


def items(value: Any) -> list[Any]:
    """The list itself; nil is an empty one.

    Raises:
        FunctionError: when the value is no list.
    """
    if value is None:
        return []
    if not is_list(value):
        raise FunctionError(f"a list is needed, not {values.kind(value)}")
    return cast("list[Any]", value)


def join(between: Any, value: Any) -> str:
    """The items of a list in one text."""
    texts = [show(item) for item in items(value)] if is_list(value) or value is None else [show(value)]
    limits.fits(sum(map(len, texts)) + len(texts) * len(show(between)))
    return show(between).join(texts)


def split_list(between: Any, text: Any) -> list[str]:
    """The pieces of a text."""
    whole, separator = show(text), show(between)
    return whole.split(separator) if separator else list(whole)


def split_map(between: Any, text: Any, most: int = -1) -> dict[str, str]:
    """The pieces of a text as ``_0``, ``_1`` and so on."""
    pieces = show(text).split(show(between) or " ", most - 1 if most > 0 else -1)
    return {f"_{place}": piece for place, piece in enumerate(pieces)}


def unique(value: Any) -> list[Any]:
    """The items without repetitions."""
    seen: set[str] = set()
    out: list[Any] = []
    for item in items(value):
        key = f"{values.kind(item)} {show(item)}"
        if key not in seen:
            seen.add(key)
            out.append(item)
    return out


def has(item: Any, value: Any) -> bool:
    """Whether a list holds an item."""
    return any(values.equal(item, other) for other in items(value))


def first(value: Any) -> Any:
    """The first item, or nil."""
    return items(value)[0] if value else None


def last(value: Any) -> Any:
    """The last item, or nil."""
    return items(value)[-1] if value else None


LISTS = {
    "list": Function(lambda *each: list(each), 0, ANY),
    "tuple": Function(lambda *each: list(each), 0, ANY),
    "first": Function(first, 1, 1),
    "last": Function(last, 1, 1),
    "rest": Function(lambda value: items(value)[1:], 1, 1),
    "initial": Function(lambda value: items(value)[:-1], 1, 1),
    "append": Function(lambda value, item: [*items(value), item], 2, 2),
    "push": Function(lambda value, item: [*items(value), item], 2, 2),
    "prepend": Function(lambda value, item: [item, *items(value)], 2, 2),
    "concat": Function(lambda *lists: [item for each in lists for item in items(each)], 0, ANY),
    "reverse": Function(lambda value: items(value)[::-1], 1, 1),
    "uniq": Function(unique, 1, 1),
    "without": Function(lambda value, *out: [item for item in items(value) if not has(item, list(out))], 1, ANY),
    "compact": Function(lambda value: [item for item in items(value) if values.truth(item)], 1, 1),
    "has": Function(has, 2, 2),
    "sortAlpha": Function(lambda value: sorted(show(item) for item in items(value)), 1, 1),
    "toStrings": Function(lambda value: [show(item) for item in items(value)], 1, 1),
    "join": Function(join, 2, 2),
    "splitList": Function(split_list, 2, 2),
    "split": Function(split_map, 2, 2),
    "splitn": Function(lambda between, most, text: split_map(between, text, int(most)), 3, 3),
}

"""Functions on numbers, named as in sprig. They never make a number too large for a mail to show."""

import math
import re
from collections.abc import Callable
from functools import reduce
from typing import Any

from identity_server.courier.go_templates import limits
from identity_server.courier.go_templates.errors import FunctionError
from identity_server.courier.go_templates.functions import ANY, Function

_LARGEST = 2**63 - 1
_NUMBER = re.compile(r"\s*[+-]?\d{1,19}(?:\.\d{0,40})?\s*")


def number(value: Any) -> int | float:
    """A number, also of a text that spells one; 0 for anything else, as in sprig."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        return value
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return float(value) if "." in value else int(value)
    return 0


def whole(value: Any) -> int:
    """The whole part of a number.

    Raises:
        FunctionError: when it has none, or one beyond 64 bits.
    """
    found = number(value)
    if isinstance(found, float) and not math.isfinite(found):
        raise FunctionError("the number is not finite")
    if abs(found) > _LARGEST:
        raise FunctionError("the number is too large")
    return int(found)


def _fold(function: Callable[[int, int], int]) -> Callable[..., int]:
    return lambda *items: whole(reduce(lambda one, other: whole(function(one, other)), [whole(item) for item in items]))


def divide(first: Any, second: Any) -> int:
    """The whole quotient, rounded towards zero as in Go."""
    if not whole(second):
        raise FunctionError("a number cannot be divided by 0")
    quotient = abs(whole(first)) // abs(whole(second))
    return quotient if (whole(first) < 0) == (whole(second) < 0) else -quotient


def remainder(first: Any, second: Any) -> int:
    """What ``div`` leaves."""
    return whole(first) - divide(first, second) * whole(second)


def round_to(value: Any, places: Any) -> float:
    """A number with so many decimals; halves go up."""
    factor = 10.0 ** max(0, min(whole(places), 15))
    return math.floor(float(number(value)) * factor + 0.5) / factor


def steps(start: Any, end: Any, step: Any) -> list[int]:
    """Numbers from a start up to before an end."""
    first, last, by = whole(start), whole(end), whole(step)
    if not by:
        return []
    numbers = range(first, last, by)
    if len(numbers) > limits.ITEMS:
        raise FunctionError(f"a list may hold {limits.ITEMS} items")
    return list(numbers)


def until(end: Any) -> list[int]:
    """Numbers from 0 up to before an end, or down to it."""
    return steps(0, end, 1 if whole(end) >= 0 else -1)


NUMBERS = {
    "int": Function(whole, 1, 1),
    "int64": Function(whole, 1, 1),
    "atoi": Function(whole, 1, 1),
    "float64": Function(lambda value: float(number(value)), 1, 1),
    "add": Function(_fold(lambda one, other: one + other), 1, ANY),
    "add1": Function(lambda value: whole(value) + 1, 1, 1),
    "sub": Function(lambda one, other: whole(one) - whole(other), 2, 2),
    "mul": Function(_fold(lambda one, other: one * other), 1, ANY),
    "div": Function(divide, 2, 2),
    "mod": Function(remainder, 2, 2),
    "max": Function(lambda *items: max(whole(item) for item in items), 1, ANY),
    "biggest": Function(lambda *items: max(whole(item) for item in items), 1, ANY),
    "min": Function(lambda *items: min(whole(item) for item in items), 1, ANY),
    "floor": Function(lambda value: float(math.floor(number(value))), 1, 1),
    "ceil": Function(lambda value: float(math.ceil(number(value))), 1, 1),
    "round": Function(round_to, 2, 2),
    "until": Function(until, 1, 1),
    "untilStep": Function(steps, 3, 3),
}

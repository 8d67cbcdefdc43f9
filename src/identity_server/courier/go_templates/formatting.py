"""How Go's ``fmt`` writes values: ``%v``, ``print`` and ``printf``."""

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from identity_server.courier.go_templates import limits
from identity_server.courier.go_templates.errors import FunctionError
from identity_server.courier.go_templates.values import is_number

NO_VALUE = "<no value>"
WIDEST = 1000
_VERB = re.compile(r"%([-+# 0]*)(\*|\d+)?(?:\.(\*|\d*))?(.|$)", re.DOTALL)


def show(value: Any) -> str:
    """A value as ``%v`` writes it; nil is ``<nil>``.

    Raises:
        FunctionError: when the text would be too long.
    """
    if isinstance(value, str):
        return value
    pieces: list[str] = []
    size = 0
    for piece in _pieces(value):
        size += len(piece)
        limits.fits(size)
        pieces.append(piece)
    return "".join(pieces)


def show_all(values: tuple[Any, ...]) -> str:
    """``print``: a space between two values when neither is a text."""
    out = ""
    for position, value in enumerate(values):
        if position and not isinstance(value, str) and not isinstance(values[position - 1], str):
            out += " "
        out += show(value)
        limits.fits(len(out))
    return out


def show_line(values: tuple[Any, ...]) -> str:
    """``println``: spaces between all values, and a line break."""
    return " ".join(show(value) for value in values) + "\n"


def _pieces(value: Any) -> Iterator[str]:
    if value is None:
        yield "<nil>"
    elif isinstance(value, bool):
        yield "true" if value else "false"
    elif isinstance(value, float):
        yield float_text(value)
    elif isinstance(value, Mapping):
        yield "map["
        for position, (key, item) in enumerate(sorted(cast("Mapping[str, Any]", value).items())):
            yield (" " if position else "") + key + ":"
            yield from _pieces(item)
        yield "]"
    elif isinstance(value, list):
        yield "["
        for position, item in enumerate(cast("list[Any]", value)):
            if position:
                yield " "
            yield from _pieces(item)
        yield "]"
    else:
        yield str(value)


def float_text(value: float) -> str:
    """A float as ``%v`` writes it: the shortest text, with an exponent below 1e-4 and from 1e21 on.

    Whole numbers stay whole (``1000000``, where Go has ``1e+06``): in JSON they are what people wrote.
    """
    if math.isnan(value) or math.isinf(value):
        return "NaN" if math.isnan(value) else ("+Inf" if value > 0 else "-Inf")
    if value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    return repr(value)


def printf(layout: Any, *values: Any) -> str:
    """Go's ``fmt.Sprintf`` for the verbs of text, numbers and truth.

    Raises:
        FunctionError: when the layout is no text, or the result too long.
    """
    if not isinstance(layout, str):
        raise FunctionError("printf needs its layout first")
    given = list(values)
    used = 0
    size = len(layout)

    def take() -> Any:
        nonlocal used
        used += 1
        return given[used - 1]

    def replace(found: re.Match[str]) -> str:
        nonlocal size
        text = _formatted(found, take, lambda: len(given) - used)
        size += len(text)
        limits.fits(size)
        return text

    out = _VERB.sub(replace, layout)
    if used < len(given):
        out += "%!(EXTRA " + ", ".join(f"{_type(value)}={show(value)}" for value in given[used:]) + ")"
    return out


def _formatted(found: re.Match[str], take: Callable[[], Any], left: Callable[[], int]) -> str:
    flags, width, precision, verb = found.groups()
    if verb == "%":
        return "%"
    if not verb:
        return "%!(NOVERB)"
    sizes: list[int | None] = []
    for size in (width, precision):
        if size == "*":
            if not left():
                return "%!(BADWIDTH)"
            size = take()
        sizes.append(None if size is None else _size(size))
    if not left():
        return f"%!{verb}(MISSING)"
    return _pad(_verb(verb, take(), flags, sizes[1]), flags, sizes[0])


def _size(size: Any) -> int:
    try:
        number = int(size or 0)
    except (TypeError, ValueError):
        raise FunctionError("the width of a verb is a number") from None
    if not 0 <= number <= WIDEST:
        raise FunctionError(f"a verb may be {WIDEST} wide")
    return number


def _verb(verb: str, value: Any, flags: str, precision: int | None) -> str:
    sign = "+" if "+" in flags else ""
    if verb == "v":
        return show(value)
    if verb in "sq" and not isinstance(value, bool | int | float | None):
        text = show(value) if precision is None else show(value)[:precision]
        return text if verb == "s" else json.dumps(text, ensure_ascii=False)
    if verb == "t" and isinstance(value, bool):
        return show(value)
    if verb == "T":
        return _type(value)
    shown = _number(verb, value, sign, precision) if is_number(value) else None
    if shown is not None:
        return shown
    if verb in "xX" and isinstance(value, str):
        digits = value.encode("utf-8", "replace").hex()
        return digits.upper() if verb == "X" else digits
    return f"%!{verb}({_type(value)}={show(value)})" if value is not None else f"%!{verb}(<nil>)"


def _number(verb: str, value: Any, sign: str, precision: int | None) -> str | None:
    if verb in "feEgG":
        if precision is None and verb in "gG":
            return float_text(float(value))
        return format(float(value), f"{sign}.{6 if precision is None else precision}{verb}")
    if float(value).is_integer():
        whole = int(value)
        if verb in "dxXob":
            return format(whole, sign + verb)
        if verb in "cU" and 0 <= whole <= 0x10FFFF:
            return chr(whole) if verb == "c" else f"U+{whole:04X}"
    return None


def _pad(text: str, flags: str, width: int | None) -> str:
    if not width or len(text) >= width:
        return text
    if "-" in flags:
        return text.ljust(width)
    return text.zfill(width) if "0" in flags else text.rjust(width)


def _type(value: Any) -> str:
    if value is None:
        return "<nil>"
    for python_type, name in ((bool, "bool"), (str, "string"), (int, "int"), (float, "float64")):
        if isinstance(value, python_type):
            return name
    return "map[string]interface {}" if isinstance(value, Mapping) else "[]interface {}"

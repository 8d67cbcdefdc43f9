"""Functions on texts, named and ordered as in sprig (https://masterminds.github.io/sprig/strings.html)."""

import base64
import binascii
import hashlib
import re
import textwrap
from collections.abc import Callable
from typing import Any

from identity_server.courier.go_templates import limits
from identity_server.courier.go_templates.errors import FunctionError
from identity_server.courier.go_templates.formatting import show
from identity_server.courier.go_templates.functions import ANY, Function

# What Go takes for the end of a word: a space, and any ASCII that is neither letter, digit nor underscore.
_WORD_START = re.compile(r"(?:^|(?<=[^\w\u0080-\U0010ffff])|(?<=\s))\w")
_AFTER_SPACE = re.compile(r"(?:^|(?<=\s))\S")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SEPARATORS = re.compile(r"[\s_\-]+")


def _text(function: Callable[[str], Any]) -> Function:
    """A function of one text; other values are given as ``%v`` writes them."""
    return Function(lambda value: function(_string(value)), 1, 1)


def _string(value: Any) -> str:
    return "" if value is None else show(value)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise FunctionError("a whole number is needed")
    return int(value)


def title(text: str) -> str:
    """Each word with a capital."""
    return _WORD_START.sub(lambda found: found[0].title(), text)


def untitle(text: str) -> str:
    """Each word with a small letter at its start."""
    return _AFTER_SPACE.sub(lambda found: found[0].lower(), text)


def repeat(count: Any, text: Any) -> str:
    """A text several times."""
    times = max(0, _whole(count))
    limits.fits(times * len(_string(text)))
    return _string(text) * times


def replace(old: Any, new: Any, text: Any) -> str:
    """A text with each ``old`` as ``new``."""
    whole, old_text, new_text = _string(text), _string(old), _string(new)
    limits.fits(len(whole) + whole.count(old_text) * len(new_text))
    return whole.replace(old_text, new_text)


def substr(start: Any, end: Any, text: Any) -> str:
    """A part of a text; negative bounds mean its start and its end."""
    first, last = _whole(start), _whole(end)
    whole = _string(text)
    return whole[max(0, first) :] if last < 0 or last > len(whole) else whole[max(0, first) : last]


def trunc(length: Any, text: Any) -> str:
    """The first characters of a text, or the last when the number is negative."""
    count, whole = _whole(length), _string(text)
    return whole[count:] if count < 0 else whole[:count]


def abbreviate(width: Any, text: Any) -> str:
    """A text of at most so many characters, with dots for what is left out."""
    wide, whole = _whole(width), _string(text)
    return whole if wide < 4 or len(whole) <= wide else whole[: wide - 3] + "..."


def indent(count: Any, text: Any) -> str:
    """A text with each line moved to the right."""
    margin = repeat(count, " ")
    return margin + replace("\n", "\n" + margin, text)


def wrap(width: Any, text: Any, between: str = "\n") -> str:
    """A text broken into lines of at most so many characters."""
    wide, whole = max(1, _whole(width)), _string(text)
    limits.fits(len(whole) + (len(whole) // wide + len(whole.split())) * len(between))
    lines = textwrap.wrap(whole, wide, break_long_words=False, break_on_hyphens=False)
    return between.join(lines)


def plural(one: Any, many: Any, count: Any) -> str:
    """One word or the other, by a number."""
    return _string(one) if _whole(count) == 1 else _string(many)


def _words(text: str) -> list[str]:
    return [word for word in _SEPARATORS.split(_HUMP.sub(" ", text)) if word]


def camel(text: str) -> str:
    """``camel_case`` as ``CamelCase``."""
    return "".join(word[:1].upper() + word[1:] for word in _SEPARATORS.split(text) if word)


def decode64(text: str) -> str:
    """What a base64 text stands for.

    Raises:
        FunctionError: when it is no base64 of a UTF-8 text.
    """
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        raise FunctionError("the text is no base64 of a text") from None


TEXTS = {
    "upper": _text(str.upper),
    "lower": _text(str.lower),
    "title": _text(title),
    "untitle": _text(untitle),
    "swapcase": _text(str.swapcase),
    "camelcase": _text(camel),
    "snakecase": _text(lambda text: "_".join(_words(text)).lower()),
    "kebabcase": _text(lambda text: "-".join(_words(text)).lower()),
    "trim": _text(str.strip),
    "nospace": _text(lambda text: "".join(text.split())),
    "initials": _text(lambda text: "".join(word[0] for word in text.split())),
    "toString": _text(str),
    "b64enc": _text(lambda text: base64.b64encode(text.encode()).decode()),
    "b64dec": _text(decode64),
    "sha1sum": _text(lambda text: hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()),
    "sha256sum": _text(lambda text: hashlib.sha256(text.encode()).hexdigest()),
    "sha512sum": _text(lambda text: hashlib.sha512(text.encode()).hexdigest()),
    "trimAll": Function(lambda chars, text: _string(text).strip(_string(chars)), 2, 2),
    "trimall": Function(lambda chars, text: _string(text).strip(_string(chars)), 2, 2),
    "trimPrefix": Function(lambda start, text: _string(text).removeprefix(_string(start)), 2, 2),
    "trimSuffix": Function(lambda end, text: _string(text).removesuffix(_string(end)), 2, 2),
    "contains": Function(lambda part, text: _string(part) in _string(text), 2, 2),
    "hasPrefix": Function(lambda start, text: _string(text).startswith(_string(start)), 2, 2),
    "hasSuffix": Function(lambda end, text: _string(text).endswith(_string(end)), 2, 2),
    "repeat": Function(repeat, 2, 2),
    "replace": Function(replace, 3, 3),
    "substr": Function(substr, 3, 3),
    "trunc": Function(trunc, 2, 2),
    "abbrev": Function(abbreviate, 2, 2),
    "indent": Function(indent, 2, 2),
    "nindent": Function(lambda count, text: "\n" + indent(count, text), 2, 2),
    "wrap": Function(wrap, 2, 2),
    "wrapWith": Function(lambda width, between, text: wrap(width, text, _string(between)), 3, 3),
    "plural": Function(plural, 3, 3),
    "quote": Function(lambda *items: " ".join(_quoted(item) for item in items if item is not None), 0, ANY),
    "squote": Function(lambda *items: " ".join(f"'{_string(item)}'" for item in items if item is not None), 0, ANY),
    "cat": Function(lambda *items: " ".join(_string(item) for item in items if item is not None), 0, ANY),
}


def _quoted(value: Any) -> str:
    escaped = _string(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'

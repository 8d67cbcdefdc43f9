"""Reads Go's literals."""

import re

_ESCAPE = re.compile(
    r"\\(?:([abfnrtv\\'\"])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.)|$)", re.DOTALL
)
_SINGLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def text_of(literal: str) -> str:
    """The text that a quoted or raw literal stands for.

    Raises:
        ValueError: when an escape is none of Go's.
    """
    if literal[0] == "`":
        return literal[1:-1].replace("\r", "")
    return _ESCAPE.sub(_unescape, literal[1:-1])


def rune_of(literal: str) -> int:
    """The code point of a character literal.

    Raises:
        ValueError: when it holds another number of characters than one.
    """
    text = text_of(literal)
    if len(text) != 1:
        raise ValueError("a character literal holds one character")
    return ord(text)


def number_of(literal: str) -> int | float:
    """The number that a literal stands for.

    Raises:
        ValueError: when it is none.
    """
    if re.fullmatch(r"[+-]?0[0-7_]+", literal):
        return int(literal, 8)
    try:
        return int(literal, 0)
    except ValueError:
        return float(literal)


def _unescape(found: re.Match[str]) -> str:
    single, two, four, eight, octal, _ = found.groups()
    if single:
        return _SINGLE.get(single, single)
    if octal:
        return chr(int(octal, 8))
    digits = two or four or eight
    if not digits or int(digits, 16) > 0x10FFFF or 0xD800 <= int(digits, 16) < 0xE000:
        raise ValueError("unknown escape in quoted text")
    return chr(int(digits, 16))

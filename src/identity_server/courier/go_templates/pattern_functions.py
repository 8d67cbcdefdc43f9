"""Functions with regular expressions. RE2 takes time in proportion to the text, so no pattern can hang a mail."""

from functools import lru_cache
from typing import Any

import re2

from identity_server.courier.go_templates import limits
from identity_server.courier.go_templates.errors import FunctionError
from identity_server.courier.go_templates.formatting import show
from identity_server.courier.go_templates.functions import Function

LONGEST_PATTERN = 1000
_OPTIONS = re2.Options()
_OPTIONS.log_errors = False


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> Any:
    if len(pattern) > LONGEST_PATTERN:
        raise FunctionError(f"a pattern may have {LONGEST_PATTERN} characters")
    try:
        return re2.compile(pattern, _OPTIONS)
    except re2.error:
        raise FunctionError("the pattern is no regular expression (RE2)") from None


def _pattern(value: Any) -> Any:
    return _compiled(show(value))


def find(pattern: Any, text: Any) -> str:
    """The first match, or an empty text."""
    found = _pattern(pattern).search(show(text))
    return found.group(0) if found else ""


def find_all(pattern: Any, text: Any, most: Any) -> list[str]:
    """The matches, at most so many; -1 for all."""
    out: list[str] = []
    for found in _pattern(pattern).finditer(show(text)):
        if len(out) == most or len(out) >= limits.ITEMS:
            break
        out.append(found.group(0))
    return out


def substitute(pattern: Any, text: Any, new: Any, *, literal: bool = False) -> str:
    """Each match as ``new``, in which ``$1`` or ``${name}`` stand for groups unless it is literal."""
    whole, template, size = show(text), show(new), 0

    def one(found: Any) -> str:
        nonlocal size
        shown = template if literal else _expand(found, template)
        size += len(shown)
        limits.fits(size)
        return shown

    return str(_pattern(pattern).sub(one, whole))


def _expand(found: Any, template: str) -> str:
    def group(reference: Any) -> str:
        name = reference.group(1) or reference.group(2) or reference.group(3)
        if name == "$":
            return "$"
        try:
            return found.group(int(name) if name.isdigit() else name) or ""
        except (IndexError, KeyError, re2.error):
            return ""

    return str(_compiled(r"\$(?:(\$)|(\w+)|\{(\w+)\})").sub(group, template))


def split(pattern: Any, text: Any, most: Any) -> list[str]:
    """The text between the matches, in at most so many pieces; -1 for all."""
    count = most if isinstance(most, int) else -1
    return [] if count == 0 else list(_pattern(pattern).split(show(text), max(0, count - 1) if count > 0 else 0))


PATTERNS = {
    "regexMatch": Function(lambda pattern, text: _pattern(pattern).search(show(text)) is not None, 2, 2),
    "regexFind": Function(find, 2, 2),
    "regexFindAll": Function(find_all, 3, 3),
    "regexReplaceAll": Function(substitute, 3, 3),
    "regexReplaceAllLiteral": Function(lambda pattern, text, new: substitute(pattern, text, new, literal=True), 3, 3),
    "regexSplit": Function(split, 3, 3),
    "regexQuoteMeta": Function(lambda text: re2.escape(show(text)), 1, 1),
}

"""Regular expressions that cannot be made slow.

Patterns come from operators and meet text from anybody. RE2 matches in linear time (Python's ``re`` takes years for
``(a+)+$``), and knows the dialect that Kratos' schemas are written in: no look-around, no back references.
"""

from functools import lru_cache
from typing import Any

import re2

from .errors import DocumentError


def _options() -> Any:
    options: Any = re2.Options()
    options.log_errors = False  # the pattern may be an operator's secret, and stderr is a log
    return options


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> Any:
    return re2.compile(pattern, _options())


def check(pattern: str) -> None:
    """Raises DocumentError when a pattern is no RE2 expression."""
    try:
        _compiled(pattern)
    except (re2.error, UnicodeEncodeError) as error:
        detail = error.args[0] if error.args else ""
        said = detail.decode(errors="replace") if isinstance(detail, bytes) else "not text"
        raise DocumentError(
            f"the pattern {pattern!r} is not a regular expression that RE2 knows ({said}); "
            "look-ahead, look-behind and back references are not available"
        ) from None


def found(pattern: str, text: str) -> bool:
    """Whether the pattern matches anywhere in the text."""
    try:
        return _compiled(pattern).search(text) is not None
    except UnicodeEncodeError:  # half of a surrogate pair: no text, so nothing matches it
        return False

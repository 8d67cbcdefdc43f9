"""JSON from others: what JSON really allows, and what can be written again."""

import json
import math
from typing import Any


def parse(text: str) -> Any:
    """The value of a text.

    Raises:
        ValueError: when it is not JSON, is nested too deep, or holds numbers without end or halves of characters.
    """
    try:
        found = json.loads(text, parse_constant=_refuse, parse_float=_finite)
        json.dumps(found, ensure_ascii=False).encode()
    except json.JSONDecodeError:
        raise
    except (ValueError, RecursionError):
        raise ValueError("not JSON that can be written again") from None
    return found


def _refuse(name: str) -> Any:
    raise ValueError(name)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number

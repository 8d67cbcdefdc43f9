"""How much a template may use."""

from collections.abc import Mapping, Sequence
from typing import Any

from identity_server.courier.go_templates.errors import FunctionError

#: Characters of a template's source.
SOURCE = 256 * 1024
#: Characters of a template's output, and of any text on the way there.
TEXT = 256 * 1024
#: Seconds of one rendering.
SECONDS = 1.0
#: Nested templates, blocks and parentheses. Python's own recursion limit lies above it.
DEPTH = 50
#: Items of a list that a function makes, counted with all that lies within.
ITEMS = 20_000


def fits(length: int) -> None:
    """Raises FunctionError when a text of this length would be too long; call it before making one."""
    if length > TEXT:
        raise FunctionError(f"the text would be longer than {TEXT} characters")


def weigh(value: Any) -> Any:
    """The value, unless it holds too many items; lists that hold one list many times over count each time.

    Raises:
        FunctionError: when it is too large or too deep.
    """
    left = ITEMS
    pending = [(value, 0)]
    while pending:
        item, depth = pending.pop()
        left -= 1
        if left < 0 or depth > DEPTH:
            raise FunctionError(f"a list or map may hold {ITEMS} items in {DEPTH} levels")
        if isinstance(item, Mapping):
            pending.extend((child, depth + 1) for child in item.values())
        elif isinstance(item, Sequence) and not isinstance(item, str):
            if len(item) > left:
                raise FunctionError(f"a list or map may hold {ITEMS} items in {DEPTH} levels")
            pending.extend((child, depth + 1) for child in item)
    return value

"""The functions that Go's ``text/template`` has built in.

``and`` and ``or`` stop at the first value that decides, so the interpreter carries them out.
"""

import html
import json
from typing import Any
from urllib.parse import quote_plus

from identity_server.courier.go_templates import values
from identity_server.courier.go_templates.errors import FunctionError
from identity_server.courier.go_templates.formatting import printf, show_all, show_line
from identity_server.courier.go_templates.functions import ANY, Function

_JS = {char: f"\\u{ord(char):04X}" for char in "<>&='\"\u2028\u2029"} | {"'": "\\'", '"': '\\"'}


def equal(first: Any, *others: Any) -> bool:
    """``eq a b c``: a is b or c."""
    return any(values.equal(first, other) for other in others)


def not_equal(first: Any, second: Any) -> bool:
    """``ne``."""
    return not values.equal(first, second)


def less_or_equal(first: Any, second: Any) -> bool:
    """``le``."""
    return not values.less(second, first)


def escape_html(text: str) -> str:
    """A text for HTML, in an element or a quoted attribute."""
    return html.escape(text.replace("\0", "\ufffd"), quote=False).replace('"', "&#34;").replace("'", "&#39;")


def escape_js(text: str) -> str:
    """A text for a quoted JavaScript string."""
    quoted = json.dumps(text, ensure_ascii=False)[1:-1].replace('\\"', '"')
    return "".join(_JS.get(char, char) for char in quoted)


def escape_query(text: str) -> str:
    """A text for the query of an address."""
    return quote_plus(text.encode("utf-8", "replace"), safe="-._~")


def _never(*_: Any) -> Any:
    raise FunctionError("this function has no value of its own")


CORE = {
    "and": Function(_never, 1, ANY),
    "or": Function(_never, 1, ANY),
    "not": Function(lambda value: not values.truth(value), 1, 1),
    "eq": Function(equal, 2, ANY),
    "ne": Function(not_equal, 2, 2),
    "lt": Function(values.less, 2, 2),
    "le": Function(less_or_equal, 2, 2),
    "gt": Function(lambda first, second: values.less(second, first), 2, 2),
    "ge": Function(lambda first, second: not values.less(first, second), 2, 2),
    "index": Function(values.index, 1, ANY),
    "slice": Function(values.slice_of, 1, 3),
    "len": Function(values.length, 1, 1),
    "print": Function(lambda *items: show_all(items), 0, ANY),
    "println": Function(lambda *items: show_line(items), 0, ANY),
    "printf": Function(printf, 1, ANY),
    "html": Function(lambda *items: escape_html(show_all(items)), 1, ANY),
    "js": Function(lambda *items: escape_js(show_all(items)), 1, ANY),
    "urlquery": Function(lambda *items: escape_query(show_all(items)), 1, ANY),
}

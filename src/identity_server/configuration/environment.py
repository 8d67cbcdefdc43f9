"""Configuration from environment variables, under Kratos' names.

A name is the dotted path in capitals, with an underscore for every dot and hyphen:
``SELFSERVICE_METHODS_PASSWORD_ENABLED``, ``SELFSERVICE_METHODS_OIDC_CONFIG_PROVIDERS_0_CLIENT_ID``. Lists may be JSON
or separated by commas; sections with names of one's own are JSON.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from identity_server.configuration.layers import Indexed, Layer
from identity_server.configuration.tree import Path, Schema, document, expand, members

#: Kratos' names without a prefix that other programs use too.
IGNORED = {"HELP", "CONFIG", "VERSION"}
_MOST_ELEMENTS = 1000
_TRUE = {"1", "t", "T", "true", "TRUE", "True"}
_FALSE = {"0", "f", "F", "false", "FALSE", "False"}


def layers(environ: Mapping[str, str]) -> list[Layer]:
    """One layer for each variable that names a key; empty variables count as unset."""
    found: list[tuple[Path, Layer]] = []
    for name, text in environ.items():
        path = None if name in IGNORED or not text else key_of(name)
        if path is not None:
            node = _node(path)
            found.append((path, Layer(source(name), _nested(path, _read(node, text)))))
    return [layer for _, layer in sorted(found, key=lambda pair: _order(pair[0]))]


def source(name: str) -> str:
    """What a value from this variable is said to come from."""
    return f"environment variable {name}"


def name_of(path: Path) -> str:
    """The variable for a key."""
    return "_".join(_capitals(part) for part in path)


def key_of(name: str) -> Path | None:
    """The key that a variable names; None when it names none."""
    return next(_matches(document(), name), None)


def _capitals(text: str) -> str:
    return re.sub(r"[^A-Z0-9]", "_", text.upper())


def _matches(node: Schema, rest: str) -> Iterator[Path]:
    node = expand(node)
    if "items" in node:
        index, _, tail = rest.partition("_")
        if index.isascii() and index.isdigit() and int(index[:9]) < _MOST_ELEMENTS and len(index) < 5:
            yield from ((str(int(index)), *path) for path in (_matches(node["items"], tail) if tail else [()]))
        return
    for key, child in members(node).items():
        capital = _capitals(key)
        if rest == capital:
            yield (key,)
        elif rest.startswith(capital + "_"):
            yield from ((key, *path) for path in _matches(child, rest[len(capital) + 1 :]))


def _node(path: Path) -> Schema:
    node: Schema = document()
    for part in path:
        node = expand(node)
        node = node["items"] if "items" in node else members(node)[part]
    return expand(node)


def _nested(path: Path, value: Any) -> dict[str, Any]:
    """The value at its place, list elements as ``Indexed``."""
    inner: Any = value
    for part in reversed(path):
        inner = Indexed({int(part): inner}) if part.isdigit() else {part: inner}
    return inner


def _order(path: Path) -> tuple[tuple[int, str], ...]:
    """Shorter paths first, so that a part goes over the whole; elements by number."""
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in path)


def _read(node: Schema, text: str) -> Any:
    """The text as the key's type; as text where it cannot be, for the check to refuse."""
    kind = node.get("type")
    if kind == "boolean":
        return True if text in _TRUE else False if text in _FALSE else text
    if kind == "integer" or kind == "number":
        return _number(text)
    if kind == "array":
        return _list(node, text)
    return _json(text, text) if kind == "object" else text


def _number(text: str) -> Any:
    if re.fullmatch(r"[+-]?[0-9]{1,18}", text):
        return int(text)
    return float(text) if re.fullmatch(r"[+-]?[0-9]{0,18}\.[0-9]{1,18}", text) else text


def _list(node: Schema, text: str) -> Any:
    if text.lstrip().startswith("["):
        return _json(text, text)
    item = expand(node["items"])
    return [_read(item, part.strip()) for part in text.split(",") if part.strip()]


def _json(text: str, otherwise: Any) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return otherwise

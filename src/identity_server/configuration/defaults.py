"""Fills in what a configuration leaves out."""

from functools import cache
from typing import Any

from identity_server.configuration.checking import accepts
from identity_server.configuration.tree import Schema, at, branches, document, expand

_NOTHING: Any = object()


def filled(value: Any) -> dict[str, Any]:
    """A copy of a whole configuration with the schema's defaults added, in list elements too."""
    return _filled(document(), value)


def _filled(node: Schema, value: Any) -> Any:
    node = expand(node)
    if isinstance(value, list):
        return [_filled(node.get("items", {}), item) for item in value]
    if not isinstance(value, dict):
        return value
    members = _members(node, value)
    extra = node.get("additionalProperties")
    other: Schema = extra if isinstance(extra, dict) else {}
    full = {name: _filled(members.get(name, other), item) for name, item in value.items()}
    for name, member in members.items():
        if name not in full and (default := _default(member)) is not _NOTHING:
            full[name] = default
    return full


def _members(node: Schema, value: Any) -> dict[str, Schema]:
    """The keys an object has in the case at hand."""
    members: dict[str, Schema] = dict(node.get("properties", {}))
    for branch in branches(node):
        chosen = branch.get("then" if accepts(branch["if"], value) else "else", {})
        typed = (
            (name, child) for name, child in chosen.get("properties", {}).items() if child.keys() & {"type", "$ref"}
        )
        members.update(typed)
    return members


def _default(node: Schema) -> Any:
    """What stands for a key that is not there; an object comes to be when all it needs has a default."""
    node = expand(node)
    if "default" in node:
        value = node["default"]
        return list(value) if isinstance(value, list) else value
    if node.get("required") or "properties" not in node:
        return _NOTHING
    inner = {
        name: default for name, child in node["properties"].items() if (default := _default(child)) is not _NOTHING
    }
    return inner or _NOTHING


@cache
def of(path: tuple[str, ...]) -> Any:
    """The default of one key; None when it has none."""
    found = _default(at(path) or {})
    return None if found is _NOTHING else found

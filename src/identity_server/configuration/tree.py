"""The schema as a tree of keys: what exists, and what stands under it."""

import json
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias

Schema: TypeAlias = dict[str, Any]
Path: TypeAlias = tuple[str, ...]


@cache
def document() -> Schema:
    """Our schema of the whole configuration; not to be changed."""
    return json.loads(files("identity_server.configuration").joinpath("schema.json").read_bytes())


def split(path: str) -> Path:
    """Dotted text to a path."""
    return tuple(path.split(".")) if path else ()


def target(reference: str) -> Schema:
    """What ``#/$defs/NAME`` stands for."""
    return document()["$defs"][reference.rpartition("/")[2]]


def expand(node: Schema) -> Schema:
    """The node with its reference followed; what stands beside the reference wins."""
    if "$ref" not in node:
        return node
    base = expand(target(node["$ref"]))
    merged = {**base, **{key: value for key, value in node.items() if key != "$ref"}}
    if "properties" in node and "properties" in base:
        own = node["properties"]
        merged["properties"] = {
            **base["properties"],
            **{name: {**base["properties"].get(name, {}), **own[name]} for name in own},
        }
    return merged


def branches(node: Schema) -> Iterator[Schema]:
    """The conditional parts of a node, as ``if``/``then``/``else`` members of its ``allOf``."""
    for part in node.get("allOf", ()):
        if "if" in part:
            yield part


def members(node: Schema) -> dict[str, Schema]:
    """All keys an object may have, those under a condition included."""
    node = expand(node)
    found: dict[str, Schema] = dict(node.get("properties", {}))
    for branch in branches(node):
        for name, child in branch["then"].get("properties", {}).items():
            found[name] = _union(found.get(name), child)
    return found


def _union(first: Schema | None, second: Schema) -> Schema:
    if first is None:
        return second
    first, second = expand(first), expand(second)
    both = {**second, **first}
    names = {**members(first), **members(second)}
    return {**both, "properties": names} if names else both


def child(node: Schema, name: str) -> Schema | None:
    """What may stand under ``name``: a key, a list's index, or a name of one's own."""
    node = expand(node)
    found = members(node).get(name)
    if found is not None:
        return found
    if name.isdigit() and "items" in node:
        return node["items"]
    extra = node.get("additionalProperties", {} if "properties" not in node and node.get("type") != "array" else False)
    return extra if isinstance(extra, dict) else None


@cache
def at(path: Path) -> Schema | None:
    """The schema of a key, expanded; None when there is no such key."""
    node: Schema | None = document()
    for name in path:
        node = child(node, name) if node is not None else None
    return None if node is None else expand(node)


def is_secret(path: Path) -> bool:
    """Whether the value of a key must never be shown; a list's index counts as its list."""
    return any((at(path[:length]) or {}).get("x-secret", False) for length in range(1, len(path) + 1))


def is_ours(path: Path) -> bool:
    """Whether a key is an addition to Kratos' format."""
    return any((at(path[:length]) or {}).get("x-ours", False) for length in range(1, len(path) + 1))


def is_immutable(path: Path) -> bool:
    """Whether a change of a key needs a restart; the innermost mark counts."""
    marks = [(at(path[:length]) or {}).get("x-immutable") for length in range(1, len(path) + 1)]
    known = [mark for mark in marks if mark is not None]
    return bool(known and known[-1])

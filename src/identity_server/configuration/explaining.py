"""Turns faults into sentences about keys, values and what would be right."""

from difflib import get_close_matches
from typing import Any

from identity_server.configuration.checking import Fault
from identity_server.configuration.layers import Origins
from identity_server.configuration.problems import Problem
from identity_server.configuration.secrecy import hidden
from identity_server.configuration.tree import Path, Schema, at, expand, is_secret, members

_MOST_SHOWN = 60
_KINDS = {
    "object": "a section with keys",
    "array": "a list",
    "string": "text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
}
#: Rules that no single value breaks, and where the schema says them in words.
_RULES_ABOUT_SEVERAL = {"not": "x-not", "oneOf": "x-one-of"}


def explain(fault: Fault, origins: Origins) -> Problem:
    """The fault as a problem."""
    key = ".".join(fault.path)
    if fault.keyword == "required":
        return Problem(key, "is missing", allowed(_member(fault.node, fault.name, fault.path)))
    source = origins.of(fault.path)
    if fault.keyword == "unknown":
        return Problem(key, "is not a known key", _known(fault), source)
    if fault.keyword == "name":
        return Problem(key, "is not a name that can be used here", allowed(fault.node), source)
    if fault.keyword in ("not", "oneOf") and (
        said := fault.node.get(f"x-{'not' if fault.keyword == 'not' else 'one-of'}")
    ):
        return Problem(key, f"does not fit together: {said}", source=source)
    if fault.keyword == "uniqueItems":
        return Problem(key, "has an entry twice", "each entry once", source)
    if fault.keyword == "minItems":
        return Problem(key, "has too few entries", f"at least {fault.node['minItems']}", source)
    return Problem(key, _shown(fault.path, fault.value), allowed(_annotated(fault)), source)


def _member(node: Schema, name: str, path: Path) -> Schema:
    return at(path) or expand(node.get("properties", {}).get(name, {}))


def _annotated(fault: Fault) -> Schema:
    """The rule's schema, or the key's own where that says more."""
    if "x-allowed" in fault.node or fault.keyword in ("enum", "const"):
        return fault.node
    return {**(at(fault.path) or {}), **fault.node}


def _shown(path: Path, value: Any) -> str:
    if value is None:
        return "has no value"
    if isinstance(value, dict | list):
        return f"is {_KINDS['object' if isinstance(value, dict) else 'array']}"
    if is_secret(path):
        return "has a value that is not allowed (not shown)"
    text = str(hidden(path, value)) if isinstance(value, str) else str(value).lower()
    if len(text) > _MOST_SHOWN:
        text = text[:_MOST_SHOWN] + "…"
    return f"{text!r} is not allowed" if isinstance(value, str) else f"{text} is not allowed"


def _known(fault: Fault) -> str:
    names = sorted(members(fault.node))
    near = get_close_matches(fault.name, names, n=2, cutoff=0.5)
    return " or ".join(near) + " (a similar key)" if near else ", ".join(names)


def allowed(node: Schema) -> str:
    """What a schema accepts, in words; one line."""
    node = expand(node)
    if "x-allowed" in node:
        return node["x-allowed"]
    if "enum" in node:
        return ", ".join(str(item) for item in node["enum"])
    if "const" in node:
        return str(node["const"])
    return _KINDS.get(node.get("type", ""), "") + _bounds(node)


def _bounds(node: Schema) -> str:
    if node.get("minLength") is not None and node.get("minLength") == node.get("maxLength"):
        return f" of exactly {node['minLength']} characters"
    words = {
        "minimum": " from {}",
        "maximum": " to {}",
        "minLength": " of at least {} characters",
        "maxLength": " of at most {} characters",
        "minItems": " with at least {} entries",
    }
    return "".join(text.format(node[name]) for name, text in words.items() if name in node)

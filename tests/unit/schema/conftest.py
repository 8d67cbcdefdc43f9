"""Schemas for the tests."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from identity_server.schema.identity_schema import IdentitySchema
from identity_server.schema.registry import SchemaEntry, SchemaRegistry

Compile = Callable[..., IdentitySchema]


def compiled(traits: dict[str, Any], *, required: tuple[str, ...] = (), **document: Any) -> IdentitySchema:
    """A schema whose traits are these, compiled."""
    whole = {
        "type": "object",
        "properties": {"traits": {"type": "object", "properties": traits, "required": list(required)}},
        **document,
    }
    return registry(whole).get("person")


def registry(document: Any, **options: Any) -> SchemaRegistry:
    """A registry of one document, given as JSON or as bytes."""
    content = document if isinstance(document, bytes) else json.dumps(document).encode()
    return SchemaRegistry([SchemaEntry("person", "file:///person.json")], "person", lambda _: content, **options)


@pytest.fixture
def schema() -> Compile:
    return compiled


@pytest.fixture
def registry_of() -> Callable[..., SchemaRegistry]:
    return registry

"""Identities and what checks them, in memory."""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from identity_server.identity.levels import Factors
from identity_server.identity.manager import IdentityManager
from identity_server.identity.model import Identity
from identity_server.schema.registry import SchemaEntry, SchemaRegistry

NOW = "2026-03-01T12:00:00.000000Z"


def _schema(trait: str, marks: dict[str, Any], **more: Any) -> dict[str, Any]:
    properties = {trait: {"type": "string", "ory.sh/kratos": marks, **more}, "age": {"type": "integer", "minimum": 16}}
    traits = {"type": "object", "properties": properties, "required": [trait], "additionalProperties": False}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "properties": {"traits": traits},
    }


PERSON = _schema(
    "email",
    {"credentials": {"password": {"identifier": True}}, "verification": {"via": "email"}, "recovery": {"via": "email"}},
    format="email",
)
DEVICE = _schema("serial", {"credentials": {"webauthn": {"identifier": True}}})
CODES = _schema(
    "email",
    {"credentials": {"code": {"identifier": True, "via": "email"}}, "verification": {"via": "email"}},
    format="email",
)


class MemoryStore:
    """The part of a store that these tests need; it refuses what it is told to refuse."""

    def __init__(self) -> None:
        self.identities: dict[str, Identity] = {}
        self.refuse: Callable[[Identity], Exception | None] = lambda identity: None

    async def insert(self, identity: Identity) -> None:
        if error := self.refuse(identity):
            raise error
        self.identities[identity.id] = identity

    async def insert_many(self, identities: Sequence[Identity]) -> list[Exception | None]:
        return [self.refuse(identity) for identity in identities]

    async def update(self, identity: Identity, *, expected_updated_at: str | None = None) -> None:
        if error := self.refuse(identity):
            raise error
        self.identities[identity.id] = identity

    async def by_id(self, identity_id: str) -> Identity | None:
        return self.identities.get(identity_id)

    async def delete(self, identity_id: str) -> bool:
        raise NotImplementedError

    async def by_external_id(self, external_id: str) -> Identity | None:
        raise NotImplementedError

    async def by_identifier(self, identifier: str, types: Iterable[str]) -> Identity | None:
        raise NotImplementedError

    async def by_address(self, kind: str, via: str, value: str) -> Identity | None:
        raise NotImplementedError


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def schemas() -> SchemaRegistry:
    documents = {"person": PERSON, "device": DEVICE, "codes": CODES}
    entries = [SchemaEntry(name, name) for name in documents]
    return SchemaRegistry(entries, "person", lambda url: json.dumps(documents[url]).encode())


@pytest.fixture
def manager(schemas: SchemaRegistry, store: MemoryStore) -> IdentityManager:
    return IdentityManager(schemas, store, lambda: datetime(2026, 3, 1, 12, tzinfo=UTC), Factors())


@pytest.fixture
def ada(manager: IdentityManager) -> Identity:
    """A settled identity that is not stored."""
    identity = manager.draft("person", {"email": "ada@example.com"})
    manager.settle(identity)
    return identity

"""Servers that take API keys, on each database in turn."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import httpx2
import pytest

from integration.mailbox import Time
from server_kit import Server, serving

KEYS: Mapping[str, Any] = {"selfservice": {"methods": {"api_key": {"enabled": True}}}, "audit": {"enabled": True}}


@pytest.fixture
def time() -> Time:
    """The server's clock."""
    return Time()


@pytest.fixture
async def server(dsn: str, tmp_path: Path, anyio_backend: str, time: Time) -> AsyncIterator[Server]:
    """A server that takes API keys."""
    del anyio_backend
    async with serving(tmp_path, dsn, KEYS, clock=time) as running:
        yield running


async def machine(server: Server, email: str = "robot@mail.test", **key: Any) -> tuple[str, dict[str, Any]]:
    """A machine identity and its key."""
    identity_id = (await server.create(email))["id"]
    return identity_id, await new_key(server, identity_id, **key)


async def new_key(server: Server, identity_id: str, **key: Any) -> dict[str, Any]:
    """One more key."""
    answer = await server.admin.post(f"/admin/identities/{identity_id}/api_keys", json=key)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def whoami(server: Server, key: str) -> httpx2.Response:
    """The answer to a session check by a key."""
    return await server.public.get("/sessions/whoami", headers={"authorization": f"Bearer {key}"})

"""Servers that keep an audit trail, on each database in turn."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from integration.mailbox import Time, mailing
from server_kit import Server

AUDIT: Mapping[str, Any] = {"audit": {"enabled": True}}


@pytest.fixture
def time() -> Time:
    """The server's clock."""
    return Time()


@pytest.fixture
async def server(dsn: str, tmp_path: Path, anyio_backend: str, time: Time) -> AsyncIterator[Server]:
    """A server that keeps a trail, and recovers and verifies by code."""
    del anyio_backend
    async with mailing(tmp_path, dsn, AUDIT, clock=time) as running:
        yield running


async def trail(server: Server, **query: str) -> list[dict[str, Any]]:
    """The entries, oldest first."""
    answer = await server.admin.get("/admin/audit", params=query)
    assert answer.status_code == 200, answer.text
    return list(reversed(answer.json()))


async def events(server: Server, **query: str) -> list[str]:
    """What happened, in its order."""
    return [entry["event"] for entry in await trail(server, **query)]

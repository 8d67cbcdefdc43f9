"""Servers on which people sign in by code."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from integration.mailbox import MEMBER, SMS, Time, mailing, schema
from server_kit import Server

PASSWORDLESS: dict[str, Any] = {
    "selfservice": {
        "methods": {"code": {"passwordless_enabled": True}},
        "flows": {"registration": {"after": {"code": {"hooks": [{"hook": "session"}]}}}},
    }
}


@pytest.fixture
def time() -> Time:
    """The server's clock."""
    return Time()


@pytest.fixture
async def server(tmp_path: Path, anyio_backend: str, time: Time) -> AsyncIterator[Server]:
    """A server without passwords as the only way in."""
    del anyio_backend
    async with mailing(tmp_path, "", PASSWORDLESS, schema(MEMBER), SMS, clock=time) as running:
        yield running

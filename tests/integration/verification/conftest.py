"""Servers that verify by mail."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from integration.mailbox import Time, mailing
from server_kit import Server


@pytest.fixture
def time() -> Time:
    """The server's clock."""
    return Time()


@pytest.fixture
async def server(tmp_path: Path, anyio_backend: str, time: Time) -> AsyncIterator[Server]:
    """A server that verifies by code."""
    del anyio_backend
    async with mailing(tmp_path, clock=time) as running:
        yield running

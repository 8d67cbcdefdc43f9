"""A server of the test's own, on each database in turn."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server_kit import Server, serving


@pytest.fixture
async def server(dsn: str, tmp_path: Path, anyio_backend: str) -> AsyncIterator[Server]:
    """A server with one schema, cheap hashes and no mail."""
    del anyio_backend
    async with serving(tmp_path, dsn) as running:
        yield running

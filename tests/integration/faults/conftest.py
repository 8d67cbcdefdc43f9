"""A queue on each database in turn; nobody listens on its mail server's port yet."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from integration.faults.couriers import Queue, open_queue
from live_server import free_port


@pytest.fixture
async def queue(dsn: str, tmp_path: Path, anyio_backend: str) -> AsyncIterator[Queue]:
    """An empty queue."""
    del anyio_backend
    async with open_queue(tmp_path, dsn, free_port()) as opened:
        yield opened

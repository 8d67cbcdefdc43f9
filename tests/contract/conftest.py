"""An open, migrated database of each kind."""

from collections.abc import AsyncIterator

import pytest

from identity_server.storage import migrate
from identity_server.storage.opening import open_database
from identity_server.storage.port import Database


@pytest.fixture
async def database(dsn: str, anyio_backend: str) -> AsyncIterator[Database]:
    """Tables without rows; asyncio starts the migration in a thread, since it runs a loop of its own."""
    import anyio.to_thread

    del anyio_backend
    await anyio.to_thread.run_sync(migrate.up, dsn)
    opened = open_database(dsn)
    yield opened
    await opened.close()

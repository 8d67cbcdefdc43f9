from collections.abc import AsyncIterator

import pytest

from identity_server.mappers.pool import JsonnetPool


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def pool() -> AsyncIterator[JsonnetPool]:
    pool = JsonnetPool(max_workers=1, timeout=5.0)
    yield pool
    await pool.close()

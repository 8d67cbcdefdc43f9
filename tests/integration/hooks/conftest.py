"""The web server that hooks call."""

from collections.abc import AsyncIterator

import pytest

from web_sink import Sink, web_sink


@pytest.fixture
async def sink(anyio_backend: str) -> AsyncIterator[Sink]:
    """A web server."""
    del anyio_backend
    async with web_sink() as running:
        yield running

"""The web server that hooks call."""

import base64
import json
from collections.abc import AsyncIterator
from copy import deepcopy
from typing import Any

import pytest

from live_server import SCHEMA
from web_sink import Sink, web_sink


@pytest.fixture
async def sink(anyio_backend: str) -> AsyncIterator[Sink]:
    """A web server."""
    del anyio_backend
    async with web_sink() as running:
        yield running


@pytest.fixture
def two_addresses() -> dict[str, Any]:
    """``identity`` of a configuration whose people have two addresses."""
    schema = deepcopy(SCHEMA)
    traits = schema["properties"]["traits"]["properties"]
    traits["spare"] = {"type": "string", "format": "email", "ory.sh/kratos": {"verification": {"via": "email"}}}
    encoded = base64.b64encode(json.dumps(schema).encode()).decode()
    return {"schemas": [{"id": "default", "url": f"base64://{encoded}"}]}

"""People in front of a server whose hooks call a web server on loopback."""

import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2

from server_kit import Server, serving
from web_sink import Sink

PASSWORD = "wind-9-Mill-Sail"
JSON = {"accept": "application/json"}
EVERYTHING = "function(ctx) ctx"


def source(snippet: str) -> str:
    """The address of a template."""
    return "base64://" + base64.b64encode(snippet.encode()).decode()


def web_hook(sink: Sink, path: str = "/hook", body: str = EVERYTHING, **config: Any) -> dict[str, Any]:
    """A web hook."""
    request = {"url": sink.url + path, "method": "POST", "body": source(body), **config}
    return {"hook": "web_hook", "config": request}


def after(flow: str, method: str, *hooks: dict[str, Any]) -> dict[str, Any]:
    """The configuration of hooks after a flow."""
    return {flow: {"after": {method: {"hooks": list(hooks)}}}}


@asynccontextmanager
async def hooked(
    folder: Path, dsn: str, sink: Sink, flows: Mapping[str, Any], **overrides: Any
) -> AsyncIterator[Server]:
    """A server with hooks."""
    everything = {"selfservice": {"flows": dict(flows)}, **overrides}
    async with serving(folder, dsn, everything) as server:
        yield server


async def sign_up(server: Server, email: str, **form: Any) -> httpx2.Response:
    """The answer to a native registration."""
    flow = (await server.public.get("/self-service/registration/api")).json()["id"]
    body = {"method": "password", "password": PASSWORD, "traits": {"email": email}, **form}
    return await server.public.post(f"/self-service/registration?flow={flow}", json=body)


async def known(server: Server, email: str) -> list[dict[str, Any]]:
    """The identities with an address."""
    found = await server.admin.get("/admin/identities", params={"credentials_identifier": email})
    return list(found.json())


async def account(server: Server, email: str, **body: Any) -> dict[str, Any]:
    """A new identity with a password."""
    return await server.create(email, credentials={"password": {"config": {"password": PASSWORD}}}, **body)

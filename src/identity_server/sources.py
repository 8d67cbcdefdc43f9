"""Reading what the configuration points to, and the one way out that it allows.

While the server runs, documents come through its own client. What must be there before it runs is read through a client
that is thrown away, on a loop of its own, so that building the parts needs no loop.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from identity_server.configuration import Configuration
from identity_server.configuration.uri_sources import fetch_uri, is_web, read_uri, shown
from identity_server.outbound.client import OutboundClient

T = TypeVar("T")
Reader = Callable[[str], Awaitable[bytes]]
OK = 200


def build_outbound(configuration: Configuration) -> OutboundClient:
    """The only way out."""
    return OutboundClient(
        disallow_private=configuration.flag("clients.http.disallow_private_ip_ranges"),
        exceptions=configuration.texts("clients.http.private_ip_exception_urls"),
    )


def reader(outbound: OutboundClient) -> Reader:
    """Reads ``file://``, ``base64://`` and ``http(s)://`` addresses; the words of its errors hold no password."""

    async def get(url: str, limit: int) -> bytes:
        answer = await outbound.request("GET", url)
        if answer.status != OK:
            raise ValueError(f"{shown(url)} answered {answer.status}")
        return answer.body[: limit + 1]

    async def read(uri: str) -> bytes:
        return await fetch_uri(uri, http_get=get)

    return read


def at_start(configuration: Configuration, work: Callable[[Reader], Coroutine[Any, Any, T]]) -> T:
    """What ``work`` makes of what it reads; blocks until it is done."""

    async def reading() -> T:
        outbound = build_outbound(configuration)
        try:
            return await work(reader(outbound))
        finally:
            await outbound.close()

    with ThreadPoolExecutor(1, "reading") as aside:
        return aside.submit(asyncio.run, reading()).result()


def read_now(configuration: Configuration, uri: str) -> bytes:
    """The document behind an address, at start."""
    if not is_web(uri):
        return read_uri(uri)

    async def work(read: Reader) -> bytes:
        return await read(uri)

    return at_start(configuration, work)

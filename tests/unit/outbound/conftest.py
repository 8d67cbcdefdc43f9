"""A web server on loopback that says byte for byte what a test tells it to."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class Seen:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


def reply(status: int = 200, body: bytes = b"", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass
class Site:
    """``pages`` maps a path to the bytes of its answer, a list of answers to give one after the other, None for
    silence, or text that is sent again and again, a little at a time."""

    base: str = ""
    port: int = 0
    pages: dict[str, bytes | list[bytes] | str | None] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    connections: int = 0
    tasks: set[asyncio.Task[None] | None] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.tasks.add(asyncio.current_task())
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await self._answer(head, reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def close(self) -> None:
        for task in self.tasks:
            if task:
                task.cancel()
        await asyncio.gather(*(task for task in self.tasks if task), return_exceptions=True)

    async def _answer(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, *lines = head.decode().strip().split("\r\n")
        method, path, _ = first.split(" ")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.seen.append(Seen(method, path, headers, body))
        page = self.pages.get(path, reply(404))
        if isinstance(page, list):
            page = page.pop(0)
        if page is None:
            await asyncio.sleep(3600)
        while isinstance(page, str):
            writer.write(page.encode())
            await writer.drain()
            await asyncio.sleep(0.01)
        writer.write(page or b"")
        await writer.drain()


@pytest.fixture
async def open_site() -> AsyncIterator[Callable[..., object]]:
    servers: list[tuple[asyncio.Server, Site]] = []

    async def open_one(context: ssl.SSLContext | None = None) -> Site:
        site = Site()
        server = await asyncio.start_server(site.serve, "127.0.0.1", 0, ssl=context)
        servers.append((server, site))
        site.port = server.sockets[0].getsockname()[1]
        site.base = f"{'https' if context else 'http'}://127.0.0.1:{site.port}"
        return site

    yield open_one
    for server, site in servers:
        server.close()
        await site.close()


@pytest.fixture
async def site(open_site: Callable[..., object]) -> Site:
    return await open_site()  # type: ignore[misc]

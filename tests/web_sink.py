"""A web server on loopback that answers as it is told and keeps what it was asked."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

#: No answer at all.
SILENCE = None
REASONS = {200: "OK", 204: "No Content", 302: "Found", 400: "Bad Request", 500: "Internal Server Error"}


@dataclass(frozen=True)
class Reply:
    """An answer; ``body`` is JSON unless it is bytes."""

    status: int = 200
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)

    def raw(self) -> bytes:
        content = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        lines = [f"HTTP/1.1 {self.status} {REASONS.get(self.status, 'Some')}", f"Content-Length: {len(content)}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


@dataclass(frozen=True)
class Asked:
    """A request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.body)


@dataclass
class Sink:
    """Answers by path: one reply for good, a list that is used up, or ``SILENCE``."""

    url: str = ""
    replies: dict[str, Reply | list[Reply] | None] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def at(self, path: str) -> list[Asked]:
        """What a path was asked."""
        return [request for request in self.asked if request.path == path]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                await self._exchange(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
        method, path, _ = first.split(" ")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.asked.append(Asked(method, path, headers, body))
        self.arrived.set()
        reply = self.replies.get(path, Reply())
        if isinstance(reply, list):
            reply = reply.pop(0)
        if reply is SILENCE:
            await asyncio.Event().wait()
        assert isinstance(reply, Reply)
        writer.write(reply.raw())
        await writer.drain()


@asynccontextmanager
async def web_sink() -> AsyncIterator[Sink]:
    """A running server."""
    sink, sessions = Sink(), set[asyncio.Task[None]]()

    async def session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        sessions.add(task)
        try:
            await sink.serve(reader, writer)
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            sessions.discard(task)

    server = await asyncio.start_server(session, "127.0.0.1", 0)
    sink.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield sink
    finally:
        server.close()
        for task in list(sessions):
            task.cancel()
        await server.wait_closed()

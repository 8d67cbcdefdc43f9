"""Requests that the parser stops at."""

import asyncio
import socket

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from identity_server.web.protocol import Protocol


async def _application(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


def status_of(request: bytes) -> bytes:
    """The status line that a server answers bytes with."""

    async def ask() -> bytes:
        config = uvicorn.Config(_application, http=Protocol, lifespan="off", log_config=None, ws="none")
        server = uvicorn.Server(config)
        sock = socket.socket()
        sock.bind(("127.0.0.1", 0))
        task = asyncio.create_task(server.serve(sockets=[sock]))
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.01)
        reader, writer = await asyncio.open_connection(*sock.getsockname())
        writer.write(request)
        line = await reader.readline()
        writer.close()
        server.should_exit = True
        await task
        return line.strip()

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"HTTP/1.1 204 No Content"),
        (b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n", b"HTTP/1.1 405 Method Not Allowed"),
        (b"GET / HTTP/9.9\r\nHost: x\r\n\r\n", b"HTTP/1.1 400 Bad Request"),
        (b"\x16\x03\x01\x02\x00", b"HTTP/1.1 405 Method Not Allowed"),
    ],
)
def test_an_unknown_method_is_not_allowed_and_garbage_is_refused(request_: bytes, status: bytes) -> None:
    assert status_of(request_) == status

"""What a worker's process tells Prometheus: how long the queue is, how far behind, and what the process uses."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from sqlalchemy import func, select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from identity_server import times
from identity_server.courier.message import PROCESSING, QUEUED
from identity_server.errors import StorageError
from identity_server.listeners import CannotListen, Listener
from identity_server.storage import tables
from identity_server.storage.port import Database, Statement, among
from identity_server.times import Clock

PATH = "/metrics/prometheus"
_M = tables.courier_messages
_UNDELIVERED = Statement(
    select(_M.c.status, func.count(), func.min(_M.c.created_at))
    .where(among(_M.c.status, [QUEUED, PROCESSING]))
    .group_by(_M.c.status)
)


@asynccontextmanager
async def open_metrics(database: Database, clock: Clock, port: int) -> AsyncGenerator[int]:
    """Answers at ``PATH`` until the context ends; the port it listens on.

    Raises:
        CannotListen: when the port is taken.
    """
    sock = _listen(port)
    server = Listener(_configured(application(database, clock)))
    serving = asyncio.create_task(server.serve(sockets=[sock]))
    try:
        yield int(sock.getsockname()[1])
    finally:
        server.should_exit = True
        await asyncio.wait([serving])


def application(database: Database, clock: Clock) -> Starlette:
    """The one page."""

    async def metrics(request: Request) -> Response:
        try:
            rows = await database.fetch(_UNDELIVERED())
        except StorageError:
            return PlainTextResponse("the database does not answer\n", 503)
        counts = {status: int(count) for status, count, _ in rows}
        oldest = min((created for _, _, created in rows), default=None)
        age = times.seconds_between(oldest, times.text(clock())) if oldest else 0.0
        text, media_type = exposition(counts, max(0.0, age), request.headers.get("accept", ""))
        return Response(text, headers={"Content-Type": media_type})

    return Starlette(routes=[Route(PATH, metrics)])


def exposition(counts: dict[str, int], oldest_seconds: float, accept: str) -> tuple[bytes, str]:
    """The metrics as text, and its media type."""
    from prometheus_client import CollectorRegistry, Gauge, PlatformCollector, ProcessCollector
    from prometheus_client.exposition import choose_encoder

    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    waiting = Gauge("kratos_courier_messages", "Messages not delivered yet.", ["status"], registry=registry)
    for status in (QUEUED, PROCESSING):
        waiting.labels(status).set(counts.get(status, 0))
    age = Gauge("kratos_courier_oldest_message_seconds", "Age of the oldest of them.", registry=registry)
    age.set(oldest_seconds)
    encoder, media_type = choose_encoder(accept)
    return encoder(registry), media_type


def _configured(application: Any) -> uvicorn.Config:
    config = uvicorn.Config(
        application, http="httptools", loop="none", lifespan="off", log_config=None, access_log=False, ws="none"
    )
    config.load()
    return config


def _listen(port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(("0.0.0.0", port))  # noqa: S104 - Prometheus asks from elsewhere, as it does with Kratos
    except OSError as error:
        sock.close()
        raise CannotListen(f"cannot listen on port {port} for metrics: {error}") from error
    sock.listen()
    sock.setblocking(False)
    return sock

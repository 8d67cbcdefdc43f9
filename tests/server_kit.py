"""A whole server inside the test: both listeners as applications, on a database of the test's own."""

import json
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio.to_thread
import httpx2

from identity_server import times
from identity_server.configuration import load
from identity_server.storage import migrate
from identity_server.times import Clock
from identity_server.web.application import AdminApplication, PublicApplication
from identity_server.web.runtime import Runtime
from identity_server.wiring import build_runtime
from live_server import configuration

PUBLIC, ADMIN = 4433, 4434
_MIGRATED: dict[str, bytes] = {}


@dataclass
class Server:
    """A server and a client of each of its listeners; clients keep cookies and follow no redirects."""

    runtime: Runtime
    public: httpx2.AsyncClient
    admin: httpx2.AsyncClient

    async def create(self, email: str, **body: Any) -> dict[str, Any]:
        """A new identity, as the admin API answers."""
        answer = await self.admin.post("/admin/identities", json={"traits": {"email": email}, **body})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def log_in(self, email: str, password: str) -> httpx2.Response:
        """The answer to a native login."""
        flow = (await self.public.get("/self-service/login/api")).json()["id"]
        body = {"method": "password", "identifier": email, "password": password}
        return await self.public.post(f"/self-service/login?flow={flow}", json=body)


@asynccontextmanager
async def serving(
    folder: Path, dsn: str = "", overrides: Mapping[str, Any] | None = None, clock: Clock = times.system_clock
) -> AsyncIterator[Server]:
    """A server on a database, which is a new SQLite file in ``folder`` unless a DSN says otherwise."""
    name = dsn or f"sqlite://{folder}/kratos.sqlite"
    await anyio.to_thread.run_sync(_prepare, name)
    file = folder / "kratos.json"
    file.write_text(json.dumps({"dev": True, **configuration(name, PUBLIC, ADMIN, overrides)}), encoding="utf-8")
    runtime = build_runtime(load([str(file)], {}, {}), clock=clock)
    try:
        async with (
            client(PublicApplication(runtime), PUBLIC) as public,
            client(AdminApplication(runtime), ADMIN) as admin,
        ):
            yield Server(runtime, public, admin)
    finally:
        await runtime.close()


def client(application: Any, port: int) -> httpx2.AsyncClient:
    """A client of an application; what the application does not catch fails the test."""
    transport = httpx2.ASGITransport(application, client=("127.0.0.1", 50000))
    return httpx2.AsyncClient(transport=transport, base_url=f"http://127.0.0.1:{port}")


def _prepare(dsn: str) -> None:
    """Makes the tables; those of SQLite once, copied for every further test."""
    path = Path(dsn.removeprefix("sqlite://").partition("?")[0])
    if not dsn.startswith("sqlite://") or path.exists():
        migrate.up(dsn)
        return
    if not _MIGRATED:
        migrate.up(dsn)
        connection = sqlite3.connect(path)
        _MIGRATED["tables"] = connection.serialize()
        connection.close()
    path.write_bytes(_MIGRATED["tables"])

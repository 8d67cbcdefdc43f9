"""T32: what goes wrong inside stays inside; an answer holds a code, a status, a fixed message and the request's id."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from structlog.testing import capture_logs

from identity_server.errors import StorageError, StorageFull, StorageUnavailable
from identity_server.storage.port import Call
from server_kit import Server, serving

pytestmark = pytest.mark.anyio
SECRET = "pg://kratos:hunter-2@10.0.0.7/SQLSTATE 42P01"
FAULTS: list[tuple[Exception, int]] = [
    (RuntimeError(SECRET), 500),
    (StorageError(SECRET), 500),
    (KeyError(SECRET), 500),
    (sqlite3.OperationalError(SECRET), 500),
    (asyncpg.PostgresError(SECRET), 500),
    (StorageUnavailable(SECRET), 503),
    (StorageFull(SECRET), 507),
]
CALLS: list[tuple[str, str, Any]] = [
    ("GET", "/admin/identities", None),
    ("GET", "/admin/identities/5f1c6a3e-7a54-4d1e-9c0f-3d1f0e0e7a11", None),
    ("POST", "/admin/identities", {"traits": {"email": "ada@example.com"}}),
    ("GET", "/admin/sessions", None),
    ("DELETE", "/admin/identities/5f1c6a3e-7a54-4d1e-9c0f-3d1f0e0e7a11", None),
    ("POST", "/admin/recovery/code", {"identity_id": "5f1c6a3e-7a54-4d1e-9c0f-3d1f0e0e7a11"}),
    ("GET", "/admin/courier/messages", None),
]


@pytest.mark.parametrize(("fault", "status"), FAULTS)
async def test_an_error_of_ours_says_nothing_of_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception, status: int
) -> None:
    overrides = {"selfservice": {"methods": {"code": {"enabled": True}}}}
    async with serving(tmp_path, overrides=overrides) as server:
        database = type(server.runtime.services.database)

        async def fail(self: Any, call: Call) -> Any:
            raise fault

        monkeypatch.setattr(database, "fetch", fail)
        monkeypatch.setattr(database, "run", fail)
        with capture_logs() as logged:
            for method, path, body in CALLS:
                answer = await server.admin.request(method, path, json=body, headers={"x-request-id": "r-1"})
                assert answer.status_code == status, (path, answer.text)
                error = answer.json()["error"]
                assert set(error) <= {"code", "status", "message", "request", "reason"}
                assert error["request"] == "r-1"
                inside = ("hunter-2", "10.0.0.7", "SQLSTATE", "Traceback", type(fault).__name__)
                assert not any(word in answer.text for word in inside)
    unforeseen = [line for line in logged if line["log_level"] == "error"]
    assert len(unforeseen) == (len(CALLS) if status == 500 else 0)


async def test_many_failures_at_once_stay_apart(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    database = type(server.runtime.services.database)

    async def fail(self: Any, call: Call) -> Any:
        raise RuntimeError(SECRET)

    monkeypatch.setattr(database, "fetch", fail)
    asked = (server.admin.get("/admin/identities", headers={"x-request-id": str(number)}) for number in range(8))
    with capture_logs():
        answers = await asyncio.gather(*asked)
    assert [answer.json()["error"]["request"] for answer in answers] == [str(number) for number in range(8)]


@pytest.mark.parametrize("request_id", ["a" * 10_000, '"}{', "<script>", "\\u0000"])
async def test_a_request_id_is_only_ever_text(server: Server, request_id: str) -> None:
    answer = await server.admin.get("/admin/identities/zebra", headers={"x-request-id": request_id})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/json"
    assert request_id.startswith(answer.json()["error"]["request"])

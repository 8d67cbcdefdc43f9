"""Passwords known from breaches are refused at sign-up; the service that knows them is real, and fails for real."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest

from integration.mailbox import ids
from server_kit import Server, serving
from unit.courier.smtp_servers import Authority

pytestmark = pytest.mark.anyio
BREACHED = "lantern-on-the-pier-7"


@dataclass
class RangeService:
    """The range API over TLS.

    Attributes:
        counts: how often each password was breached.
        seconds: what it takes before it answers.
        asked: the paths, oldest first.
    """

    counts: dict[str, int]
    seconds: float = 0
    status: int = 200
    asked: list[str] = field(default_factory=list)
    port: int = 0

    def answer(self, path: str) -> bytes:
        digests = {hashlib.sha1(word.encode()).hexdigest().upper(): count for word, count in self.counts.items()}
        prefix = path.rpartition("/")[2]
        lines = [f"{digest[5:]}:{count}" for digest, count in digests.items() if digest.startswith(prefix)]
        return "\r\n".join([*lines, "0" * 35 + ":0"]).encode()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.asked.append(head.split(" ")[1])
        await asyncio.sleep(self.seconds)
        body = self.answer(self.asked[-1])
        writer.write(
            f"HTTP/1.1 {self.status} x\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n".encode() + body
        )
        writer.close()


@pytest.fixture
async def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, anyio_backend: str) -> AsyncIterator[RangeService]:
    """The service, with a certificate that the server trusts."""
    del anyio_backend
    authority, found = Authority(tmp_path), RangeService({BREACHED: 42})
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    listening = await asyncio.start_server(found.serve, "127.0.0.1", 0, ssl=authority.server_context("localhost"))
    found.port = listening.sockets[0].getsockname()[1]
    yield found
    listening.close()


def asking(service: RangeService, **config: Any) -> dict[str, Any]:
    """A configuration that asks it."""
    host = {"haveibeenpwned_enabled": True, "haveibeenpwned_host": f"localhost:{service.port}", **config}
    return {"selfservice": {"methods": {"password": {"config": host}}}}


async def sign_up(server: Server, email: str, password: str = BREACHED) -> httpx2.Response:
    flow = (await server.public.get("/self-service/registration/api")).json()["id"]
    form = {"method": "password", "password": password, "traits": {"email": email}}
    return await server.public.post(f"/self-service/registration?flow={flow}", json=form)


async def test_a_breached_password_is_refused_and_the_service_asked_once(
    service: RangeService, dsn: str, tmp_path: Path
) -> None:
    async with serving(tmp_path, dsn, asking(service)) as server:
        for number in range(3):
            answer = await sign_up(server, f"ada{number}@example.com")
            assert (answer.status_code, ids(answer.json())) == (400, [4000034])
        assert (await sign_up(server, "bob@example.com", "quiet-7-Harbour-Bell")).status_code == 200
    digests = [hashlib.sha1(word.encode()).hexdigest()[:5].upper() for word in (BREACHED, "quiet-7-Harbour-Bell")]
    assert service.asked == [f"/range/{digest}" for digest in digests]


async def test_the_tolerated_number_of_breaches_is_the_operator_s(service: RangeService, tmp_path: Path) -> None:
    async with serving(tmp_path, "", asking(service, max_breaches=42)) as server:
        assert (await sign_up(server, "ada@example.com")).status_code == 200


async def test_a_new_password_in_the_settings_is_asked_about_too(service: RangeService, tmp_path: Path) -> None:
    async with serving(tmp_path, "", asking(service)) as server:
        made = await sign_up(server, "ada@example.com", "quiet-7-Harbour-Bell")
        token = {"X-Session-Token": made.json().get("session_token", "")}
        flow = (await server.public.get("/self-service/settings/api", headers=token)).json()["id"]
        form = {"method": "password", "password": BREACHED}
        answer = await server.public.post(f"/self-service/settings?flow={flow}", json=form, headers=token)
        assert (answer.status_code, ids(answer.json())) == (400, [4000034])


@pytest.mark.parametrize("trouble", [{"seconds": 30}, {"status": 503}])
async def test_a_service_that_is_slow_or_broken_holds_nobody_up(
    service: RangeService, tmp_path: Path, trouble: dict[str, Any]
) -> None:
    vars(service).update(trouble)
    async with asyncio.timeout(20), serving(tmp_path, "", asking(service)) as server:
        assert (await sign_up(server, "ada@example.com")).status_code == 200
        assert len(service.asked) == 1


@pytest.mark.parametrize("trouble", [{"seconds": 30}, {"status": 503}])
async def test_an_operator_who_insists_on_an_answer_gets_no_accounts_without_one(
    service: RangeService, tmp_path: Path, trouble: dict[str, Any]
) -> None:
    vars(service).update(trouble)
    async with asyncio.timeout(20), serving(tmp_path, "", asking(service, ignore_network_errors=False)) as server:
        answer = await sign_up(server, "ada@example.com")
        assert (answer.status_code, answer.json()["error"]["id"]) == (502, "upstream_error")
        assert (await server.admin.get("/admin/identities")).json() == []


async def test_a_service_with_a_certificate_of_somebody_else_is_not_believed(
    service: RangeService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    service.counts = {}
    async with serving(tmp_path, "", asking(service, ignore_network_errors=False)) as server:
        assert (await sign_up(server, "ada@example.com")).status_code == 502
        assert service.asked == []

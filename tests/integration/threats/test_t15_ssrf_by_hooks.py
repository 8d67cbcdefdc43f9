"""T15: what an operator lets others configure must not reach inside: web hooks, their templates, the courier's service.

Whether something listens inside must not show either: the answer is the same for an open port and a closed one.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from identity_server.courier.message import Message
from identity_server.mail import Mail
from integration.hooks.people import PASSWORD, account, after, hooked, web_hook
from web_sink import Reply, Sink, web_sink

pytestmark = pytest.mark.anyio
GUARD: dict[str, Any] = {"disallow_private_ip_ranges": True}
INSIDE = [
    "127.0.0.1",
    "localhost",
    "localhost.",
    "127.1",
    "0",
    "0.0.0.0",
    "2130706433",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "10.0.0.1",
    "169.254.169.254",
    "[fd00::1]",
    "[fe80::1]",
]


@pytest.fixture
async def sink(anyio_backend: str) -> AsyncIterator[Sink]:
    del anyio_backend
    async with web_sink() as running:
        yield running


async def log_in(folder: Path, sink: Sink, hook: dict[str, Any], **http: Any) -> tuple[int, dict[str, Any]]:
    flows = after("login", "password", hook)
    async with hooked(folder, "", sink, flows, clients={"http": {**GUARD, **http}}) as server:
        await account(server, "ida@mail.test")
        answer = await server.log_in("ida@mail.test", PASSWORD)
        return answer.status_code, answer.json()


@pytest.mark.parametrize("host", INSIDE)
async def test_t15_a_hook_does_not_reach_inside(tmp_path: Path, sink: Sink, host: str) -> None:
    port = urlsplit(sink.url).port
    status, body = await log_in(tmp_path, sink, web_hook(sink, url=f"http://{host}:{port}/hook"))
    assert (status, body["error"]["code"]) == (400, 500)
    assert sink.asked == []
    assert host.strip("[]") not in str(body) or len(host) < 3


async def test_t15_an_open_port_and_a_closed_one_look_the_same(tmp_path: Path, sink: Sink) -> None:
    opened = await log_in(tmp_path, sink, web_hook(sink))
    (tmp_path / "kratos.sqlite").unlink()
    closed = await log_in(tmp_path, sink, web_hook(sink, url="http://127.0.0.1:1/hook"))
    assert opened == closed


async def test_t15_a_redirect_does_not_lead_inside(tmp_path: Path, sink: Sink) -> None:
    sink.replies["/hook"] = Reply(307, headers={"Location": f"{sink.url}/admin"})
    status, _ = await log_in(tmp_path, sink, web_hook(sink), private_ip_exception_urls=[f"{sink.url}/hook"])
    assert status == 400
    assert [asked.path for asked in sink.asked] == ["/hook"]


async def test_t15_an_exception_is_one_address_and_nothing_beside_it(tmp_path: Path, sink: Sink) -> None:
    exceptions = {"private_ip_exception_urls": [f"{sink.url}/hook"]}
    assert (await log_in(tmp_path, sink, web_hook(sink), **exceptions))[0] == 200
    (tmp_path / "kratos.sqlite").unlink()
    for path in ("/hook/", "/hook?x", "/hook/../admin", "/Hook", "//hook"):
        status, _ = await log_in(tmp_path, sink, web_hook(sink, path), **exceptions)
        assert status == 400
        (tmp_path / "kratos.sqlite").unlink()
    assert len(sink.asked) == 1


async def test_t15_a_template_is_not_fetched_from_inside(tmp_path: Path, sink: Sink) -> None:
    hook = web_hook(sink)
    hook["config"]["body"] = f"{sink.url}/template.jsonnet"
    sink.replies["/template.jsonnet"] = Reply(200, b"function(ctx) {}")
    status, body = await log_in(tmp_path, sink, hook, private_ip_exception_urls=[f"{sink.url}/hook"])
    assert (status, body["error"]["code"]) == (400, 500)
    assert sink.asked == []


async def test_t15_the_couriers_service_is_not_reached_inside(tmp_path: Path, sink: Sink) -> None:
    courier = {"delivery_strategy": "http", "http": {"request_config": {"url": f"{sink.url}/mail", "method": "POST"}}}
    async with hooked(tmp_path, "", sink, {}, courier=courier, clients={"http": GUARD}) as server:
        mail: Mail = server.runtime.services.mail
        message = Message("email", "ida@mail.test", "stub")
        await mail.queue.enqueue([message])
        await mail.worker().run_once()
        (attempt,) = await mail.queue.dispatches(message.id)
    assert sink.asked == []
    assert attempt.error and "127.0.0.1" not in attempt.error

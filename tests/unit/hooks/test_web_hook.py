"""One call of a web hook, against a real server on loopback."""

import base64
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest

from identity_server.configuration.uri_sources import read_uri
from identity_server.hooks import web_hook as web_hooks
from identity_server.hooks.web_hook import HookFailed, WebHookClient, form_body, web_hook
from identity_server.mappers.pool import JsonnetPool
from identity_server.outbound.client import OutboundClient
from web_sink import SILENCE, Reply, Sink, web_sink

pytestmark = pytest.mark.anyio
CTX = {"identity": {"traits": {"email": "ida@mail.test"}}, "flow": {"id": "f"}}
WHO = "function(ctx) { who: ctx.identity.traits.email }"


def source(snippet: str) -> str:
    return "base64://" + base64.b64encode(snippet.encode()).decode()


@pytest.fixture
async def sink(anyio_backend: str) -> AsyncIterator[Sink]:
    async with web_sink() as running:
        yield running


class Client(WebHookClient):
    """A client of a small server around it."""

    def __init__(self) -> None:
        self.reads: list[str] = []
        self.outbound = OutboundClient(environment={})
        self.jsonnet = JsonnetPool(max_workers=1)
        services: Any = SimpleNamespace(outbound=self.outbound, jsonnet=self.jsonnet, read_uri=self.read)
        super().__init__(services)

    async def read(self, uri: str) -> bytes:
        self.reads.append(uri)
        return read_uri(uri)


@pytest.fixture
async def client(anyio_backend: str) -> AsyncIterator[Client]:
    opened = Client()
    yield opened
    await opened.outbound.close()
    await opened.jsonnet.close()


def hook(sink: Sink, **config: Any) -> web_hooks.WebHook:
    return web_hook({"url": f"{sink.url}/hook", "method": "POST", "body": source(WHO), **config})


async def test_the_template_makes_the_body(client: Client, sink: Sink) -> None:
    answer = await client.call(hook(sink, method="PUT"), CTX)
    assert answer is not None and answer.status == 200
    (asked,) = sink.asked
    assert (asked.method, asked.json) == ("PUT", {"who": "ida@mail.test"})
    assert asked.headers["content-type"] == "application/json"


async def test_a_form_is_sent_when_the_headers_ask_for_one(client: Client, sink: Sink) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8", "X-Extra": "one"}
    await client.call(hook(sink, headers=headers, body=source("function(ctx) { b: 'x y', a: 1, c: true }")), CTX)
    (asked,) = sink.asked
    assert (asked.body, asked.headers["x-extra"]) == (b"a=1&b=x+y&c=true", "one")


@pytest.mark.parametrize("value", [[], "x", None, {"a": []}, {"a": {}}])
def test_a_form_is_made_of_plain_values(value: Any) -> None:
    with pytest.raises(ValueError, match="for a form"):
        form_body(value)


@pytest.mark.parametrize(
    ("auth", "name", "value"),
    [
        ({"type": "api_key", "config": {"name": "X-Key", "value": "k", "in": "header"}}, "x-key", "k"),
        ({"type": "api_key", "config": {"name": "key", "value": "k", "in": "cookie"}}, "cookie", "key=k"),
        ({"type": "basic_auth", "config": {"user": "sam", "password": "p:w"}}, "authorization", "Basic c2FtOnA6dw=="),
    ],
)
async def test_the_call_is_authorised(client: Client, sink: Sink, auth: Any, name: str, value: str) -> None:
    await client.call(hook(sink, auth=auth), CTX)
    assert sink.asked[0].headers[name] == value


async def test_retries_carry_the_same_id_and_end(client: Client, sink: Sink) -> None:
    sink.replies["/hook"] = [Reply(500), Reply(503), Reply(200)]
    answer = await client.call(hook(sink), CTX)
    assert answer is not None and answer.status == 200
    assert len({asked.headers["ory-webhook-request-id"] for asked in sink.asked}) == 1
    sink.replies["/hook"] = Reply(500)
    answer = await client.call(hook(sink), CTX)
    assert answer is not None and answer.status == 500
    assert len(sink.asked) == 6
    assert len({asked.headers["ory-webhook-request-id"] for asked in sink.asked}) == 2


async def test_a_refusal_is_an_answer_and_not_tried_again(client: Client, sink: Sink) -> None:
    sink.replies["/hook"] = Reply(403, {"messages": []})
    answer = await client.call(hook(sink), CTX)
    assert answer is not None and answer.status == 403
    assert len(sink.asked) == 1


async def test_a_template_may_want_no_call(client: Client, sink: Sink) -> None:
    assert await client.call(hook(sink, body=source("function(ctx) error 'cancel'")), CTX) is None
    assert sink.asked == []


@pytest.mark.parametrize(
    "snippet",
    [
        "function(ctx) error 'cancelled'",
        "function(ctx) ctx.nothing",
        "function(ctx) local f(x) = f(x); f(1)",
        "function(ctx) import 'file'",
        "function(ctx) importstr '/etc/passwd'",
        "function(ctx) {",
        "{",
    ],
)
async def test_a_template_that_fails_makes_no_call(client: Client, sink: Sink, snippet: str) -> None:
    with pytest.raises(HookFailed) as failure:
        await client.call(hook(sink, body=source(snippet)), CTX)
    assert failure.value.status == 500
    assert sink.asked == []


async def test_a_form_cannot_be_cancelled(client: Client, sink: Sink) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    with pytest.raises(HookFailed):
        await client.call(hook(sink, headers=headers, body=source("function(ctx) error 'cancel'")), CTX)


@pytest.mark.parametrize("body", ["", "file:///nowhere/at/all.jsonnet", "base64://%%%", source("\xff") + "!"])
async def test_a_template_that_cannot_be_read_fails(client: Client, sink: Sink, body: str) -> None:
    with pytest.raises(HookFailed) as failure:
        await client.call(hook(sink, body=body), CTX)
    assert failure.value.status == 500
    assert "nowhere" not in failure.value.reason


async def test_a_template_is_read_once_in_a_while(client: Client, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        await client.call(hook(sink), CTX)
    assert len(client.reads) == 1
    monkeypatch.setattr(web_hooks, "TEMPLATE_SECONDS", 0.0)
    await client.call(hook(sink), CTX)
    assert len(client.reads) == 2


async def test_a_server_that_is_away_fails_the_flow_and_is_not_named(client: Client) -> None:
    gone = web_hook({"url": "http://127.0.0.1:1/secret", "method": "POST", "body": source(WHO)})
    with pytest.raises(HookFailed) as failure:
        await client.call(gone, CTX)
    assert failure.value.status == 500
    assert "127.0.0.1" not in str(failure.value)


async def test_f20_a_server_that_is_silent_is_not_waited_for(
    client: Client, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_hooks, "SECONDS", 0.2)
    sink.replies["/hook"] = SILENCE
    with pytest.raises(HookFailed) as failure:
        await client.call(hook(sink), CTX)
    assert failure.value.status == 504


def test_f20_people_never_wait_longer_than_ten_seconds() -> None:
    assert web_hooks.SECONDS <= 10


@pytest.mark.parametrize(
    ("config", "mode"),
    [
        ({}, "after"),
        ({"response": {"ignore": True}}, "ignore"),
        ({"response": {"parse": True}}, "parse"),
        ({"can_interrupt": True}, "interrupt"),
        ({"can_interrupt": True, "response": {"parse": True}}, "parse"),
        ({"can_interrupt": True, "response": {"ignore": True}}, "ignore"),
    ],
)
def test_the_configuration_decides_what_the_answer_may_do(config: dict[str, Any], mode: str) -> None:
    assert web_hook({"url": "http://hook.test/", "method": "POST", **config}).mode == mode


@pytest.mark.parametrize(
    "config",
    [
        {"url": "file:///etc/passwd"},
        {"url": "gopher://hook.test/"},
        {"url": "http://hook.test/", "headers": {"X": "a\r\nY: b"}},
        {"url": "http://hook.test/", "auth": {"type": "api_key", "config": {"name": "a b", "value": "x"}}},
    ],
)
def test_a_hook_that_is_configured_wrongly_fails_the_flow(config: dict[str, Any]) -> None:
    with pytest.raises(HookFailed) as failure:
        web_hook(config)
    assert failure.value.status == 500


def test_no_secret_shows_in_the_representation_of_a_hook() -> None:
    config = {
        "url": "http://hook.test/",
        "method": "POST",
        "headers": {"X-Key": "hush"},
        "auth": {"type": "basic_auth", "config": {"user": "sam", "password": "hush"}},
    }
    assert "hush" not in repr(web_hook(config))

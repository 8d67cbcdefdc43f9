"""Messages handed to an HTTP service."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from identity_server.courier.channels.http_post import HttpChannel, http_settings
from identity_server.courier.errors import Refused, Unreachable
from identity_server.courier.message import Message
from identity_server.mappers.pool import JsonnetPool

pytestmark = pytest.mark.anyio

SNIPPET = """
function(ctx) {
  to: ctx.recipient, kind: ctx.template_type, channel: ctx.message_type,
  text: std.strReplace(ctx.body, ctx.template_data.recovery_code, "CODE"),
  keys: std.objectFields(ctx),
}
"""


@dataclass
class Reply:
    status: int
    body: bytes = b""


@dataclass
class Service:
    """Answers with a status, or with an exception."""

    answer: int | Exception = 200
    requests: list[tuple[str, str, dict[str, str], Any]] = field(default_factory=list)

    async def __call__(self, method: str, url: str, headers: Mapping[str, str], content: bytes) -> Reply:
        self.requests.append((method, url, dict(headers), json.loads(content)))
        if isinstance(self.answer, Exception):
            raise self.answer
        return Reply(self.answer)


async def echo(snippet: str, ext_vars: Mapping[str, object], tla: Mapping[str, object]) -> Any:
    return {"snippet": snippet, **tla}


def message(**changes: Any) -> Message:
    data = {"to": "irma@mail.test", "recovery_code": "123456", "expires_in_minutes": 60}
    return Message(
        **{
            "type": "email",
            "recipient": "irma@mail.test",
            "template_type": "recovery_code_valid",
            "subject": "Use code 123456",
            "body": "Code 123456, ä\n",
            "html_body": "<b>123456</b>",
            "template_data": data,
            "request_headers": {"User-Agent": ["curl"]},
            **changes,
        }
    )


def channel(service: Service, snippet: str = "", **request: Any) -> HttpChannel:
    return HttpChannel(http_settings({"url": "https://mailer.test/v1", **request}, snippet), service, echo)


async def test_the_standard_body() -> None:
    service = Service()
    await channel(service, headers={"X-Tenant": "blue"}).send(message())
    assert service.requests == [
        (
            "POST",
            "https://mailer.test/v1",
            {"X-Tenant": "blue", "Content-Type": "application/json"},
            {
                "recipient": "irma@mail.test",
                "template_type": "recovery_code_valid",
                "to": "irma@mail.test",
                "recovery_code": "123456",
                "recovery_url": None,
                "verification_url": None,
                "verification_code": None,
                "subject": "Use code 123456",
                "body": "Code 123456, ä\n",
            },
        )
    ]


async def test_what_jsonnet_gets() -> None:
    service = Service()
    mail, sms = message(), message(type="sms", recipient="+4915112345678", channel="sms", subject="", html_body="")
    await channel(service, "function(ctx) ctx", method="PUT").send(mail)
    await channel(service, "function(ctx) ctx").send(sms)
    assert service.requests[0][0] == "PUT"
    assert service.requests[0][3] == {
        "snippet": "function(ctx) ctx",
        "ctx": {
            "recipient": "irma@mail.test",
            "subject": "Use code 123456",
            "body": "Code 123456, ä\n",
            "html_body": "<b>123456</b>",
            "template_type": "recovery_code_valid",
            "template_data": mail.template_data,
            "message_type": "email",
            "request_headers": {"User-Agent": ["curl"]},
        },
    }
    assert service.requests[1][3]["ctx"]["message_type"] == "sms"
    assert "html_body" not in service.requests[1][3]["ctx"]


async def test_a_body_by_jsonnet() -> None:
    service, pool = Service(201), JsonnetPool(max_workers=1, timeout=10.0)
    try:
        settings = http_settings({"url": "https://mailer.test/v1"}, SNIPPET)
        await HttpChannel(settings, service, pool.evaluate).send(message())
        (_, _, _, body) = service.requests[0]
        assert (body["to"], body["kind"], body["channel"]) == ("irma@mail.test", "recovery_code_valid", "email")
        assert body["text"] == "Code CODE, ä\n"
        assert "template_data" in body["keys"]
        broken = http_settings({"url": "https://mailer.test/v1"}, "function(ctx) ctx.nothing")
        with pytest.raises(Refused, match=r"request_config\.body"):
            await HttpChannel(broken, service, pool.evaluate).send(message())
        assert len(service.requests) == 1
    finally:
        await pool.close()


@pytest.mark.parametrize(
    ("auth", "header"),
    [
        (
            {"type": "basic_auth", "config": {"user": "mailer", "password": "secret-word"}},
            ("Authorization", "Basic bWFpbGVyOnNlY3JldC13b3Jk"),
        ),
        ({"type": "api_key", "config": {"name": "X-Key", "value": "sms-key", "in": "header"}}, ("X-Key", "sms-key")),
        (
            {"type": "api_key", "config": {"name": "key", "value": "a b;c", "in": "cookie"}},
            ("Cookie", 'key="a b\\073c"'),
        ),
    ],
)
async def test_authorisation(auth: dict[str, Any], header: tuple[str, str]) -> None:
    service = Service()
    settings = http_settings({"url": "https://mailer.test/v1", "auth": auth})
    await HttpChannel(settings, service, echo).send(message())
    assert service.requests[0][2] == {"Content-Type": "application/json", header[0]: header[1]}
    assert all(secret not in repr(settings) for secret in ("secret-word", "sms-key", "a b;c"))


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
async def test_any_2xx_is_a_success(status: int) -> None:
    await channel(Service(status)).send(message())


@pytest.mark.parametrize("status", [199, 301, 400, 403, 429, 500, 503])
async def test_any_other_status_is_a_refusal(status: int) -> None:
    with pytest.raises(Refused, match=str(status)) as caught:
        await channel(Service(status)).send(message())
    assert caught.value.kind == f"status {status}"


@pytest.mark.parametrize(
    "error", [ConnectionRefusedError("https://me:s3cret@x"), TimeoutError(), RuntimeError("s3cret")]
)
async def test_no_answer_is_nobodys_fault_and_tells_no_secret(error: Exception) -> None:
    with pytest.raises(Unreachable) as caught:
        await channel(Service(error)).send(message())
    assert "s3cret" not in caught.value.reason
    assert caught.value.__cause__ is None


async def test_t29_a_stored_recipient_is_checked_again() -> None:
    service = Service()
    with pytest.raises(Refused):
        await channel(service).send(message(recipient="irma@mail.test\r\nBcc: evil@x.test"))
    assert not service.requests


@pytest.mark.parametrize(
    ("request_config", "says"),
    [
        ({"url": "ftp://mailer.test"}, "url"),
        ({}, "url"),
        ({"url": "https://x.test", "headers": {"A": "b\r\nC: d"}}, "one line"),
        ({"url": "https://x.test", "headers": {"A B": "c"}}, "no header name"),
        ({"url": "https://x.test", "auth": {"type": "digest"}}, "api_key or basic_auth"),
        (
            {
                "url": "https://x.test",
                "auth": {"type": "api_key", "config": {"name": "a", "value": "b", "in": "query"}},
            },
            "header or cookie",
        ),
        ({"url": "https://x.test", "auth": {"type": "api_key", "config": {"name": "a", "value": "b\n"}}}, "one line"),
    ],
)
def test_a_wrong_setting_is_refused(request_config: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        http_settings(request_config)

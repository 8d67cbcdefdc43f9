"""From the configuration to channels."""

import base64
from collections.abc import Mapping
from typing import Any

import pytest

from identity_server.courier.channels.http_post import HttpChannel
from identity_server.courier.channels.selection import open_channels
from identity_server.courier.channels.smtp import SmtpChannel
from identity_server.courier.message import Message
from identity_server.courier.ports import Channel
from identity_server.times import system_clock

pytestmark = pytest.mark.anyio


class Reply:
    status = 200
    body = b""


class Service:
    def __init__(self) -> None:
        self.requests: list[tuple[str, str, bytes]] = []

    async def __call__(self, method: str, url: str, headers: Mapping[str, str], content: bytes) -> Reply:
        self.requests.append((method, url, content))
        return Reply()


async def read(address: str) -> bytes:
    if not address.startswith("base64://"):
        raise OSError(f"{address}: no such file")
    return base64.b64decode(address.removeprefix("base64://"))


async def evaluate(snippet: str, ext_vars: Mapping[str, object], tla: Mapping[str, object]) -> Any:
    return snippet


async def channels(courier: dict[str, Any], service: Service | None = None) -> dict[str, Channel]:
    return await open_channels(courier, reader=read, client=service or Service(), jsonnet=evaluate, clock=system_clock)


async def test_a_mail_server() -> None:
    found = await channels({"smtp": {"connection_uri": "smtp://mail.test/"}})
    assert list(found) == ["email"] and isinstance(found["email"], SmtpChannel)


async def test_nothing_configured_is_no_channel() -> None:
    assert await channels({}) == {}
    assert await channels({"smtp": {"from_address": "a@b.test"}}) == {}


async def test_services_for_mail_and_sms() -> None:
    service = Service()
    courier = {
        "delivery_strategy": "http",
        "http": {"request_config": {"url": "https://x.test/mail", "body": "base64://bWFpbA=="}},
        "channels": [{"id": "sms", "type": "http", "request_config": {"url": "https://x.test/sms", "method": "PUT"}}],
    }
    found = await channels(courier, service)
    assert all(isinstance(channel, HttpChannel) for channel in found.values())
    await found["email"].send(Message("email", "irma@mail.test", "stub"))
    await found["sms"].send(Message("sms", "+4915112345678", "stub", channel="sms"))
    assert service.requests[0] == ("POST", "https://x.test/mail", b'"mail"')
    assert service.requests[1][:2] == ("PUT", "https://x.test/sms")


@pytest.mark.parametrize(
    ("courier", "says"),
    [
        ({"delivery_strategy": "http"}, r"courier\.http\.request_config\.url"),
        ({"smtp": {"connection_uri": "imap://x"}}, r"courier\.smtp\.connection_uri"),
        (
            {"channels": [{"id": "sms", "request_config": {"url": "https://x.test", "body": "file:///nowhere"}}]},
            r"courier\.channels\.0\.request_config\.body: file:///nowhere: no such file",
        ),
        (
            {"channels": [{"id": "sms", "request_config": {"url": "https://x.test", "body": "base64://gP8="}}]},
            "not UTF-8",
        ),
        (
            {"channels": [{"id": "sms", "request_config": {"url": "https://x.test", "headers": {"a b": "c"}}}]},
            r"courier\.channels\.0\.request_config\.headers: 'a b'",
        ),
    ],
)
async def test_a_wrong_channel_is_named(courier: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        await channels(courier)

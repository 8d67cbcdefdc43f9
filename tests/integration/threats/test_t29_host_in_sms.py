"""T29: an SMS is bound to a site of ours, whatever host the client names: telephones fill its code in there."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from integration.mailbox import JSON, MEMBER, SMS, browser, last_mail, mailing, schema, value_of
from server_kit import Server

pytestmark = pytest.mark.anyio
PHONE = "+4915112345678"
SITES: dict[str, Any] = {
    "selfservice": {
        "methods": {"code": {"passwordless_enabled": True}},
        "allowed_return_urls": ["https://app.test", "https://*.shop.test/"],
        "flows": {"login": {"ui_url": "https://login.test/in"}},
    }
}
OURS = ("127.0.0.1:4433", "app.test", "login.test:8443", "www.shop.test")
FOREIGN = ("evil.example", "app.test.evil.example", "127.0.0.1.evil.example:4433", "evil-shop.test", "shop.test")


@pytest.fixture
async def server(tmp_path: Path, anyio_backend: str) -> AsyncIterator[Server]:
    """A server that sends codes to telephones."""
    del anyio_backend
    async with mailing(tmp_path, "", SITES, schema(MEMBER), SMS) as running:
        yield running


async def sent(server: Server, kind: str, host: str) -> tuple[str, str]:
    """The site that an SMS names, and its last line; the client names a host in every request."""
    who, headers = browser(server), {**JSON, "host": host}
    flow = (await who.get(f"/self-service/{kind}/browser", headers=headers)).json()
    fields = {"identifier": PHONE, "email": PHONE, "traits": {"email": "eve@mail.test", "phone": PHONE}}
    form = {**fields, "method": "code", "csrf_token": value_of(flow, "csrf_token")}
    await who.post(f"/self-service/{kind}?flow={flow['id']}", json=form, headers=headers)
    mail = await last_mail(server, PHONE)
    listed = (await server.admin.get("/admin/courier/messages", params={"recipient": PHONE})).json()
    return mail.data["request_url_domain"], listed[0]["body"].strip().splitlines()[-1].replace(mail.code, "CODE")


@pytest.mark.parametrize("host", FOREIGN)
@pytest.mark.parametrize("kind", ["login", "registration"])
async def test_t29_a_host_that_is_not_ours_gets_into_no_sms(server: Server, kind: str, host: str) -> None:
    if kind == "login":
        await server.admin.post("/admin/identities", json={"traits": {"email": "ada@mail.test", "phone": PHONE}})
    assert await sent(server, kind, host) == ("127.0.0.1", "@127.0.0.1 #CODE")


@pytest.mark.parametrize("host", OURS)
async def test_t29_a_site_that_the_configuration_names_does(server: Server, host: str) -> None:
    name = host.partition(":")[0]
    assert await sent(server, "registration", host) == (name, f"@{name} #CODE")

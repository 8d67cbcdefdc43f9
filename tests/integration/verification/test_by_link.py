"""Verification of an address by a link in a mail."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from integration.mailbox import WITH_LINKS, Time, begin, browser, ids, last_mail, mailing, mails, open_page
from server_kit import Server

pytestmark = pytest.mark.anyio
EMAIL = "ada@mail.test"


@pytest.fixture
async def server(tmp_path: Path, anyio_backend: str, time: Time) -> AsyncIterator[Server]:
    """A server that verifies by link."""
    del anyio_backend
    async with mailing(tmp_path, "", WITH_LINKS, clock=time) as running:
        yield running


async def is_verified(server: Server, identity: str) -> bool:
    shown = (await server.admin.get(f"/admin/identities/{identity}")).json()
    return bool(shown["verifiable_addresses"][0]["verified"])


async def test_opening_the_link_verifies_in_any_browser(server: Server) -> None:
    identity = (await server.create(EMAIL))["id"]
    page = await open_page(browser(server), "verification", "?return_to=https://app.test/shop")
    await page.send(method="link", email=EMAIL)
    opened = await (who := browser(server)).get((await last_mail(server, EMAIL)).path)
    assert opened.headers["location"] == f"https://app.test/verification?flow={page.id}"
    assert await is_verified(server, identity)
    shown = await who.get(f"/self-service/verification/flows?id={page.id}")
    assert (shown.status_code, ids(shown.json())) == (200, [1080002])
    assert shown.json()["ui"]["action"] == "https://app.test/shop"


async def test_a_link_is_good_once(server: Server) -> None:
    await server.create(EMAIL)
    form = await begin(server, "verification")
    await form.ask(EMAIL, "link")
    path = (await last_mail(server, EMAIL)).path
    await browser(server).get(path)
    again = await (who := browser(server)).get(path)
    following = again.headers["location"].partition("flow=")[2]
    assert following != form.id
    assert ids((await who.get(f"/self-service/verification/flows?id={following}")).json()) == [4070001]


async def test_a_late_link_verifies_nothing(server: Server, time: Time) -> None:
    identity = (await server.create(EMAIL))["id"]
    form = await begin(server, "verification")
    await form.ask(EMAIL, "link")
    time.passes(hours=1)
    await browser(server).get((await last_mail(server, EMAIL)).path)
    assert not await is_verified(server, identity)


async def test_the_link_of_an_address_that_is_gone_verifies_nothing(server: Server) -> None:
    identity = (await server.create(EMAIL))["id"]
    form = await begin(server, "verification")
    await form.ask(EMAIL, "link")
    patch = [{"op": "replace", "path": "/traits/email", "value": "new@mail.test"}]
    await server.admin.patch(f"/admin/identities/{identity}", json=patch)
    await browser(server).get((await last_mail(server, EMAIL)).path)
    assert not await is_verified(server, identity)


async def test_the_link_of_a_recovery_verifies_nothing(server: Server) -> None:
    identity = (await server.create(EMAIL))["id"]
    form = await begin(server)
    await form.ask(EMAIL, "link")
    path = (await last_mail(server, EMAIL)).path.replace("/recovery", "/verification")
    assert (await browser(server).get(path)).headers["location"].startswith("https://app.test/error?id=")
    assert not await is_verified(server, identity)


async def test_unknown_addresses_get_nothing(server: Server) -> None:
    form = await begin(server, "verification")
    answer = await form.ask("nobody@mail.test", "link")
    assert (answer.status_code, ids(answer.json())) == (200, [1080001])
    assert await mails(server, "nobody@mail.test") == []

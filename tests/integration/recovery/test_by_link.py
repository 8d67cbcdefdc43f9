"""Recovery by a link in a mail."""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from identity_server.storage import tables
from identity_server.storage.port import Statement
from integration.mailbox import WITH_LINKS, Time, begin, browser, ids, last_mail, mailing, mails, open_page
from server_kit import Server

pytestmark = pytest.mark.anyio
EMAIL = "ada@mail.test"


@pytest.fixture
async def server(tmp_path: Path, anyio_backend: str, time: Time) -> AsyncIterator[Server]:
    """A server that recovers by link."""
    del anyio_backend
    async with mailing(tmp_path, "", WITH_LINKS, clock=time) as running:
        await running.create(EMAIL)
        yield running


async def test_whoever_opens_the_link_is_in(server: Server) -> None:
    page = await open_page(browser(server), query="?return_to=https://app.test/after")
    answer = await page.send(method="link", email=EMAIL)
    assert (answer.status_code, ids(answer.json())) == (200, [1060002])
    opened = await (who := browser(server)).get((await last_mail(server, EMAIL)).path)
    assert opened.headers["location"].startswith("https://app.test/settings?flow=")
    session = (await who.get("/sessions/whoami")).json()
    assert session["authentication_methods"][0]["method"] == "link_recovery"
    assert session["identity"]["verifiable_addresses"][0]["verified"] is True


async def test_a_link_is_good_once(server: Server) -> None:
    form = await begin(server)
    await form.ask(EMAIL, "link")
    path = (await last_mail(server, EMAIL)).path
    assert "settings" in (await browser(server).get(path)).headers["location"]
    again = await (who := browser(server)).get(path)
    assert again.headers["location"].startswith("https://app.test/recovery?flow=")
    assert "ory_kratos_session" not in who.cookies


async def test_a_link_is_good_for_its_own_flow_alone(server: Server) -> None:
    form, other = await begin(server), await begin(server)
    await form.ask(EMAIL, "link")
    path = (await last_mail(server, EMAIL)).path.replace(form.id, other.id)
    await (who := browser(server)).get(path)
    assert (await who.get("/sessions/whoami")).status_code == 401


async def test_a_link_of_a_verification_recovers_nothing(server: Server) -> None:
    form = await begin(server, "verification")
    await form.ask(EMAIL, "link")
    path = (await last_mail(server, EMAIL)).path
    assert (await (who := browser(server)).get(path.replace("verification", "recovery"))).status_code == 303
    assert (await who.get("/sessions/whoami")).status_code == 401


async def test_a_late_link_starts_anew(server: Server, time: Time) -> None:
    page = await open_page(who := browser(server))
    await page.send(method="link", email=EMAIL)
    path = (await last_mail(server, EMAIL)).path
    time.passes(hours=1)
    flow = (await who.get(path)).headers["location"].partition("flow=")[2]
    shown = await who.get(f"/self-service/recovery/flows?id={flow}")
    assert ids(shown.json()) == [4060005]


async def test_one_recovery_ends_the_links_that_are_still_open(server: Server) -> None:
    paths = []
    for _ in range(2):
        form = await begin(server)
        await form.ask(EMAIL, "link")
        paths.append((await last_mail(server, EMAIL)).path)
    await browser(server).get(paths[1])
    await (who := browser(server)).get(paths[0])
    assert (await who.get("/sessions/whoami")).status_code == 401


async def test_the_token_is_not_stored(server: Server) -> None:
    form = await begin(server)
    await form.ask(EMAIL, "link")
    token = (await last_mail(server, EMAIL)).link.partition("token=")[2]
    rows = await server.runtime.services.database.fetch(Statement(select(tables.link_tokens))())
    assert token not in str(rows)


async def test_the_base_url_of_links_moves_them(tmp_path: Path) -> None:
    moved = {"selfservice": {"methods": {"link": {"config": {"base_url": "https://accounts.app.test/kratos/"}}}}}
    async with mailing(tmp_path, "", WITH_LINKS, moved) as server:
        identity = (await server.create(EMAIL))["id"]
        for kind in ("recovery", "verification"):
            await (await begin(server, kind)).ask(EMAIL, "link")
            link = urlsplit((await last_mail(server, EMAIL)).link)
            assert (link.netloc, link.path) == ("accounts.app.test", f"/kratos/self-service/{kind}")
        made = (await server.admin.post("/admin/recovery/link", json={"identity_id": identity})).json()
        assert made["recovery_link"].startswith("https://accounts.app.test/kratos/self-service/recovery?")


async def test_the_base_url_moves_the_link_beside_a_code_too(tmp_path: Path) -> None:
    moved = {"selfservice": {"methods": {"link": {"config": {"base_url": "https://accounts.app.test/"}}}}}
    async with mailing(tmp_path, "", moved) as server:
        await server.create(EMAIL)
        await (await begin(server, "verification")).ask(EMAIL)
        assert (await last_mail(server, EMAIL)).link.startswith("https://accounts.app.test/self-service/verification?")


@pytest.mark.parametrize("email", ["", "ada", 'ada@mail.test"><script>'])
async def test_a_bad_address_is_told(server: Server, email: str) -> None:
    form = await begin(server)
    answer = await form.ask(email, "link")
    assert (answer.status_code, len(ids(answer.json()))) == (400, 1)
    assert len(await mails(server, EMAIL)) == 0


@pytest.mark.parametrize("token", ["%00", "a" * 5000, "%F0%9F%92%A5", "x%27%20OR%201=1--"])
async def test_a_made_up_token_lets_nobody_in(server: Server, token: str) -> None:
    form = await begin(server)
    answer = await (who := browser(server)).get(f"/self-service/recovery?flow={form.id}&token={token}")
    assert answer.status_code == 303
    assert (await who.get("/sessions/whoami")).status_code == 401


async def test_a_method_that_is_off_is_said_to_be(tmp_path: Path) -> None:
    off = {"selfservice": {"methods": {"link": {"enabled": False}}, "flows": {"recovery": {"use": "link"}}}}
    async with mailing(tmp_path, "", off) as server:
        answer = await server.public.get("/self-service/recovery/api")
        assert answer.status_code == 404
        assert "selfservice.methods.link.enabled" in answer.json()["error"]["reason"]

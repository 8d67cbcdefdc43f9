"""T6: nobody's mailbox is flooded and no telephone pumped: limits per address, whoever asks, in all flows together."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from integration.mailbox import MEMBER, SMS, WITH_LINKS, Time, begin, last_mail, mailing, mails, schema
from integration.threats.people import sign_up
from server_kit import Server

pytestmark = pytest.mark.anyio
EMAIL, OTHER, PHONE = "ada@mail.test", "bob@mail.test", "+4915112345678"
LIMITED = {"security": {"brute_force": {"enabled": True}}}
TOLD = {
    "selfservice": {"flows": {"settings": {"after": {"profile": {"hooks": [{"hook": "notify_previous_addresses"}]}}}}}
}
NOTICE = "verifiable_address_changed"
PASSWORDLESS = {"selfservice": {"methods": {"code": {"passwordless_enabled": True}}}}


@pytest.fixture
def time() -> Time:
    """The server's clock."""
    return Time()


@pytest.fixture
async def server(tmp_path: Path, dsn: str, anyio_backend: str, time: Time) -> AsyncIterator[Server]:
    """A server with the protections of production."""
    del anyio_backend
    async with mailing(tmp_path, dsn, schema(MEMBER), SMS, LIMITED, PASSWORDLESS, clock=time) as running:
        body = {"traits": {"email": EMAIL, "phone": PHONE}}
        assert (await running.admin.post("/admin/identities", json=body)).status_code == 201
        await running.create(OTHER)
        yield running


async def test_t06_of_sixty_requests_at_once_five_are_answered_by_mail(server: Server) -> None:
    forms = [await begin(server) for _ in range(60)]
    answers = await asyncio.gather(*(form.ask(EMAIL) for form in forms))
    assert {answer.status_code for answer in answers} == {200}
    assert len(await mails(server, EMAIL)) == 5


async def test_t06_a_request_that_is_dropped_looks_like_any_other(server: Server) -> None:
    shown = []
    for _ in range(8):
        form = await begin(server)
        shown.append(str((await form.ask(EMAIL)).json()["ui"]).replace(form.id, "FLOW"))
    assert len(set(shown)) == 1
    assert len(await mails(server, EMAIL)) == 5


async def test_t06_all_kinds_of_flows_share_the_limit(server: Server) -> None:
    for _ in range(3):
        await (await begin(server)).ask(EMAIL)
        await (await begin(server, "verification")).ask(EMAIL)
        await (await begin(server, "login")).send(method="code", identifier=EMAIL)
    assert len(await mails(server, EMAIL)) == 5


async def test_t06_every_spelling_is_one_address(server: Server) -> None:
    for spelling in (EMAIL, "ADA@mail.test", "Ada@Mail.Test"):
        for _ in range(3):
            await (await begin(server)).ask(spelling)
    assert len(await mails(server, EMAIL)) == 5


async def test_t06_somebody_elses_mail_is_untouched(server: Server) -> None:
    for _ in range(8):
        await (await begin(server)).ask(EMAIL)
    await (await begin(server)).ask(OTHER)
    assert len(await mails(server, OTHER)) == 1


async def test_t06_ten_minutes_later_there_are_five_more_and_twenty_in_an_hour(server: Server, time: Time) -> None:
    for _ in range(6):
        for _ in range(6):
            await (await begin(server)).ask(EMAIL)
        time.passes(minutes=10, seconds=1)
    assert len(await mails(server, EMAIL)) == 20


async def test_t06_a_code_on_its_way_is_not_voided_by_what_is_dropped(server: Server) -> None:
    for _ in range(4):
        await (await begin(server)).ask(EMAIL)
    form = await begin(server, "verification")
    await form.ask(EMAIL)
    code = (await last_mail(server, EMAIL)).code
    for _ in range(5):
        await form.ask(EMAIL)
    assert (await form.code(code)).json()["state"] == "passed_challenge"


async def test_t06_telephones_are_limited_alike(server: Server) -> None:
    for spelling in (PHONE, "+49 151 12345678", "+49-151-12345678"):
        for _ in range(3):
            await (await begin(server, "login")).send(method="code", identifier=spelling)
    assert len(await mails(server, PHONE)) == 5


async def test_t06_sign_ups_send_no_more_either(server: Server) -> None:
    for _ in range(8):
        await (await begin(server, "registration")).send(method="code", traits={"email": "new@mail.test"})
    assert len(await mails(server, "new@mail.test")) == 5


async def test_t06_links_are_limited_alike(tmp_path: Path, dsn: str) -> None:
    async with mailing(tmp_path, dsn, WITH_LINKS, LIMITED) as server:
        await server.create(EMAIL)
        for _ in range(8):
            await (await begin(server)).ask(EMAIL, "link")
        assert len(await mails(server, EMAIL)) == 5


async def test_t06_the_limit_is_configured(tmp_path: Path, dsn: str) -> None:
    tighter = {"security": {"brute_force": {"enabled": True, "messages": {"attempts": 2, "window": "1h"}}}}
    async with mailing(tmp_path, dsn, tighter) as server:
        await server.create(EMAIL)
        for _ in range(4):
            await (await begin(server)).ask(EMAIL)
        assert len(await mails(server, EMAIL)) == 2


@pytest.mark.parametrize(
    ("limits", "in_an_hour"),
    [({"attempts": 7, "per_hour": 10}, 10), ({"attempts": 30}, 30), ({"attempts": 30, "per_hour": 3}, 3)],
)
async def test_t06_messages_of_an_hour_are_configured(
    tmp_path: Path, time: Time, limits: dict[str, int], in_an_hour: int
) -> None:
    configured = {"security": {"brute_force": {"enabled": True, "messages": limits}}}
    async with mailing(tmp_path, "", configured, clock=time) as server:
        await server.create(EMAIL)
        for _ in range(4):
            for _ in range(9):
                await (await begin(server)).ask(EMAIL)
            time.passes(minutes=10, seconds=1)
        assert len(await mails(server, EMAIL)) == in_an_hour
        time.passes(hours=1)
        await (await begin(server)).ask(EMAIL)
        assert len(await mails(server, EMAIL)) == in_an_hour + 1


async def test_t06_while_developing_there_is_no_limit(tmp_path: Path, dsn: str) -> None:
    async with mailing(tmp_path, dsn) as server:
        await server.create(EMAIL)
        for _ in range(8):
            await (await begin(server)).ask(EMAIL)
        assert len(await mails(server, EMAIL)) == 8


async def change(server: Server, own: dict[str, str], email: str) -> None:
    flow = (await server.public.get("/self-service/settings/api", headers=own)).json()["id"]
    form = {"method": "profile", "traits": {"email": email}}
    answer = await server.public.post(f"/self-service/settings?flow={flow}", json=form, headers=own)
    assert answer.status_code == 200, answer.text


async def test_t06_who_took_an_account_over_cannot_keep_its_owner_from_being_told(tmp_path: Path, dsn: str) -> None:
    async with mailing(tmp_path, dsn, schema(MEMBER), LIMITED, TOLD) as server:
        own = {"x-session-token": (await sign_up(server, EMAIL))["session_token"]}
        for _ in range(8):
            await (await begin(server)).ask(EMAIL)
        await change(server, own, "thief@mail.test")
        *asked, told = [mail.type for mail in await mails(server, EMAIL)]
        assert (len(asked), told) == (5, NOTICE) and NOTICE not in asked


async def test_t06_notices_flood_nobody_either(tmp_path: Path, dsn: str) -> None:
    async with mailing(tmp_path, dsn, schema(MEMBER), LIMITED, TOLD) as server:
        own = {"x-session-token": (await sign_up(server, "mallory@mail.test"))["session_token"]}
        for _ in range(7):
            await change(server, own, "victim@mail.test")
            await change(server, own, "mallory@mail.test")
        assert [mail.type for mail in await mails(server, "victim@mail.test")].count(NOTICE) == 5

"""Verification of an address by a code in a mail."""

from pathlib import Path
from typing import Any

import pytest

from integration.mailbox import Time, begin, browser, ids, last_mail, mailing, mails, open_page, value_of
from server_kit import Server

pytestmark = pytest.mark.anyio
EMAIL = "ada@mail.test"


async def state_of(server: Server, identity: str) -> tuple[str, bool]:
    shown = (await server.admin.get(f"/admin/identities/{identity}")).json()["verifiable_addresses"][0]
    return shown["status"], shown["verified"]


async def test_an_address_is_pending_then_sent_then_completed(server: Server) -> None:
    identity = (await server.create(EMAIL))["id"]
    assert await state_of(server, identity) == ("pending", False)
    form = await begin(server, "verification")
    await form.ask(EMAIL)
    assert await state_of(server, identity) == ("sent", False)
    answer = await form.code((await last_mail(server, EMAIL)).code)
    assert (answer.json()["state"], ids(answer.json())) == ("passed_challenge", [1080002])
    assert await state_of(server, identity) == ("completed", True)


async def test_no_session_comes_of_it(server: Server) -> None:
    await server.create(EMAIL)
    page = await open_page(who := browser(server), "verification")
    await page.send(method="code", email=EMAIL)
    await page.send(method="code", code=(await last_mail(server, EMAIL)).code)
    assert (await who.get("/sessions/whoami")).status_code == 401


async def test_the_link_fills_the_form_in_and_proves_nothing_yet(server: Server) -> None:
    identity = (await server.create(EMAIL))["id"]
    form = await open_page(browser(server), "verification")
    await form.send(method="code", email=EMAIL)
    mail = await last_mail(server, EMAIL)
    opened = await (who := browser(server)).get(mail.path)
    assert opened.headers["location"] == f"https://app.test/verification?flow={form.id}"
    assert await state_of(server, identity) == ("sent", False)
    shown = (await who.get(f"/self-service/verification/flows?id={form.id}")).json()
    assert value_of(shown, "code") == mail.code
    token = value_of(shown, "csrf_token")
    done = await who.post(
        f"/self-service/verification?flow={form.id}", json={"method": "code", "code": mail.code, "csrf_token": token}
    )
    assert done.json()["state"] == "passed_challenge"


async def test_what_a_link_fills_in_is_cut(server: Server) -> None:
    page = await open_page(who := browser(server), "verification")
    await page.send(method="code", email=EMAIL)
    await who.get(f"/self-service/verification?flow={page.id}&code=" + "9" * 2000)
    assert len(value_of(await page.shown(), "code")) <= 32


async def test_a_code_verifies_its_own_address_alone(server: Server) -> None:
    first = (await server.create(EMAIL))["id"]
    second = (await server.create("bob@mail.test"))["id"]
    form = await begin(server, "verification")
    await form.ask(EMAIL)
    code = (await last_mail(server, EMAIL)).code
    await form.ask("bob@mail.test")
    assert ids((await form.code(code)).json()) == [4070006]
    await form.code((await last_mail(server, "bob@mail.test")).code)
    assert await state_of(server, first) == ("sent", False)
    assert await state_of(server, second) == ("completed", True)


async def test_an_address_that_is_gone_is_not_verified(server: Server) -> None:
    identity = (await server.create(EMAIL))["id"]
    form = await begin(server, "verification")
    await form.ask(EMAIL)
    code = (await last_mail(server, EMAIL)).code
    patch = [{"op": "replace", "path": "/traits/email", "value": "new@mail.test"}]
    await server.admin.patch(f"/admin/identities/{identity}", json=patch)
    assert ids((await form.code(code)).json()) == [4070006]
    assert await state_of(server, identity) == ("pending", False)


async def test_a_finished_flow_is_replaced(server: Server) -> None:
    await server.create(EMAIL)
    form = await begin(server, "verification")
    await form.ask(EMAIL)
    code = (await last_mail(server, EMAIL)).code
    await form.code(code)
    answer = await form.code(code)
    assert (answer.status_code, answer.json()["error"]["id"]) == (410, "self_service_flow_replaced")
    following = answer.json()["use_flow_id"]
    shown = (await server.public.get(f"/self-service/verification/flows?id={following}")).json()
    assert ids(shown) == [4070002]


async def test_a_late_code_names_a_flow_to_go_on_with(tmp_path: Path, time: Time) -> None:
    short = {"selfservice": {"methods": {"code": {"config": {"lifespan": "1m"}}}}}
    async with mailing(tmp_path, "", short, clock=time) as server:
        await server.create(EMAIL)
        form = await begin(server, "verification")
        await form.ask(EMAIL)
        time.passes(minutes=1)
        answer = await form.code((await last_mail(server, EMAIL)).code)
        assert (answer.status_code, answer.json()["error"]["id"]) == (410, "self_service_flow_expired")
        assert answer.json()["since"] >= 0


async def test_a_flow_ends_after_its_lifespan(server: Server, time: Time) -> None:
    form = await begin(server, "verification")
    time.passes(hours=1)
    answer = await form.ask(EMAIL)
    shown = (await server.public.get(answer.headers["location"])).json()
    assert ids(shown) == [4070005]
    gone = await server.public.get(f"/self-service/verification/flows?id={form.id}")
    assert (gone.status_code, gone.json()["error"].get("id")) == (410, None)


async def test_another_method_spoils_the_flow_as_in_kratos(server: Server) -> None:
    form = await begin(server, "verification")
    assert ids((await form.send(method="link", email=EMAIL)).json()) == [4010006]
    assert ids((await form.ask(EMAIL)).json()) == [4010006, 4010006]


async def test_a_forged_submission_is_refused_and_leaves_the_browser_alone(server: Server) -> None:
    await server.create(EMAIL)
    page = await open_page(who := browser(server), "verification")
    forged = await who.post(f"/self-service/verification?flow={page.id}", json={"method": "code", "email": EMAIL})
    assert forged.status_code == 403
    assert (await page.send(method="code", email=EMAIL)).status_code == 200


@pytest.mark.parametrize(
    ("fields", "messages"),
    [
        ({"method": "code"}, [4000002]),
        ({"method": "code", "code": ""}, [4000002]),
        ({"method": "code", "email": "ada"}, [4000040]),
        ({"method": "code", "email": "+4915112345678"}, [4000040]),
        ({"method": "code", "email": ["x"]}, [4000040]),
    ],
)
async def test_bad_input_is_told(server: Server, fields: dict[str, Any], messages: list[int]) -> None:
    form = await begin(server, "verification")
    answer = await form.send(**fields)
    assert (answer.status_code, ids(answer.json())) == (400, messages)


async def test_unknown_addresses_are_told_only_on_demand(server: Server, tmp_path: Path) -> None:
    form = await begin(server, "verification")
    await form.ask("nobody@mail.test")
    assert await mails(server, "nobody@mail.test") == []
    tell = {"selfservice": {"flows": {"verification": {"notify_unknown_recipients": True}}}}
    async with mailing(tmp_path, "", tell) as telling:
        form = await begin(telling, "verification")
        await form.ask("nobody@mail.test")
        assert [mail.type for mail in await mails(telling, "nobody@mail.test")] == ["verification_code_invalid"]


async def test_the_return_address_waits_at_the_end(server: Server) -> None:
    await server.create(EMAIL)
    page = await open_page(browser(server), "verification", "?return_to=https://app.test/shop")
    await page.send(method="code", email=EMAIL)
    done = (await page.send(method="code", code=(await last_mail(server, EMAIL)).code)).json()
    assert (done["ui"]["action"], done["ui"]["method"]) == ("https://app.test/shop", "GET")


async def test_nothing_starts_while_verification_is_off(tmp_path: Path) -> None:
    off = {"selfservice": {"flows": {"verification": {"enabled": False}}}}
    async with mailing(tmp_path, "", off) as server:
        assert (await server.public.get("/self-service/verification/api")).status_code == 400
        assert (await server.public.get("/self-service/verification/browser")).status_code == 400

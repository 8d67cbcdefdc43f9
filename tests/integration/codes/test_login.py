"""Signing in by a code."""

from pathlib import Path
from typing import Any

import pytest

from integration.codes.conftest import PASSWORDLESS
from integration.mailbox import MEMBER, Time, begin, browser, ids, last_mail, mailing, mails, open_page, schema
from server_kit import Server

pytestmark = pytest.mark.anyio
EMAIL = "ada@mail.test"
TWO_STEPS = {"selfservice": {"flows": {"login": {"style": "identifier_first"}}}}
HIDDEN = {"security": {"account_enumeration": {"mitigate": True}}}


async def asked(server: Server, email: str = EMAIL) -> Any:
    form = await begin(server, "login")
    answer = await form.send(method="code", identifier=email)
    assert (answer.status_code, ids(answer.json())) == (400, [1010014])
    return form


async def test_the_code_signs_in_and_proves_the_address(server: Server) -> None:
    await server.create(EMAIL)
    form = await asked(server)
    answer = await form.send(method="code", identifier=EMAIL, code=(await last_mail(server, EMAIL)).code)
    session = answer.json()["session"]
    assert [(proof["method"], proof["aal"]) for proof in session["authentication_methods"]] == [("code", "aal1")]
    assert session["identity"]["verifiable_addresses"][0]["verified"] is True


async def test_in_a_browser_it_is_a_cookie(server: Server) -> None:
    await server.create(EMAIL)
    page = await open_page(who := browser(server), "login", "?return_to=https://app.test/shop")
    await page.send(page=True, method="code", identifier=EMAIL)
    shown = await page.shown()
    assert (shown["state"], shown["active"]) == ("sent_email", "code")
    done = await page.send(page=True, method="code", identifier=EMAIL, code=(await last_mail(server, EMAIL)).code)
    assert done.headers["location"] == "https://app.test/shop"
    assert (await who.get("/sessions/whoami")).status_code == 200


async def test_any_spelling_of_the_address_finds_the_account(server: Server) -> None:
    await server.create(EMAIL)
    form = await begin(server, "login")
    await form.send(method="code", identifier=" ADA@Mail.TEST ")
    assert (await form.send(method="code", code=(await last_mail(server, EMAIL)).code)).status_code == 200


async def test_a_telephone_gets_an_sms(server: Server) -> None:
    traits = {"email": EMAIL, "phone": "+4915112345678"}
    await server.admin.post("/admin/identities", json={"traits": traits})
    form = await asked(server, "+49 151 12345678")
    message = await last_mail(server, "+4915112345678")
    assert message.channel == "sms"
    assert (await form.send(method="code", code=message.code)).status_code == 200


async def test_an_unknown_address_is_told_unless_that_is_hidden(server: Server, tmp_path: Path) -> None:
    await server.create(EMAIL)
    form = await begin(server, "login")
    answer = await form.send(method="code", identifier="nobody@mail.test")
    assert (answer.status_code, ids(answer.json())) == (400, [4000035])
    async with mailing(tmp_path, "", PASSWORDLESS, schema(MEMBER), HIDDEN) as hiding:
        form = await asked(hiding, "nobody@mail.test")
        assert await mails(hiding, "nobody@mail.test") == []
        assert ids((await form.send(method="code", code="123456")).json()) == [4010008]


async def test_an_address_that_is_no_identifier_signs_nobody_in(server: Server) -> None:
    traits = {"email": EMAIL, "spare": "spare@mail.test"}
    await server.admin.post("/admin/identities", json={"traits": traits})
    form = await begin(server, "login")
    assert ids((await form.send(method="code", identifier="spare@mail.test")).json()) == [4000035]


async def test_a_code_of_another_flow_is_wrong(server: Server) -> None:
    await server.create(EMAIL)
    await asked(server)
    code = (await last_mail(server, EMAIL)).code
    other = await asked(server)
    answer = await other.send(method="code", identifier=EMAIL, code=code)
    assert (answer.status_code, ids(answer.json())) == (400, [4010008])


async def test_a_code_of_a_recovery_is_no_sign_in(server: Server) -> None:
    await server.create(EMAIL)
    await (await begin(server)).ask(EMAIL)
    code = (await last_mail(server, EMAIL)).code
    form = await asked(server)
    assert ids((await form.send(method="code", code=code)).json()) == [4010008]


async def test_a_code_is_asked_for(server: Server) -> None:
    await server.create(EMAIL)
    form = await asked(server)
    assert ids((await form.send(method="code", identifier=EMAIL)).json()) == [4000002]


async def test_a_late_code_starts_the_login_anew(server: Server, time: Time) -> None:
    await server.create(EMAIL)
    form = await asked(server)
    code = (await last_mail(server, EMAIL)).code
    flow = await server.public.get(f"/self-service/login/flows?id={form.id}")
    assert flow.status_code == 200
    time.passes(hours=1)
    answer = await form.send(method="code", code=code)
    assert (answer.status_code, answer.json()["error"]["id"]) == (410, "self_service_flow_expired")


async def test_a_late_code_in_a_browser_shows_a_new_form(tmp_path: Path, time: Time) -> None:
    short = {"selfservice": {"methods": {"code": {"config": {"lifespan": "1m"}}}}}
    async with mailing(tmp_path, "", PASSWORDLESS, schema(MEMBER), short, clock=time) as server:
        await server.create(EMAIL)
        page = await open_page(browser(server), "login")
        await page.send(method="code", identifier=EMAIL)
        time.passes(minutes=1)
        answer = await page.send(page=True, method="code", code=(await last_mail(server, EMAIL)).code)
        page.id = answer.headers["location"].partition("flow=")[2]
        assert ids(await page.shown()) == [4010001]


async def test_an_account_that_is_switched_off_stays_shut(server: Server) -> None:
    identity = (await server.create(EMAIL))["id"]
    form = await asked(server)
    await server.admin.patch(
        f"/admin/identities/{identity}", json=[{"op": "replace", "path": "/state", "value": "inactive"}]
    )
    assert (await form.send(method="code", code=(await last_mail(server, EMAIL)).code)).status_code == 401


async def test_codes_are_off_unless_configured(tmp_path: Path) -> None:
    async with mailing(tmp_path, "", schema(MEMBER)) as server:
        await server.create(EMAIL)
        form = await begin(server, "login")
        assert ids((await form.send(method="code", identifier=EMAIL)).json()) == [4010002]
        assert await mails(server, EMAIL) == []


async def test_who_has_no_other_way_gets_the_code_with_the_first_screen(tmp_path: Path) -> None:
    async with mailing(tmp_path, "", PASSWORDLESS, schema(MEMBER), TWO_STEPS) as server:
        await server.create(EMAIL)
        form = await begin(server, "login")
        shown = (await form.send(method="identifier_first", identifier=EMAIL)).json()
        assert (shown["state"], ids(shown)) == ("sent_email", [1010014])
        assert (await form.send(method="code", code=(await last_mail(server, EMAIL)).code)).status_code == 200


async def test_who_has_a_password_is_offered_both(tmp_path: Path) -> None:
    async with mailing(tmp_path, "", PASSWORDLESS, schema(MEMBER), TWO_STEPS) as server:
        await server.create(EMAIL, credentials={"password": {"config": {"password": "wind-9-Mill-Sail"}}})
        form = await begin(server, "login")
        shown = (await form.send(method="identifier_first", identifier=EMAIL)).json()
        buttons = [n["attributes"]["value"] for n in shown["ui"]["nodes"] if n["attributes"]["type"] == "submit"]
        assert (shown["state"], buttons) == ("choose_method", ["code", "password"])
        assert await mails(server, EMAIL) == []


async def test_with_hidden_accounts_the_second_screen_is_the_same_for_all(tmp_path: Path) -> None:
    async with mailing(tmp_path, "", PASSWORDLESS, schema(MEMBER), TWO_STEPS, HIDDEN) as server:
        await server.create(EMAIL)
        shown = []
        for email in (EMAIL, "bob@mail.test"):
            form = await begin(server, "login")
            answer = (await form.send(method="identifier_first", identifier=email)).json()
            shown.append([node["attributes"]["name"] for node in answer["ui"]["nodes"]])
        assert shown[0] == shown[1]

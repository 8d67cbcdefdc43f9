"""Recovery by a code in a mail."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from identity_server.configuration import load
from identity_server.wiring import rebuild
from integration.mailbox import Time, begin, browser, ids, last_mail, mailing, mails, open_page
from server_kit import Server

pytestmark = pytest.mark.anyio

TRANSITIONS = {"feature_flags": {"use_continue_with_transitions": True}}
EMAIL = "ada@mail.test"


async def asked(server: Server, email: str = EMAIL) -> tuple[Any, str]:
    form = await begin(server)
    assert (await form.ask(email)).status_code == 200
    return form, (await last_mail(server, email)).code


async def test_the_code_opens_the_account_and_leads_to_the_settings(server: Server) -> None:
    await server.create(EMAIL)
    page = await open_page(who := browser(server), query="?return_to=https://app.test/home")
    await page.send(method="code", email=EMAIL)
    answer = await page.send(method="code", code=(await last_mail(server, EMAIL)).code)
    assert (answer.status_code, answer.json()["error"]["id"]) == (422, "browser_location_change_required")
    settings = answer.json()["redirect_browser_to"].partition("flow=")[2]
    session = (await who.get("/sessions/whoami")).json()
    assert [(proof["method"], proof["aal"]) for proof in session["authentication_methods"]] == [
        ("code_recovery", "aal1")
    ]
    assert session["identity"]["verifiable_addresses"][0]["verified"] is True
    shown = (await who.get(f"/self-service/settings/flows?id={settings}")).json()
    assert ids(shown) == [1060001]
    assert shown["return_to"] == "https://app.test/home"


async def test_a_new_password_is_set_without_signing_in_again(server: Server) -> None:
    await server.create(EMAIL, credentials={"password": {"config": {"password": "old-Harbor-71-Crane"}}})
    page = await open_page(who := browser(server))
    await page.send(method="code", email=EMAIL)
    answer = await page.send(page=True, method="code", code=(await last_mail(server, EMAIL)).code)
    assert answer.status_code == 303
    settings = answer.headers["location"].partition("flow=")[2]
    shown = (await who.get(f"/self-service/settings/flows?id={settings}")).json()
    token = next(n["attributes"]["value"] for n in shown["ui"]["nodes"] if n["attributes"]["name"] == "csrf_token")
    form = {"method": "password", "password": "new-Meadow-58-Plough", "csrf_token": token}
    assert (await who.post(f"/self-service/settings?flow={settings}", json=form)).status_code == 200
    assert (await server.log_in(EMAIL, "old-Harbor-71-Crane")).status_code == 400
    assert (await server.log_in(EMAIL, "new-Meadow-58-Plough")).status_code == 200


async def test_an_app_gets_its_token_only_with_the_flag(server: Server, tmp_path: Path) -> None:
    await server.create(EMAIL)
    form, code = await asked(server)
    answer = await form.code(code)
    assert answer.status_code == 422
    assert "token" not in answer.text
    async with mailing(tmp_path, "", TRANSITIONS) as told:
        form, code = await asked(told)
        answer = (await form.code(code)).json()
        token = answer["continue_with"][0]["ory_session_token"]
        assert [step["action"] for step in answer["continue_with"]] == ["set_ory_session_token", "show_settings_ui"]
        assert (await told.public.get("/sessions/whoami", headers={"x-session-token": token})).status_code == 200


async def test_a_code_is_good_for_its_own_flow_alone(server: Server) -> None:
    await server.create(EMAIL)
    _, code = await asked(server)
    another, _ = await asked(server)
    answer = await another.code(code)
    assert (answer.status_code, ids(answer.json())) == (200, [4060006])


async def test_a_newer_code_voids_the_older(server: Server) -> None:
    await server.create(EMAIL)
    form, first = await asked(server)
    await form.ask(EMAIL)
    assert ids((await form.code(first)).json()) == [4060006]
    assert (await form.code((await last_mail(server, EMAIL)).code)).status_code == 422


async def test_a_used_code_starts_the_recovery_anew(server: Server) -> None:
    await server.create(EMAIL)
    form, code = await asked(server)
    await form.code(code)
    again = await form.code(code)
    assert again.status_code == 303
    shown = (await server.public.get(again.headers["location"])).json()
    assert (shown["state"], ids(shown)) == ("choose_method", [4000001])


async def test_a_late_code_starts_the_recovery_anew(server: Server, time: Time) -> None:
    await server.create(EMAIL)
    form, code = await asked(server)
    time.passes(minutes=59, seconds=59)
    assert ids((await form.code("nothing")).json()) == [4060006]
    time.passes(seconds=1)
    answer = await form.code(code)
    assert answer.status_code == 303
    assert ids((await server.public.get(answer.headers["location"])).json()) == [4060005]


async def test_a_late_code_is_told_in_steps_with_the_flag(tmp_path: Path, time: Time) -> None:
    short = {"selfservice": {"methods": {"code": {"config": {"lifespan": "1m"}}}}}
    async with mailing(tmp_path, "", TRANSITIONS, short, clock=time) as server:
        await server.create(EMAIL)
        form, code = await asked(server)
        time.passes(minutes=2)
        answer = await form.code(code)
        body = answer.json()
        assert (answer.status_code, body["error"]["id"]) == (410, "self_service_flow_expired")
        assert body["error"]["details"]["continue_with"][0]["flow"]["id"] == body["use_flow_id"]


async def test_a_flow_ends_after_its_lifespan(server: Server, time: Time) -> None:
    form = await begin(server)
    time.passes(hours=1)
    answer = await form.ask(EMAIL)
    assert answer.status_code == 303
    assert ids((await server.public.get(answer.headers["location"])).json()) == [4060005]
    assert (await server.public.get(f"/self-service/recovery/flows?id={form.id}")).status_code == 410


async def test_using_one_code_ends_the_others(server: Server) -> None:
    identity = (await server.create(EMAIL))["id"]
    made = await server.admin.post("/admin/recovery/code", json={"identity_id": identity})
    operators = made.json()
    form, code = await asked(server)
    await form.code(code)
    flow = operators["recovery_link"].partition("flow=")[2]
    refused = await browser(server).post(
        f"/self-service/recovery?flow={flow}", json={"method": "code", "code": operators["recovery_code"]}
    )
    assert refused.status_code == 303
    assert "ory_kratos_session" not in refused.headers.get("set-cookie", "")


async def test_an_account_that_is_switched_off_stays_shut(server: Server) -> None:
    identity = (await server.create(EMAIL))["id"]
    patch = [{"op": "replace", "path": "/state", "value": "inactive"}]
    await server.admin.patch(f"/admin/identities/{identity}", json=patch)
    form, code = await asked(server)
    assert (await form.code(code)).status_code == 401
    assert (await server.admin.get(f"/admin/identities/{identity}/sessions")).json() == []


async def test_a_code_outlives_the_rotation_of_secrets(server: Server, tmp_path: Path) -> None:
    await server.create(EMAIL)
    form, code = await asked(server)
    given = server.runtime.services.configuration.given()
    given["secrets"]["cookie"] = ["a-newer-cookie-secret-of-tests", *given["secrets"]["cookie"]]
    (tmp_path / "rotated.json").write_bytes(orjson.dumps(given))
    await rebuild(server.runtime, load([str(tmp_path / "rotated.json")], {}, {}))
    assert (await form.code(code)).status_code == 422


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"method": "code"}, 4000002),
        ({"method": "code", "email": ""}, 4000002),
        ({"method": "code", "email": 7}, 4000002),
        ({"method": "code", "email": "ada"}, 4000040),
        ({"method": "code", "email": "ada@mail.test\nbcc: eve@evil.test"}, 4000040),
        ({"method": "code", "email": "ada@mail.test,eve@evil.test"}, 4000040),
        ({"method": "code", "email": "a" * 300 + "@mail.test"}, 4000040),
        ({"method": "link", "email": "ada@mail.test"}, 4010005),
        ({"email": "ada@mail.test"}, 4010005),
    ],
)
async def test_bad_input_is_told_and_the_flow_stays_usable(
    server: Server, fields: dict[str, Any], message: int
) -> None:
    await server.create(EMAIL)
    form = await begin(server)
    refused = await form.send(**fields)
    assert (refused.status_code, ids(refused.json())) == (400, [message])
    assert (await form.ask(EMAIL)).status_code == 200


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"text"', b"\xff\xfe", b'{"transient_payload": 1}'])
async def test_an_unreadable_body_is_refused(server: Server, body: bytes) -> None:
    form = await begin(server)
    headers = {"content-type": "application/json"}
    answer = await server.public.post(f"/self-service/recovery?flow={form.id}", content=body, headers=headers)
    assert answer.status_code == 400


@pytest.mark.parametrize("flow", ["", "not-a-uuid", "11111111-2222-4333-8444-555555555555"])
async def test_a_flow_that_nobody_started_is_refused(server: Server, flow: str) -> None:
    answer = await server.public.post(f"/self-service/recovery?flow={flow}", json={"method": "code"})
    assert answer.status_code == (404 if flow else 400)


async def test_a_forged_submission_ends_the_forms_of_the_browser(server: Server) -> None:
    await server.create(EMAIL)
    page = await open_page(who := browser(server))
    forged = await who.post(f"/self-service/recovery?flow={page.id}", json={"method": "code", "email": EMAIL})
    assert (forged.status_code, forged.json()["error"]["id"]) == (403, "security_csrf_violation")
    assert (await page.send(method="code", email=EMAIL)).status_code == 403
    assert await mails(server, EMAIL) == []


async def test_a_forged_form_leads_to_the_error_page(server: Server) -> None:
    page = await open_page(who := browser(server))
    answer = await who.post(f"/self-service/recovery?flow={page.id}", data={"method": "code", "email": EMAIL})
    assert answer.headers["location"].startswith("https://app.test/error?id=")


async def test_an_apps_flow_is_not_for_browsers(server: Server) -> None:
    form = await begin(server)
    answer = await server.public.post(
        f"/self-service/recovery?flow={form.id}",
        json={"method": "code", "email": EMAIL},
        headers={"origin": "https://evil.test"},
    )
    assert (answer.status_code, ids(answer.json())) == (400, [4000001])


async def test_who_is_signed_in_recovers_nothing(server: Server) -> None:
    await server.create(EMAIL)
    page = await open_page(who := browser(server))
    await page.send(method="code", email=EMAIL)
    await page.send(method="code", code=(await last_mail(server, EMAIL)).code)
    as_script = await who.get("/self-service/recovery/browser", headers={"accept": "application/json"})
    assert (as_script.status_code, as_script.json()["error"]["id"]) == (400, "session_already_available")
    as_page = await who.get("/self-service/recovery/browser")
    assert (as_page.status_code, as_page.headers["location"]) == (302, "https://app.test/home")
    page = await open_page(another := browser(server))
    another.cookies.update(who.cookies)
    fresh = await another.get(f"/self-service/recovery/flows?id={page.id}")
    assert fresh.status_code == 403


async def test_a_flow_shows_in_its_own_browser_alone(server: Server) -> None:
    page = await open_page(browser(server))
    answer = await browser(server).get(f"/self-service/recovery/flows?id={page.id}")
    assert (answer.status_code, answer.json()["error"]["id"]) == (403, "security_csrf_violation")


async def test_nothing_starts_while_recovery_is_off_but_operators_still_help(tmp_path: Path) -> None:
    off = {"selfservice": {"flows": {"recovery": {"enabled": False}}}}
    async with mailing(tmp_path, "", off) as server:
        identity = (await server.create(EMAIL))["id"]
        assert (await server.public.get("/self-service/recovery/api")).status_code == 400
        page = await server.public.get("/self-service/recovery/browser")
        assert page.headers["location"].startswith("https://app.test/error?id=")
        made = (await server.admin.post("/admin/recovery/code", json={"identity_id": identity})).json()
        flow = made["recovery_link"].partition("flow=")[2]
        assert (await server.public.get(f"/self-service/recovery/flows?id={flow}")).status_code == 200
        form = {"method": "code", "code": made["recovery_code"]}
        assert (await browser(server).post(f"/self-service/recovery?flow={flow}", json=form)).status_code == 422


async def test_the_address_after_a_recovery_is_configured(tmp_path: Path) -> None:
    after = {"selfservice": {"flows": {"recovery": {"after": {"default_browser_return_url": "https://app.test/back"}}}}}
    async with mailing(tmp_path, "", after) as server:
        await server.create(EMAIL)
        page = await open_page(who := browser(server))
        await page.send(method="code", email=EMAIL)
        answer = await page.send(method="code", code=(await last_mail(server, EMAIL)).code)
        settings = answer.json()["redirect_browser_to"].partition("flow=")[2]
        shown = (await who.get(f"/self-service/settings/flows?id={settings}")).json()
        assert shown["return_to"] == "https://app.test/back"


async def test_unknown_addresses_are_told_only_on_demand(server: Server, tmp_path: Path) -> None:
    form = await begin(server)
    assert (await form.ask("nobody@mail.test")).status_code == 200
    assert await mails(server, "nobody@mail.test") == []
    tell = {"selfservice": {"flows": {"recovery": {"notify_unknown_recipients": True}}}}
    async with mailing(tmp_path, "", tell) as telling:
        form = await begin(telling)
        await form.ask("nobody@mail.test")
        assert [mail.type for mail in await mails(telling, "nobody@mail.test")] == ["recovery_code_invalid"]


async def test_what_the_client_sent_along_reaches_the_mail(server: Server) -> None:
    await server.create(EMAIL)
    form = await begin(server)
    await form.send(method="code", email=EMAIL, transient_payload={"brand": "blue"})
    data = (await last_mail(server, EMAIL)).data
    assert data["transient_payload"] == {"brand": "blue"}
    assert data["expires_in_minutes"] == 60
    assert data["request_url"].endswith("/self-service/recovery/api")
    assert data["identity"]["traits"] == {"email": EMAIL}
    assert "metadata_admin" not in data["identity"]
    assert "credentials" not in data["identity"]

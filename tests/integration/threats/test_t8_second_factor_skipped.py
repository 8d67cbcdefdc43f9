"""T8: no way leads around the second factor, and the same proof given twice is one factor."""

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from integration.factors import JSON, PASSWORD, Browser, Form, Stage, app_code, stage
from live_server import merged
from software_keys import SoftwareKey

pytestmark = pytest.mark.anyio
BY_MAIL = {
    "selfservice": {
        "methods": {"code": {"enabled": True, "mfa_enabled": True}},
        "flows": {"recovery": {"enabled": True}},
    }
}


async def with_app(there: Stage, email: str) -> str:
    """A person with an authenticator app; its secret."""
    await there.person(email)
    browser = there.browser()
    await browser.sign_in(email)
    return await browser.set_up_app(there.time.moment)


async def native_session(there: Stage, email: str) -> dict[str, str]:
    """The header of a session that gave the password alone."""
    answer = await there.server.log_in(email, PASSWORD)
    assert answer.status_code == 200, answer.text
    return {"x-session-token": str(answer.json()["session_token"])}


async def status(there: Stage, method: str, path: str, headers: dict[str, str], **body: Any) -> int:
    """The status of an app's request."""
    answer = await there.server.public.request(method, path, headers=headers, **body)
    return answer.status_code


async def level(there: Stage, headers: dict[str, str]) -> str:
    """What a session has reached, as operators see it."""
    answer = await there.server.public.get("/sessions/whoami", headers=headers)
    return str(answer.json().get("authenticator_assurance_level") or answer.json()["error"]["id"])


async def test_a_password_alone_opens_nothing(tmp_path: Path, dsn: str) -> None:
    async with stage(tmp_path, dsn) as there:
        await with_app(there, "ada@example.com")
        session = await native_session(there, "ada@example.com")
        for path in ("/sessions/whoami", "/sessions", "/self-service/settings/api"):
            assert await status(there, "GET", path, session) == 403
        for path in ("/sessions", "/sessions/00000000-0000-4000-8000-000000000001"):
            assert await status(there, "DELETE", path, session) == 403
        signed_in = await there.server.log_in("ada@example.com", PASSWORD)
        assert signed_in.json()["session"]["identity"] is None, "nothing about the person before the second factor"


async def test_settings_that_were_opened_before_do_not_take_a_weaker_session(tmp_path: Path) -> None:
    async with stage(tmp_path) as there:
        await there.person("ada@example.com")
        weak = await native_session(there, "ada@example.com")
        opened = (await there.server.public.get("/self-service/settings/api", headers=weak)).json()["id"]
        browser = there.browser()
        await browser.sign_in("ada@example.com")
        await browser.set_up_app(there.time.moment)
        for body in (
            {"method": "password", "password": "another-9-Password"},
            {"method": "profile", "traits": {"email": "eve@example.com"}},
            {"method": "totp", "totp_unlink": True},
            {"method": "lookup_secret", "lookup_secret_regenerate": True},
            {"lookup_secret_reveal": True},
        ):
            assert await status(there, "POST", f"/self-service/settings?flow={opened}", weak, json=body) == 403
        assert await status(there, "GET", f"/self-service/settings/flows?id={opened}", weak) == 403


@pytest.mark.parametrize("again", [{}, {"method": "password", "identifier": "ada@example.com", "password": PASSWORD}])
async def test_the_first_factor_again_is_no_second_one(tmp_path: Path, again: dict[str, str]) -> None:
    async with stage(tmp_path) as there:
        await with_app(there, "ada@example.com")
        session = await native_session(there, "ada@example.com")
        for query in ("?aal=aal2", "?refresh=true", "?aal=aal2&refresh=true"):
            flow = (await there.server.public.get(f"/self-service/login/api{query}", headers=session)).json()["id"]
            await status(there, "POST", f"/self-service/login?flow={flow}", session, json=again)
            assert await level(there, session) == "session_aal2_required"


async def test_a_second_factor_needs_a_session_and_lifts_only_its_own(tmp_path: Path, dsn: str) -> None:
    async with stage(tmp_path, dsn) as there:
        public = there.server.public
        secret = await with_app(there, "ada@example.com")
        evil = await with_app(there, "eve@example.com")
        there.time.move(seconds=60)
        ada, eve = await native_session(there, "ada@example.com"), await native_session(there, "eve@example.com")
        flow = (await public.get("/self-service/login/api?aal=aal2", headers=ada)).json()["id"]
        code = {"method": "totp", "totp_code": app_code(secret, there.time.moment)}
        path = f"/self-service/login?flow={flow}"
        assert await status(there, "POST", path, {}, json=code) == 401
        assert await status(there, "POST", path, eve, json=code) == 400, "ada's code is not eve's"
        own = {"method": "totp", "totp_code": app_code(evil, there.time.moment)}
        assert await status(there, "POST", path, ada, json=own) == 400, "eve's code is not ada's"
        assert await status(there, "POST", path, eve, json=own) == 200
        assert await level(there, eve) == "aal2"
        assert await level(there, ada) == "session_aal2_required"
        assert await status(there, "POST", path, ada, json=code) == 200
        assert await level(there, ada) == "aal2"


async def test_a_security_key_that_is_a_second_factor_signs_nobody_in_alone(tmp_path: Path) -> None:
    async with stage(tmp_path) as there:
        key = SoftwareKey()
        await there.person("ada@example.com")
        owner = there.browser()
        await owner.sign_in("ada@example.com")
        await owner.add_key(key)
        await there.person("eve@example.com")
        thief = there.browser()
        await thief.sign_in("eve@example.com")
        form = await thief.start("login", "?refresh=true")
        asked = {"publicKey": {"challenge": "AAAA", "rpId": "app.test"}}
        for method in ("webauthn", "passkey"):
            answer = json.dumps(key.get(asked))
            got = await thief.send(
                form, method=method, identifier="ada@example.com", webauthn_login=answer, passkey_login=answer
            )
            assert got.status_code == 400
        stranger = there.browser()
        form = await stranger.start("login")
        got = await stranger.send(form, method="webauthn", identifier="ada@example.com", webauthn_login="")
        assert got.status_code == 400
        assert (await thief.whoami()).json()["identity"]["traits"]["email"] == "eve@example.com"


async def test_with_a_session_of_one_s_own_another_s_key_is_still_no_first_factor(tmp_path: Path) -> None:
    async with stage(tmp_path) as there:
        hers, mine = SoftwareKey(), SoftwareKey()
        await there.person("ada@example.com")
        owner = there.browser()
        await owner.sign_in("ada@example.com")
        await owner.add_key(hers)
        await there.person("eve@example.com")
        thief = there.browser()
        await thief.sign_in("eve@example.com")
        await thief.add_key(mine)
        form = await thief.start("login", "?refresh=true")
        stolen = json.dumps(hers.get(form.value("webauthn_login_trigger")))
        got = await thief.send(form, method="webauthn", identifier="ada@example.com", webauthn_login=stolen)
        assert got.status_code == 400
        own = json.dumps(mine.get(form.value("webauthn_login_trigger")))
        assert (await thief.send(form, identifier="ada@example.com", webauthn_login=own)).status_code == 200
        assert (await thief.whoami()).json()["identity"]["traits"]["email"] == "eve@example.com"


async def recovered(there: Stage, identity_id: str) -> Browser:
    """A browser that got in with a code for recovery."""
    issued = await there.server.admin.post("/admin/recovery/code", json={"identity_id": identity_id})
    assert issued.status_code == 201, issued.text
    browser = there.browser()
    flow = issued.json()["recovery_link"].partition("flow=")[2]
    form = Form("recovery", {"id": flow, "ui": {"nodes": [{"attributes": {"name": "csrf_token", "value": ""}}]}})
    got = await browser.send(form, method="code", code=issued.json()["recovery_code"])
    assert got.status_code in (200, 422), got.text
    return browser


async def test_a_recovered_account_still_asks_for_the_second_factor(tmp_path: Path, dsn: str) -> None:
    open_settings = {"selfservice": {"flows": {"settings": {"required_aal": "aal1"}}}}
    async with stage(tmp_path, dsn, merged(BY_MAIL, open_settings)) as there:
        identity_id = await there.person("ada@example.com")
        browser = there.browser()
        await browser.sign_in("ada@example.com")
        secret = await browser.set_up_app(there.time.moment)
        there.time.move(seconds=60)
        thief = await recovered(there, identity_id)
        assert (await thief.whoami()).status_code == 403
        form = await thief.start("login", "?aal=aal2")
        assert "totp_code" in form.names
        assert not {"address", "code"} & set(form.names), "the mailbox that recovered the account proves nothing new"
        for fields in (
            {"method": "code", "address": "ada@example.com"},
            {"address": "ada@example.com"},
            {"method": "code"},
        ):
            assert (await thief.send(form, **fields)).status_code == 400
        assert (await thief.whoami()).status_code == 403
        right = app_code(secret, there.time.moment)
        assert (await thief.send(form, method="totp", totp_code=right)).status_code == 200
        assert (await thief.whoami()).status_code == 200


async def test_a_mailbox_twice_is_one_factor(tmp_path: Path, dsn: str) -> None:
    async with stage(tmp_path, dsn, BY_MAIL) as there:
        identity_id = await there.person("ada@example.com")
        thief = await recovered(there, identity_id)
        assert (await thief.whoami()).status_code == 403
        form = await thief.start("login", "?aal=aal2")
        assert set(form.names) <= {"csrf_token"}
        assert (await thief.send(form, method="code", address="ada@example.com")).status_code == 400
        assert (await thief.http.get("/self-service/settings/browser", headers=JSON)).status_code == 403


async def test_enrolment_does_not_lift_a_session_that_has_yet_to_give_the_second_factor(tmp_path: Path) -> None:
    async with stage(tmp_path) as there:
        await with_app(there, "ada@example.com")
        weak = there.browser()
        assert (await weak.sign_in("ada@example.com")).status_code == 422
        refused = await weak.http.get("/self-service/settings/browser", headers=JSON)
        assert refused.status_code == 403
        assert refused.json()["error"]["id"] == "session_aal2_required"


async def test_an_operator_who_removes_a_factor_ends_the_demand_for_it_at_once(tmp_path: Path) -> None:
    async with stage(tmp_path) as there:
        await with_app(there, "ada@example.com")
        session = await native_session(there, "ada@example.com")
        assert await level(there, session) == "session_aal2_required"
        found: httpx2.Response = await there.server.admin.get("/admin/identities")
        identity_id = found.json()[0]["id"]
        assert (await there.server.admin.delete(f"/admin/identities/{identity_id}/credentials/totp")).status_code == 204
        assert await level(there, session) == "aal1"

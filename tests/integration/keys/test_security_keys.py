"""Security keys, as a second factor and instead of a password."""

import json
from pathlib import Path

import pytest

from integration.factors import Form, Stage, stage
from software_keys import SoftwareKey

pytestmark = pytest.mark.anyio
PASSWORDLESS = {"selfservice": {"methods": {"webauthn": {"config": {"passwordless": True}}}}}
HTML = {"accept": "text/html"}
NO_USER, NO_KEY, PREPARE, REQUIRED = 4000015, 4000013, 1010012, 4000002


async def sign_up(there: Stage, key: SoftwareKey, email: str) -> None:
    browser = there.browser()
    form = await browser.start("registration")
    made = json.dumps(key.create(form.value("webauthn_register_trigger")))
    fields = {"webauthn_register": made, "webauthn_register_displayname": "Stick"}
    got = await browser.send(form, traits={"email": email}, **fields)
    assert got.status_code == 200, got.text


async def test_a_page_leads_from_the_name_to_the_key(tmp_path: Path, dsn: str) -> None:
    async with stage(tmp_path, dsn, PASSWORDLESS) as there:
        key, browser = SoftwareKey(), there.browser()
        await sign_up(there, key, "ada@example.com")
        form = await browser.start("login")
        page = {"csrf_token": form.value("csrf_token"), "method": "webauthn", "identifier": "ADA@example.com"}
        target = f"/self-service/login?flow={form.flow['id']}"
        got = await browser.http.post(target, data=page, headers=HTML)
        assert got.status_code == 303
        second = await browser.look(form)
        assert second.messages == [PREPARE]
        assert second.names == [
            "identifier",
            "csrf_token",
            "webauthn_script",
            "webauthn_login_trigger",
            "webauthn_login",
        ]
        page["webauthn_login"] = json.dumps(key.get(second.value("webauthn_login_trigger")))
        page["csrf_token"] = second.value("csrf_token")
        del page["method"]
        got = await browser.http.post(target, data=page, headers=HTML)
        assert (got.status_code, got.headers["location"]) == (303, "https://app.test/home")
        methods = (await browser.whoami()).json()["authentication_methods"]
        assert [(each["method"], each["aal"]) for each in methods] == [("webauthn", "aal1")]


async def test_who_has_no_key_is_told_so(tmp_path: Path) -> None:
    async with stage(tmp_path, overrides=PASSWORDLESS) as there:
        await there.person("bob@example.com")
        for named in ("bob@example.com", "nobody@example.com", "\0", "x" * 5000):
            browser = there.browser()
            got = await browser.send(await browser.start("login"), method="webauthn", identifier=named)
            assert (got.status_code, Form("", got.json()).messages) == (400, [NO_USER])


async def test_a_key_needs_a_name_that_is_not_too_long(tmp_path: Path) -> None:
    async with stage(tmp_path) as there:
        await there.person("ada@example.com")
        browser = there.browser()
        await browser.sign_in("ada@example.com")
        form = await browser.start("settings")
        made = json.dumps(SoftwareKey().create(form.value("webauthn_register_trigger")))
        for name, message in (("", REQUIRED), ("x" * 256, 4000017)):
            got = await browser.send(form, webauthn_register=made, webauthn_register_displayname=name)
            assert (got.status_code, Form("", got.json()).messages) == (400, [message])
        got = await browser.send(form, webauthn_register=made, webauthn_register_displayname="x" * 255)
        assert got.status_code == 200


async def test_second_factor_keys_may_all_be_removed(tmp_path: Path) -> None:
    async with stage(tmp_path) as there:
        identity_id = await there.person("ada@example.com")
        key, browser = SoftwareKey(), there.browser()
        await browser.sign_in("ada@example.com")
        await browser.add_key(key)
        form = await browser.start("settings")
        assert form.node("webauthn_remove")["attributes"]["disabled"] is False
        got = await browser.send(form, webauthn_remove="00ff")
        assert got.status_code == 400
        assert (await browser.send(form, webauthn_remove=key.id.hex())).status_code == 200
        assert await there.credential(identity_id, "webauthn") == {}
        other = there.browser()
        assert (await other.sign_in("ada@example.com")).status_code == 200, "there is no second factor any more"


async def test_the_refusal_to_remove_the_last_key_stands_at_its_button(tmp_path: Path) -> None:
    async with stage(tmp_path, overrides=PASSWORDLESS) as there:
        key = SoftwareKey()
        browser = there.browser()
        form = await browser.start("registration")
        made = json.dumps(key.create(form.value("webauthn_register_trigger")))
        await browser.send(form, traits={"email": "ada@example.com"}, webauthn_register=made)
        got = await browser.send(await browser.start("settings"), webauthn_remove=key.id.hex())
        assert got.status_code == 400
        refused = Form("settings", got.json())
        assert [each["id"] for each in refused.node("webauthn_remove")["messages"]] == [4000001]


async def test_a_key_confirms_a_session_and_lifts_it(tmp_path: Path) -> None:
    async with stage(tmp_path) as there:
        await there.person("ada@example.com")
        key, browser = SoftwareKey(), there.browser()
        await browser.sign_in("ada@example.com")
        await browser.add_key(key)
        form = await browser.start("login", "?refresh=true")
        answer = json.dumps(key.get(form.value("webauthn_login_trigger")))
        got = await browser.send(form, webauthn_login=answer, identifier="ada@example.com")
        assert got.status_code == 200
        assert got.json()["session"]["authenticator_assurance_level"] == "aal2"


async def test_without_a_key_the_second_challenge_knows_of_none(tmp_path: Path) -> None:
    async with stage(tmp_path) as there:
        await there.person("ada@example.com")
        browser = there.browser()
        await browser.sign_in("ada@example.com")
        form = await browser.start("login", "?aal=aal2")
        assert form.names == ["csrf_token"]
        got = await browser.send(form, method="webauthn", webauthn_login="{}")
        assert (got.status_code, Form("", got.json()).messages) == (400, [NO_KEY])


async def test_keys_that_are_there_are_named_to_the_browser_outside_development(tmp_path: Path) -> None:
    # Cookies go over plain HTTP here.
    live = {"dev": False, "cookies": {"secure": False}, "session": {"cookie": {"secure": False}}}
    async with stage(tmp_path, overrides=live) as there:
        await there.person("ada@example.com")
        key, browser = SoftwareKey(), there.browser()
        await browser.sign_in("ada@example.com")
        await browser.add_key(key)
        form = await browser.start("settings")
        for name in ("webauthn_register_trigger",):
            excluded = json.loads(form.value(name))["publicKey"]["excludeCredentials"]
            assert [each["type"] for each in excluded] == ["public-key"]
        assert "excludeCredentials" not in json.loads(form.value("passkey_create_data"))["publicKey"]

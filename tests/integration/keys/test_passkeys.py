"""Passkeys from sign-up to removal."""

import json
from pathlib import Path

import pytest

from integration.factors import JSON, PASSWORD, Browser, Form, Stage, stage
from software_keys import BACKED_UP, BACKUP_ELIGIBLE, PRESENT, VERIFIED, SoftwareKey

pytestmark = pytest.mark.anyio
GOOGLE = bytes.fromhex("ea9b8d664d011d213ce4b6b48cb575d4")
DUPLICATE, MISSING, LAST, NOT_FOUND = 4000007, 4000002, 4000001, 4000037


async def sign_in(there: Stage, key: SoftwareKey, browser: Browser | None = None) -> Browser:
    """A browser that signed in with a passkey."""
    browser = browser or there.browser()
    form = await browser.start("login")
    answer = json.dumps(key.get(form.value("passkey_challenge")))
    got = await browser.send(form, passkey_login=answer)
    assert got.status_code == 200, got.text
    return browser


async def test_whose_passkey_it_is_needs_no_typing(tmp_path: Path, dsn: str) -> None:
    async with stage(tmp_path, dsn) as there:
        ada, bob = SoftwareKey(), SoftwareKey()
        await there.browser().register_passkey(ada, "ada@example.com")
        await there.browser().register_passkey(bob, "bob@example.com")
        session = (await (await sign_in(there, bob)).whoami()).json()
        assert session["identity"]["traits"]["email"] == "bob@example.com"
        assert [(each["method"], each["aal"]) for each in session["authentication_methods"]] == [("passkey", "aal1")]


async def test_what_the_authenticator_tells_is_kept(tmp_path: Path) -> None:
    async with stage(tmp_path) as there:
        key = SoftwareKey(model=GOOGLE, flags=PRESENT | VERIFIED | BACKUP_ELIGIBLE)
        identity_id = await there.browser().register_passkey(key, "ada@example.com")
        (entry,) = (await there.credential(identity_id, "passkey"))["credentials"]
        assert entry["display_name"] == "Google Password Manager"
        assert entry["flags"]["backup_eligible"]
        assert not entry["flags"]["backup_state"]
        key.flags |= BACKED_UP
        await sign_in(there, key)
        (entry,) = (await there.credential(identity_id, "passkey"))["credentials"]
        assert entry["flags"]["backup_state"]
        assert entry["authenticator"]["sign_count"] == 2


async def test_a_sign_up_that_fails_can_be_mended_in_the_same_form(tmp_path: Path) -> None:
    async with stage(tmp_path) as there:
        await there.person("ada@example.com")
        browser, key = there.browser(), SoftwareKey()
        form = await browser.start("registration")
        made = json.dumps(key.create(form.value("passkey_create_data")))
        refused = await browser.send(form, traits={}, passkey_register=made)
        assert (refused.status_code, Form("", refused.json()).messages) == (400, [MISSING])
        refused = await browser.send(form, traits={"email": "ada@example.com"}, passkey_register=made)
        form = Form("registration", refused.json())
        assert (refused.status_code, form.messages) == (400, [DUPLICATE])
        made = json.dumps(key.create(form.value("passkey_create_data")))
        done = await browser.send(form, traits={"email": "eve@example.com"}, passkey_register=made)
        assert done.status_code == 200


@pytest.mark.parametrize("value", ["", "true"])
async def test_an_empty_field_of_a_passkey_is_no_sign_up_with_one(tmp_path: Path, value: str) -> None:
    async with stage(tmp_path) as there:
        browser = there.browser()
        form = await browser.start("registration")
        fields = {"method": "password", "password": PASSWORD, "passkey_register": value}
        got = await browser.send(form, traits={"email": "ada@example.com"}, **fields)
        assert got.status_code == 200


async def test_the_last_way_in_stays_until_there_is_another(tmp_path: Path) -> None:
    async with stage(tmp_path) as there:
        first, second, browser = SoftwareKey(), SoftwareKey(), there.browser()
        await browser.register_passkey(first, "ada@example.com")
        form = await browser.start("settings")
        assert form.node("passkey_remove")["attributes"]["disabled"] is True
        got = await browser.send(form, passkey_remove=first.id.hex())
        assert (got.status_code, Form("", got.json()).messages) == (400, [LAST])
        made = json.dumps(second.create(form.value("passkey_create_data")))
        got = await browser.send(form, passkey_settings_register=made)
        assert got.status_code == 200
        assert (await browser.send(Form("settings", got.json()), passkey_remove=first.id.hex())).status_code == 200
        await sign_in(there, second)
        form = await there.browser().start("login")
        stranger = there.browser()
        form = await stranger.start("login")
        gone = json.dumps(first.get(form.value("passkey_challenge")))
        assert (await stranger.send(form, passkey_login=gone)).status_code == 400


async def test_the_same_passkey_is_not_added_twice(tmp_path: Path) -> None:
    async with stage(tmp_path) as there:
        key, browser = SoftwareKey(), there.browser()
        await browser.register_passkey(key, "ada@example.com")
        form = await browser.start("settings")
        again = json.dumps(key.create(form.value("passkey_create_data")))
        assert (await browser.send(form, passkey_settings_register=again)).status_code == 400


async def test_a_passkey_confirms_a_session(tmp_path: Path) -> None:
    async with stage(tmp_path) as there:
        key, browser = SoftwareKey(), there.browser()
        await browser.register_passkey(key, "ada@example.com")
        before = (await browser.whoami()).json()
        there.time.move(hours=1)
        form = await browser.start("login", "?refresh=true")
        assert form.value("identifier") == "ada@example.com"
        asked = json.loads(form.value("passkey_challenge"))["publicKey"]
        assert len(asked["allowCredentials"]) == 1
        answer = json.dumps(key.get(form.value("passkey_challenge")))
        assert (await browser.send(form, passkey_login=answer)).status_code == 200
        after = (await browser.whoami()).json()
        assert after["id"] == before["id"]
        assert after["authenticated_at"] > before["authenticated_at"]


async def test_beside_an_identifier_passkeys_are_offered_to_who_has_one(tmp_path: Path) -> None:
    two_screens = {"selfservice": {"flows": {"login": {"style": "identifier_first"}}}}
    async with stage(tmp_path, overrides=two_screens) as there:
        key = SoftwareKey()
        await there.browser().register_passkey(key, "ada@example.com")
        await there.person("bob@example.com")
        browser = there.browser()
        form = await browser.start("login")
        assert {"passkey_challenge", "passkey_login", "webauthn_script"} <= set(form.names)
        assert "passkey_login_trigger" not in form.names
        named = await browser.send(form, method="identifier_first", identifier="bob@example.com")
        assert "passkey_login_trigger" not in Form("", named.json()).names
        browser = there.browser()
        form = await browser.start("login")
        named = Form(
            "login", (await browser.send(form, method="identifier_first", identifier="ada@example.com")).json()
        )
        assert "passkey_login_trigger" in named.names
        answer = json.dumps(key.get(named.value("passkey_challenge")))
        assert (await browser.send(named, passkey_login=answer)).status_code == 200


async def test_the_first_of_two_screens_of_a_sign_up_has_no_keys(tmp_path: Path) -> None:
    two_steps = {"selfservice": {"flows": {"registration": {"enable_legacy_one_step": False}}}}
    async with stage(tmp_path, overrides=two_steps) as there:
        browser, key = there.browser(), SoftwareKey()
        form = await browser.start("registration")
        assert not [name for name in form.names if name.startswith("passkey")]
        got = await browser.send(form, method="profile", traits={"email": "ada@example.com"})
        form = Form("registration", got.json())
        assert {"passkey_create_data", "passkey_register"} <= set(form.names)
        made = json.dumps(key.create(form.value("passkey_create_data")))
        done = await browser.send(form, traits={"email": "ada@example.com"}, passkey_register=made)
        assert done.status_code == 200
        await sign_in(there, key)


async def test_an_app_has_no_passkeys(tmp_path: Path) -> None:
    async with stage(tmp_path) as there:
        for kind in ("login", "registration"):
            form = Form(kind, (await there.server.public.get(f"/self-service/{kind}/api")).json())
            assert not [name for name in form.names if "passkey" in name or "webauthn" in name]
            body = {"method": "passkey", "passkey_login": "{}", "passkey_register": "{}", "traits": {}}
            got = await there.server.public.post(f"/self-service/{kind}?flow={form.flow['id']}", json=body)
            assert got.status_code == 400


@pytest.mark.parametrize("text", ["{", "[]", "null", '{"id": 7}', "A" * 70_000])
async def test_nonsense_is_told_as_such(tmp_path: Path, text: str) -> None:
    async with stage(tmp_path) as there:
        browser = there.browser()
        got = await browser.send(await browser.start("login"), passkey_login=text)
        assert (got.status_code, Form("", got.json()).messages) == (400, [4000001])
        form = await browser.start("registration")
        got = await browser.send(form, passkey_register=text, traits={"email": "ada@example.com"})
        assert (got.status_code, Form("", got.json()).messages) == (400, [4000001])
        assert Form("", got.json()).value("traits.email") == "ada@example.com"


async def test_the_script_is_the_one_that_forms_vouch_for(tmp_path: Path) -> None:
    import base64
    import hashlib

    async with stage(tmp_path) as there:
        form = await there.browser().start("login")
        node = form.node("webauthn_script")["attributes"]
        got = await there.server.public.get(node["src"], headers=JSON)
        assert got.status_code == 200
        assert got.headers["content-type"].startswith("text/javascript")
        assert node["integrity"] == "sha512-" + base64.b64encode(hashlib.sha512(got.content).digest()).decode()
        assert "set-cookie" not in got.headers

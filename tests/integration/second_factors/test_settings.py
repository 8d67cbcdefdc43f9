"""Setting up second factors, as pages and apps do it."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from integration.factors import JSON, PASSWORD, Form, Stage, app_code, stage
from software_keys import SoftwareKey

pytestmark = pytest.mark.anyio
HTML = {"accept": "text/html"}
SAVED, ASK_AGAIN = 1050001, "session_refresh_required"


async def signed_in(there: Stage, email: str = "ada@example.com"):
    await there.person(email)
    browser = there.browser()
    await browser.sign_in(email)
    return browser


async def test_the_picture_and_the_letters_say_the_same_secret(tmp_path: Path) -> None:
    async with stage(tmp_path) as there:
        browser = await signed_in(there)
        form = await browser.start("settings")
        picture = form.node("totp_qr")["attributes"]
        assert (picture["width"], picture["height"]) == (256, 256)
        assert picture["src"].startswith("data:image/png;base64,")
        secret = form.node("totp_secret_key")["attributes"]["text"]["context"]["secret"]
        again = await browser.start("settings")
        assert again.node("totp_secret_key")["attributes"]["text"]["context"]["secret"] != secret
        code = app_code(secret, there.time.moment)
        assert (await browser.send(again, method="totp", totp_code=code)).status_code == 400, "a secret has its form"
        assert (await browser.send(form, method="totp", totp_code=code)).status_code == 200


async def test_the_app_s_entry_bears_the_site_s_and_the_person_s_name(tmp_path: Path) -> None:
    async with stage(tmp_path) as there:
        identity_id = await there.person("ada@example.com")
        browser = there.browser()
        await browser.sign_in("ada@example.com")
        await browser.set_up_app(there.time.moment)
        url = urlsplit((await there.credential(identity_id, "totp"))["totp_url"])
        assert (url.scheme, url.netloc, url.path) == ("otpauth", "totp", "/Site:ada@example.com")
        query = parse_qs(url.query)
        assert {name: value[0] for name, value in query.items() if name != "secret"} == {
            "algorithm": "SHA1",
            "digits": "6",
            "issuer": "Site",
            "period": "30",
        }


async def test_buttons_of_a_page_name_no_method(tmp_path: Path) -> None:
    async with stage(tmp_path) as there:
        browser = await signed_in(there)
        await browser.set_up_app(there.time.moment)
        form = await browser.start("settings")
        pressed = {"csrf_token": form.value("csrf_token"), "totp_unlink": "true"}
        got = await browser.http.post(f"/self-service/settings?flow={form.flow['id']}", data=pressed, headers=HTML)
        assert got.status_code == 303
        assert "totp_qr" in (await browser.look(form)).names
        shown = await browser.start("settings")
        pressed = {"csrf_token": shown.value("csrf_token"), "lookup_secret_regenerate": "true"}
        await browser.http.post(f"/self-service/settings?flow={shown.flow['id']}", data=pressed, headers=HTML)
        made = await browser.look(shown)
        assert made.names[-2:] == ["lookup_secret_codes", "lookup_secret_confirm"]


@pytest.mark.parametrize(
    "pressed",
    [
        {"lookup_secret_reveal": True},
        {"lookup_secret_regenerate": True},
        {"lookup_secret_disable": True},
        {"totp_unlink": True},
        {"webauthn_remove": "00"},
        {"passkey_remove": "00"},
        {"method": "totp", "totp_code": "000000"},
    ],
)
async def test_a_sign_in_of_long_ago_is_not_enough(tmp_path: Path, pressed: dict[str, object]) -> None:
    short = {"selfservice": {"flows": {"settings": {"privileged_session_max_age": "5m"}}}}
    async with stage(tmp_path, overrides=short) as there:
        browser = await signed_in(there)
        form = await browser.start("settings")
        there.time.move(minutes=6)
        got = await browser.send(form, **pressed)
        assert got.status_code == 403
        assert got.json()["error"]["id"] == ASK_AGAIN


async def test_revealed_codes_are_not_stored_in_clear_and_nobody_else_sees_them(tmp_path: Path) -> None:
    async with stage(tmp_path) as there:
        browser = await signed_in(there)
        codes = await browser.make_backup_codes()
        form = await browser.start("settings")
        await browser.send(form, lookup_secret_reveal=True)
        other = there.browser()
        refused = await other.http.get(f"/self-service/settings/flows?id={form.flow['id']}", headers=JSON)
        assert refused.status_code == 401
        assert codes[0] not in refused.text


async def test_codes_that_were_not_confirmed_are_not_stored(tmp_path: Path) -> None:
    async with stage(tmp_path) as there:
        identity_id = await there.person("ada@example.com")
        browser = there.browser()
        await browser.sign_in("ada@example.com")
        form = await browser.start("settings")
        await browser.send(form, lookup_secret_regenerate=True)
        assert await there.credential(identity_id, "lookup_secret") == {}
        other = await browser.start("settings")
        got = await browser.send(other, lookup_secret_confirm=True)
        assert got.status_code == 400, "another form has made none"


async def test_an_app_sets_factors_up_but_has_no_keys(tmp_path: Path) -> None:
    async with stage(tmp_path) as there:
        await there.person("ada@example.com")
        token = (await there.server.log_in("ada@example.com", PASSWORD)).json()["session_token"]
        answer = await there.server.public.get("/self-service/settings/api", headers={"x-session-token": token})
        form = Form("settings", answer.json())
        assert {"totp_qr", "lookup_secret_regenerate"} <= set(form.names)
        assert not [name for name in form.names if name.startswith(("webauthn", "passkey"))]
        got = await there.server.public.post(
            f"/self-service/settings?flow={form.flow['id']}",
            json={"method": "webauthn", "webauthn_register": "{}"},
            headers={"x-session-token": token},
        )
        assert got.status_code == 400


async def test_a_factor_counts_for_the_session_that_enrolled_it(tmp_path: Path) -> None:
    async with stage(tmp_path) as there:
        browser = await signed_in(there)
        await browser.set_up_app(there.time.moment)
        session = (await browser.whoami()).json()
        assert session["authenticator_assurance_level"] == "aal2"
        assert [each["method"] for each in session["authentication_methods"]] == ["password", "totp"]
        key = SoftwareKey()
        await browser.add_key(key)
        methods = (await browser.whoami()).json()["authentication_methods"]
        assert [(each["method"], each["aal"]) for each in methods][-1] == ("webauthn", "aal2")


@pytest.mark.parametrize("algorithm", ["noop", "aes", "xchacha20-poly1305"])
async def test_factors_outlive_the_rotation_of_secrets(tmp_path: Path, algorithm: str) -> None:
    before = {"ciphers": {"algorithm": "noop"}} if algorithm == "noop" else {"ciphers": {"algorithm": algorithm}}
    async with stage(tmp_path, overrides=before) as there:
        browser = await signed_in(there)
        secret = await browser.set_up_app(there.time.moment)
        codes = await browser.make_backup_codes()
        moment = there.time.moment
    rotated = {
        "ciphers": {"algorithm": "aes" if algorithm == "noop" else algorithm},
        "secrets": {"cipher": ["a-new-cipher-secret-of-32-chars!", "a-cipher-secret-of-tests-32-char"]},
    }
    async with stage(tmp_path, overrides=rotated) as there:
        there.time.moment = moment
        for fields in (
            {"method": "totp", "totp_code": app_code(secret, moment, steps=1)},
            {"method": "lookup_secret", "lookup_secret": codes[0]},
        ):
            browser = there.browser()
            await browser.sign_in("ada@example.com")
            form = await browser.start("login", "?aal=aal2")
            assert (await browser.send(form, **fields)).status_code == 200


async def test_a_page_that_was_answered_goes_back_where_it_came_from(tmp_path: Path) -> None:
    allowed = {"selfservice": {"allowed_return_urls": ["https://app.test"]}}
    async with stage(tmp_path, overrides=allowed) as there:
        browser = await signed_in(there)
        secret = await browser.set_up_app(there.time.moment)
        other = there.browser()
        form = await other.start("login", "?return_to=https%3A%2F%2Fapp.test%2Fcart")
        fields = {"method": "password", "identifier": "ada@example.com", "password": PASSWORD}
        page = {"csrf_token": form.value("csrf_token"), **fields}
        got = await other.http.post(f"/self-service/login?flow={form.flow['id']}", data=page, headers=HTML)
        assert got.status_code == 303
        assert "aal=aal2" in got.headers["location"]
        query = "?" + urlsplit(got.headers["location"]).query
        form = await other.start("login", query)
        there.time.move(seconds=30)
        page = {"csrf_token": form.value("csrf_token"), "method": "totp"}
        page["totp_code"] = app_code(secret, there.time.moment)
        got = await other.http.post(f"/self-service/login?flow={form.flow['id']}", data=page, headers=HTML)
        assert (got.status_code, got.headers["location"]) == (303, "https://app.test/cart")


async def test_settings_that_want_a_second_factor_say_where_to_come_back_to(tmp_path: Path) -> None:
    pages = {
        "allowed_return_urls": ["https://app.test"],
        "flows": {"settings": {"ui_url": "https://app.test/settings"}},
    }
    async with stage(tmp_path, overrides={"selfservice": pages}) as there:
        strong = await signed_in(there)
        form = await strong.start("settings")
        await strong.set_up_app(there.time.moment)
        weak = there.browser()
        await weak.sign_in("ada@example.com")

        async def way_back(path: str, **headers: str) -> str:
            got = await weak.http.get(path, headers=headers or JSON)
            url = got.headers["location"] if headers else got.json()["redirect_browser_to"]
            assert "/self-service/login/browser?aal=aal2" in url
            return "".join(parse_qs(urlsplit(url).query).get("return_to", []))

        start = "/self-service/settings/browser"
        assert await way_back(start, **HTML) == ""
        wanted = f"{start}?return_to=https%3A%2F%2Fapp.test%2Fcart"
        assert (await way_back(wanted, **HTML)).endswith(wanted)
        flow = form.flow["id"]
        assert await way_back(f"/self-service/settings/flows?id={flow}") == f"https://app.test/settings?flow={flow}"


async def test_a_page_that_is_not_on_the_list_is_no_place_to_come_back_to(tmp_path: Path) -> None:
    pages = {"flows": {"settings": {"ui_url": "https://pages.test/settings"}}}
    async with stage(tmp_path, overrides={"selfservice": pages}) as there:
        strong = await signed_in(there)
        form = await strong.start("settings")
        await strong.set_up_app(there.time.moment)
        weak = there.browser()
        await weak.sign_in("ada@example.com")
        got = await weak.http.get(f"/self-service/settings/flows?id={form.flow['id']}", headers=JSON)
        again = await weak.http.get(got.json()["redirect_browser_to"], headers=JSON)
        assert again.status_code == 200

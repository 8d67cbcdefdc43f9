"""T3: a stranger locks nobody out of their own devices, and devices give nobody more guesses than that takes."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from integration.factors import PASSWORD, Browser, Form, Stage, app_code, stage
from integration.mailbox import last_mail
from live_server import merged

pytestmark = pytest.mark.anyio
EMAIL, NEW = "ada@example.com", "another-Mill-8-Sail"
ON: dict[str, Any] = {
    "security": {
        "brute_force": {"enabled": True, "messages": {"attempts": 1000}, "per_identifier": {"first_wait": "1h"}}
    },
    "selfservice": {
        "methods": {"code": {"enabled": True, "passwordless_enabled": True}},
        "flows": {
            "recovery": {"enabled": True, "use": "code", "ui_url": "https://app.test/recovery"},
            "verification": {"enabled": True, "use": "code", "ui_url": "https://app.test/verification"},
        },
    },
}
PASSWORDS_ALONE: dict[str, Any] = {
    "session": {"whoami": {"required_aal": "aal1"}},
    "selfservice": {"flows": {"settings": {"required_aal": "aal1"}}},
}
SIMPLE = merged(ON, PASSWORDS_ALONE)


async def log_in(browser: Browser, password: str = PASSWORD) -> int:
    """The status of a login by whoever is not signed in, but keeps the mark of the device."""
    sign_out(browser)
    form = await browser.start("login")
    return (await browser.send(form, method="password", identifier=EMAIL, password=password)).status_code


def sign_out(browser: Browser) -> None:
    for name in list(browser.http.cookies):
        if name.startswith("ory_kratos_session"):
            browser.http.cookies.delete(name)


async def guess_as_a_stranger(there: Stage) -> None:
    """Guesses until strangers have to wait."""
    answers = [await log_in(there.browser(), "wrong") for _ in range(11)]
    assert answers[-1] == 429


# -- who is known -------------------------------------------------------------------


async def recovered(browser: Browser, there: Stage) -> None:
    form = await browser.start("recovery")
    await browser.send(form, method="code", email=EMAIL)
    answer = await browser.send(form, method="code", code=(await last_mail(there.server, EMAIL)).code)
    assert answer.status_code == 422, answer.text


async def change_password(browser: Browser, password: str) -> None:
    form = await browser.start("settings")
    answer = await browser.send(form, method="password", password=password)
    assert answer.status_code == 200, answer.text


async def sign_up(browser: Browser) -> None:
    form = await browser.start("registration")
    answer = await browser.send(form, method="password", password=PASSWORD, traits={"email": EMAIL})
    assert answer.status_code == 200, answer.text


async def test_a_device_is_known_from_its_sign_up_on(tmp_path: Path) -> None:
    async with stage(tmp_path, overrides=SIMPLE) as there:
        browser = there.browser()
        await sign_up(browser)
        await guess_as_a_stranger(there)
        assert await log_in(browser) == 200


async def test_a_device_is_known_after_a_recovery(tmp_path: Path) -> None:
    async with stage(tmp_path, overrides=SIMPLE) as there:
        await there.person(EMAIL)
        browser = there.browser()
        await recovered(browser, there)
        await guess_as_a_stranger(there)
        assert await log_in(browser) == 200


async def test_after_a_new_password_the_device_that_chose_it_is_known_and_no_other(tmp_path: Path) -> None:
    async with stage(tmp_path, overrides=SIMPLE) as there:
        await there.person(EMAIL)
        browser, other = there.browser(), there.browser()
        for each in (browser, other):
            assert await log_in(each) == 200
        await change_password(browser, NEW)
        await guess_as_a_stranger(there)
        assert await log_in(browser, NEW) == 200
        assert await log_in(other, NEW) == 429


async def test_a_mark_is_worth_nothing_for_another_account(tmp_path: Path) -> None:
    async with stage(tmp_path, overrides=SIMPLE) as there:
        await there.person(EMAIL)
        await there.person("eve@example.com")
        browser = there.browser()
        await browser.sign_in("eve@example.com")
        await guess_as_a_stranger(there)
        assert await log_in(browser) == 429


# -- what it is worth ------------------------------------------------------------------


async def looked_at(browsers: list[Browser], each: int) -> int:
    """How many wrong passwords are looked at when every browser tries so often."""
    answers = Counter([await log_in(browser, "wrong") for _ in range(each) for browser in browsers])
    assert set(answers) <= {400, 429}
    return answers[400]


async def marked(there: Stage, count: int) -> list[Browser]:
    """So many known devices."""
    browsers = [there.browser() for _ in range(count)]
    for browser in browsers:
        assert await log_in(browser) == 200
    return browsers


async def test_marks_of_an_old_password_give_no_further_guesses(tmp_path: Path, dsn: str) -> None:
    async with stage(tmp_path, dsn, SIMPLE) as there:
        await there.person(EMAIL)
        thief = await marked(there, 12)
        owner = there.browser()
        assert await log_in(owner) == 200
        await change_password(owner, NEW)
        assert await looked_at(thief, 2) == 10
        assert await log_in(owner, NEW) == 200


async def test_marks_without_end_give_no_guesses_without_end(tmp_path: Path) -> None:
    async with stage(tmp_path, overrides=SIMPLE) as there:
        await there.person(EMAIL)
        browsers = [*await marked(there, 15), *(there.browser() for _ in range(3))]
        assert 20 < await looked_at(browsers, 5) <= 60


# -- codes -----------------------------------------------------------------------------


async def type_code(browser: Browser, kind: str, code: str = "", there: Stage | None = None, *, count: int = 1) -> int:
    """The status after typing codes into a new flow: a given one so often, or the right one."""
    fields = {"identifier": EMAIL} if kind == "login" else {"email": EMAIL}
    form = await browser.start(kind)
    asked = await browser.send(form, method="code", **fields)
    assert asked.status_code in (200, 400), asked.text
    if there is not None:
        code = (await last_mail(there.server, EMAIL)).code
    again = fields if kind == "login" else {}
    return [(await browser.send(form, method="code", code=code, **again)).status_code for _ in range(count)][-1]


KINDS = ("recovery", "verification", "login")


@pytest.mark.parametrize("kind", KINDS)
async def test_a_strangers_wrong_codes_lock_nobody_out_of_a_known_device(tmp_path: Path, dsn: str, kind: str) -> None:
    async with stage(tmp_path, dsn, SIMPLE) as there:
        await there.person(EMAIL)
        browser, stranger = there.browser(), there.browser()
        assert await log_in(browser) == 200
        sign_out(browser)
        for number in range(4):
            assert await type_code(stranger, KINDS[number % 3], "000000", count=5) != 429
        assert await type_code(stranger, kind, "000000") == 429
        assert await type_code(stranger, kind, there=there) == 429
        assert await type_code(browser, kind, there=there) in (200, 422)


async def test_all_known_devices_share_twenty_wrong_codes(tmp_path: Path) -> None:
    async with stage(tmp_path, overrides=SIMPLE) as there:
        await there.person(EMAIL)
        browsers = await marked(there, 6)
        for browser in browsers:
            sign_out(browser)
        answers = [await type_code(browser, "recovery", "000000", count=5) for browser in browsers]
        assert answers == [200] * 4 + [429] * 2


async def test_a_password_that_changed_ends_the_codes_of_a_thief_too(tmp_path: Path) -> None:
    async with stage(tmp_path, overrides=SIMPLE) as there:
        await there.person(EMAIL)
        thief, owner, stranger = there.browser(), there.browser(), there.browser()
        for browser in (thief, owner):
            assert await log_in(browser) == 200
        await change_password(owner, NEW)
        sign_out(thief)
        for _ in range(4):
            assert await type_code(stranger, "recovery", "000000", count=5) == 200
        assert await type_code(thief, "recovery", "000000") == 429


# -- second factors --------------------------------------------------------------------


async def with_app(there: Stage) -> tuple[Browser, str]:
    """A person with an authenticator app, the browser that it was set up in, and its secret."""
    await there.person(EMAIL)
    browser = there.browser()
    await browser.sign_in(EMAIL)
    secret = await browser.set_up_app(there.time.moment)
    there.time.move(minutes=5)
    return browser, secret


async def second_step(browser: Browser, code: str) -> int:
    """The status of a second factor."""
    form: Form = await browser.start("login", "?aal=aal2")
    return (await browser.send(form, method="totp", totp_code=code)).status_code


async def guess_with_the_password(there: Stage) -> None:
    """Guesses at the second factor, as somebody who has the password, until strangers have to wait."""
    thief = there.browser()
    assert await log_in(thief) == 422
    answers = [await second_step(thief, "000000") for _ in range(11)]
    assert answers == [400] * 10 + [429]


async def test_who_has_the_password_locks_nobody_out_of_a_device_of_the_second_factor(tmp_path: Path, dsn: str) -> None:
    async with stage(tmp_path, dsn, ON) as there:
        set_up_in, secret = await with_app(there)
        signed_in, half_way = there.browser(), there.browser()
        assert await log_in(signed_in) == 422
        assert await second_step(signed_in, app_code(secret, there.time.moment)) == 200
        assert await log_in(half_way) == 422
        await guess_with_the_password(there)
        for browser in (signed_in, set_up_in):
            there.time.move(seconds=60)
            assert await log_in(browser) == 422
            assert await second_step(browser, app_code(secret, there.time.moment)) == 200
        there.time.move(seconds=60)
        assert await second_step(half_way, app_code(secret, there.time.moment)) == 429


async def test_a_device_of_the_second_factor_waits_as_well(tmp_path: Path) -> None:
    async with stage(tmp_path, overrides=ON) as there:
        browser, _ = await with_app(there)
        sign_out(browser)
        assert await log_in(browser) == 422
        assert [await second_step(browser, "000000") for _ in range(12)] == [400] * 10 + [429] * 2


async def test_with_another_app_no_earlier_device_is_known(tmp_path: Path) -> None:
    async with stage(tmp_path, overrides=ON) as there:
        owner, secret = await with_app(there)
        earlier = there.browser()
        assert await log_in(earlier) == 422
        assert await second_step(earlier, app_code(secret, there.time.moment)) == 200
        assert (await owner.send(await owner.start("settings"), totp_unlink=True)).status_code == 200
        secret = await owner.set_up_app(there.time.moment)
        there.time.move(minutes=5)
        await guess_with_the_password(there)
        for browser, answer in ((earlier, 429), (owner, 200)):
            assert await log_in(browser) == 422
            assert await second_step(browser, app_code(secret, there.time.moment)) == answer

"""T7: codes of second factors count once, are guessed slowly, and lie sealed in the database."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from integration.factors import PASSWORD, Browser, Form, Stage, app_code, bytes_in, stage

pytestmark = pytest.mark.anyio
SLOW = {"security": {"brute_force": {"enabled": True}}}


async def native_session(there: Stage, email: str) -> str:
    """A session that gave the password alone."""
    answer = await there.server.log_in(email, PASSWORD)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["session_token"])


async def prove(there: Stage, token: str, **fields: Any) -> int:
    """The status of a second factor's submission by an app."""
    public, headers = there.server.public, {"x-session-token": token}
    flow = (await public.get("/self-service/login/api?aal=aal2", headers=headers)).json()["id"]
    answer = await public.post(f"/self-service/login?flow={flow}", json=fields, headers=headers)
    return answer.status_code


async def with_app(there: Stage, email: str) -> str:
    """A person with an authenticator app; its secret."""
    await there.person(email)
    browser = there.browser()
    await browser.sign_in(email)
    return await browser.set_up_app(there.time.moment)


async def test_a_code_of_an_app_counts_once(tmp_path: Path, dsn: str) -> None:
    async with stage(tmp_path, dsn) as there:
        secret = await with_app(there, "ada@example.com")
        first, second = await native_session(there, "ada@example.com"), await native_session(there, "ada@example.com")
        code = app_code(secret, there.time.moment)
        assert await prove(there, first, method="totp", totp_code=code) == 400, "it set the app up already"
        following = app_code(secret, there.time.moment, steps=1)
        assert await prove(there, first, method="totp", totp_code=following) == 200
        assert await prove(there, second, method="totp", totp_code=following) == 400
        assert await prove(there, second, method="totp", totp_code=code) == 400, "an earlier one counts no more"
        there.time.move(seconds=60)
        assert await prove(there, second, method="totp", totp_code=app_code(secret, there.time.moment)) == 200


async def test_a_code_of_an_app_counts_once_among_many_at_the_same_time(tmp_path: Path, dsn: str) -> None:
    async with stage(tmp_path, dsn) as there:
        secret = await with_app(there, "ada@example.com")
        tokens = [await native_session(there, "ada@example.com") for _ in range(10)]
        for _ in range(3):
            there.time.move(seconds=30)
            code = app_code(secret, there.time.moment)
            answers = await asyncio.gather(*(prove(there, t, method="totp", totp_code=code) for t in tokens))
            assert sorted(answers) == [200] + [400] * (len(tokens) - 1)
            tokens = [token for token, answer in zip(tokens, answers, strict=True) if answer == 400]


@pytest.mark.parametrize(("reuse", "again"), [(None, 200), (True, 200), (False, 400)])
async def test_while_developing_a_code_counts_again_unless_a_setting_says_otherwise(
    tmp_path: Path, reuse: bool | None, again: int
) -> None:
    config = {"selfservice": {"methods": {"totp": {"config": {"allow_code_reuse": reuse}}}}}
    async with stage(tmp_path, overrides=config) as there:
        secret = await with_app(there, "ada@example.com")
        code = app_code(secret, there.time.moment)
        token = await native_session(there, "ada@example.com")
        assert await prove(there, token, method="totp", totp_code=code) == again


async def test_after_ten_wrong_codes_there_is_a_wait_that_a_password_does_not_shorten(tmp_path: Path, dsn: str) -> None:
    async with stage(tmp_path, dsn, SLOW) as there:
        secret = await with_app(there, "ada@example.com")
        other = await with_app(there, "bob@example.com")
        there.time.move(minutes=5)
        answers: list[int] = []
        for number in range(15):
            # A new sign-in and a new device for each guess.
            token = await native_session(there, "ada@example.com")
            answers.append(await prove(there, token, method="totp", totp_code=f"{number:06}"))
        assert answers == [400] * 10 + [429] * 5
        right = app_code(secret, there.time.moment)
        token = await native_session(there, "ada@example.com")
        assert await prove(there, token, method="totp", totp_code=right) == 429
        somebody = await native_session(there, "bob@example.com")
        assert await prove(there, somebody, method="totp", totp_code=app_code(other, there.time.moment)) == 200
        there.time.move(seconds=5)
        assert await prove(there, token, method="totp", totp_code=right) == 200


async def test_a_known_browser_gives_no_further_guesses(tmp_path: Path) -> None:
    async with stage(tmp_path, overrides=SLOW) as there:
        await with_app(there, "ada@example.com")
        there.time.move(minutes=5)
        browsers = [there.browser() for _ in range(3)]
        answers: list[int] = []
        for browser in browsers:
            await browser.sign_in("ada@example.com")
            form = await browser.start("login", "?aal=aal2")
            for number in range(5):
                answers.append((await browser.send(form, method="totp", totp_code=f"{number:06}")).status_code)
        assert answers == [400] * 10 + [429] * 5


async def test_all_kinds_of_codes_share_the_guesses(tmp_path: Path) -> None:
    async with stage(tmp_path, overrides=SLOW) as there:
        secret = await with_app(there, "ada@example.com")
        browser = there.browser()
        await browser.sign_in("ada@example.com")
        form = await browser.start("login", "?aal=aal2")
        there.time.move(seconds=30)
        assert (
            await browser.send(form, method="totp", totp_code=app_code(secret, there.time.moment))
        ).status_code == 200
        await browser.make_backup_codes()
        token = await native_session(there, "ada@example.com")
        answers = [await prove(there, token, method="totp", totp_code="000000") for _ in range(5)]
        answers += [await prove(there, token, method="lookup_secret", lookup_secret="wrong") for _ in range(7)]
        assert answers == [400] * 10 + [429] * 2


async def with_backup_codes(there: Stage, email: str) -> list[str]:
    """A person with backup codes."""
    await there.person(email)
    browser = there.browser()
    await browser.sign_in(email)
    return await browser.make_backup_codes()


async def test_a_backup_code_works_once_among_many_at_the_same_time(tmp_path: Path, dsn: str) -> None:
    async with stage(tmp_path, dsn) as there:
        codes = await with_backup_codes(there, "ada@example.com")
        tokens = [await native_session(there, "ada@example.com") for _ in range(10)]
        for code in codes[:4]:
            answers = await asyncio.gather(
                *(prove(there, token, method="lookup_secret", lookup_secret=code) for token in tokens)
            )
            assert sorted(answers) == [200] + [400] * (len(tokens) - 1)
            tokens = [token for token, answer in zip(tokens, answers, strict=True) if answer == 400]


async def test_all_backup_codes_work_at_the_same_time(tmp_path: Path, dsn: str) -> None:
    async with stage(tmp_path, dsn) as there:
        codes = await with_backup_codes(there, "ada@example.com")
        tokens = [await native_session(there, "ada@example.com") for _ in codes]
        answers = await asyncio.gather(
            *(
                prove(there, token, method="lookup_secret", lookup_secret=code)
                for token, code in zip(tokens, codes, strict=True)
            )
        )
        assert answers == [200] * len(codes)
        token = await native_session(there, "ada@example.com")
        for code in codes:
            assert await prove(there, token, method="lookup_secret", lookup_secret=code) == 400


async def test_codes_that_were_replaced_work_no_more(tmp_path: Path) -> None:
    async with stage(tmp_path) as there:
        old = await with_backup_codes(there, "ada@example.com")
        browser = there.browser()
        await browser.sign_in("ada@example.com")
        form = await browser.start("login", "?aal=aal2")
        assert (await browser.send(form, method="lookup_secret", lookup_secret=old[0])).status_code == 200
        new = await browser.make_backup_codes()
        token = await native_session(there, "ada@example.com")
        assert await prove(there, token, method="lookup_secret", lookup_secret=old[1]) == 400
        assert await prove(there, token, method="lookup_secret", lookup_secret=new[1]) == 200


async def revealed(browser: Browser) -> list[dict[str, Any]]:
    """What the settings show of the codes."""
    form = await browser.start("settings")
    shown = Form("settings", (await browser.send(form, lookup_secret_reveal=True)).json())
    again = await browser.look(form)
    assert shown.node("lookup_secret_codes") == again.node("lookup_secret_codes")
    return list(shown.node("lookup_secret_codes")["attributes"]["text"]["context"]["secrets"])


async def test_neither_secrets_nor_codes_lie_open_in_the_database(tmp_path: Path) -> None:
    async with stage(tmp_path) as there:
        identity_id = await there.person("ada@example.com")
        browser = there.browser()
        await browser.sign_in("ada@example.com")
        pending = await browser.start("settings")
        never_confirmed = str(pending.node("totp_secret_key")["attributes"]["text"]["text"])
        secret = await browser.set_up_app(there.time.moment)
        codes = await browser.make_backup_codes()
        assert [each["context"]["secret"] for each in await revealed(browser)] == codes
        stored = bytes_in(tmp_path)
        for hidden in (b"otpauth", secret.encode(), never_confirmed.encode(), *(code.encode() for code in codes)):
            assert hidden not in stored
        assert secret in (await there.credential(identity_id, "totp"))["totp_url"]
        kept = (await there.credential(identity_id, "lookup_secret"))["recovery_codes"]
        assert [each["code"] for each in kept] == codes


async def test_operators_do_not_see_which_code_was_the_last(tmp_path: Path) -> None:
    async with stage(tmp_path) as there:
        identity_id = await there.person("ada@example.com")
        browser = there.browser()
        await browser.sign_in("ada@example.com")
        await browser.set_up_app(there.time.moment)
        assert (await there.credential(identity_id, "totp")).keys() == {"totp_url"}

"""T4: six digits are guessed soon when nobody counts: five tries a flow, and twenty an hour for an address."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from integration.mailbox import MEMBER, SMS, Form, Time, begin, browser, ids, last_mail, mailing, open_page, schema
from server_kit import Server

pytestmark = pytest.mark.anyio
EMAIL, OTHER = "ada@mail.test", "bob@mail.test"
LIMITED: dict[str, Any] = {"security": {"brute_force": {"enabled": True, "messages": {"attempts": 1000}}}}
PASSWORDLESS = {"selfservice": {"methods": {"code": {"passwordless_enabled": True}}}}
WRONG = {"recovery": 4060006, "verification": 4070006, "login": 4010008, "registration": 4040003}
TOO_MANY = 4900001


@pytest.fixture
def time() -> Time:
    """The server's clock."""
    return Time()


@pytest.fixture
async def server(tmp_path: Path, dsn: str, anyio_backend: str, time: Time) -> AsyncIterator[Server]:
    """A server with the protections of production on which people sign in by code, too."""
    del anyio_backend
    async with mailing(tmp_path, dsn, schema(MEMBER), SMS, LIMITED, PASSWORDLESS, clock=time) as running:
        await running.create(EMAIL)
        await running.create(OTHER)
        yield running


async def asked(server: Server, kind: str, email: str = EMAIL) -> Callable[[str], Any]:
    form = await begin(server, kind)
    fields: dict[str, Any] = {"email": email} if kind in ("recovery", "verification") else {"identifier": email}
    if kind == "registration":
        fields = {"traits": {"email": f"new-{email}"}}
    await form.send(method="code", **fields)

    async def guess(code: str) -> httpx2.Response:
        again = {} if kind in ("recovery", "verification") else fields
        return await form.send(method="code", code=code, **again)

    return guess


def was_looked_at(answer: httpx2.Response, kind: str) -> bool:
    return "ui" in answer.text and WRONG[kind] in ids(answer.json())


@pytest.mark.parametrize("kind", list(WRONG))
async def test_t04_of_forty_guesses_at_once_five_are_looked_at(server: Server, kind: str) -> None:
    guess = await asked(server, kind)
    answers = await asyncio.gather(*(guess(f"{number:06d}") for number in range(40)))
    assert sum(was_looked_at(answer, kind) for answer in answers) == 5


@pytest.mark.parametrize("kind", ["recovery", "verification", "login"])
async def test_t04_after_too_many_even_the_right_code_is_wrong(server: Server, kind: str) -> None:
    guess = await asked(server, kind)
    for number in range(5):
        assert was_looked_at(await guess(f"{number:06d}"), kind)
    right = (await last_mail(server, EMAIL)).code
    answer = await guess(right)
    assert "session_token" not in answer.text
    assert "passed_challenge" not in answer.text


@pytest.mark.parametrize("kind", ["recovery", "verification", "login"])
async def test_t04_over_all_flows_twenty_an_hour_are_looked_at(server: Server, kind: str, time: Time) -> None:
    looked_at = 0
    for _ in range(6):
        guess = await asked(server, kind)
        answers = [await guess(f"{number:06d}") for number in range(5)]
        looked_at += sum(was_looked_at(answer, kind) for answer in answers)
    assert looked_at == 20
    refused = answers[-1]
    assert (refused.status_code, ids(refused.json())) == (429, [TOO_MANY])
    assert 0 < int(refused.headers["retry-after"]) <= 3600
    right = (await last_mail(server, EMAIL)).code
    assert (await guess(right)).status_code == 429
    time.passes(minutes=60)
    guess = await asked(server, kind)
    assert (await guess((await last_mail(server, EMAIL)).code)).status_code != 429


async def test_t04_kinds_of_flows_share_the_budget_of_an_address(server: Server) -> None:
    looked_at = 0
    for kind in ("recovery", "verification", "login", "recovery", "verification", "login"):
        guess = await asked(server, kind)
        looked_at += sum([was_looked_at(await guess(f"{number:06d}"), kind) for number in range(5)])
    assert looked_at == 20


async def test_t04_other_people_are_untouched(server: Server) -> None:
    for _ in range(5):
        guess = await asked(server, "login")
        for number in range(5):
            await guess(f"{number:06d}")
    guess = await asked(server, "login", OTHER)
    assert (await guess((await last_mail(server, OTHER)).code)).status_code == 200


async def test_t04_another_spelling_is_no_further_budget(server: Server) -> None:
    looked_at = 0
    for spelling in ("ada@mail.test", "ADA@mail.test", "Ada@Mail.Test", "aDa@mail.test", "adA@mail.test"):
        guess = await asked(server, "recovery", spelling)
        looked_at += sum([was_looked_at(await guess(f"{number:06d}"), "recovery") for number in range(5)])
    assert looked_at == 20


async def test_t04_an_address_that_nobody_has_is_limited_alike(server: Server) -> None:
    seen = []
    for email in (EMAIL, "nobody@mail.test"):
        statuses = []
        for _ in range(5):
            guess = await asked(server, "recovery", email)
            statuses += [(await guess(f"{number:06d}")).status_code for number in range(5)]
        seen.append(statuses)
    assert seen[0] == seen[1] == [200] * 20 + [429] * 5


async def test_t04_right_codes_are_no_guesses(server: Server) -> None:
    for _ in range(19):
        guess = await asked(server, "verification")
        assert "passed_challenge" in (await guess((await last_mail(server, EMAIL)).code)).text
    guess = await asked(server, "recovery")
    assert was_looked_at(await guess("000000"), "recovery")


async def test_t04_an_operators_code_is_limited_as_well(server: Server) -> None:
    identity = (await server.create("eve@mail.test"))["id"]
    looked_at = 0
    for _ in range(6):
        made = (
            await server.admin.post("/admin/recovery/code", json={"identity_id": identity, "flow_type": "api"})
        ).json()
        form = Form(server, "recovery", made["recovery_link"].partition("flow=")[2])
        looked_at += sum([was_looked_at(await form.code(f"{number:06d}"), "recovery") for number in range(5)])
    assert looked_at == 20


async def test_t04_a_page_is_told_when_to_come_back(server: Server) -> None:
    for _ in range(4):
        guess = await asked(server, "recovery")
        for number in range(5):
            await guess(f"{number:06d}")
    page = await open_page(browser(server))
    await page.send(method="code", email=EMAIL)
    answer = await page.send(page=True, method="code", code="000000")
    assert answer.headers["location"] == f"https://app.test/recovery?flow={page.id}"
    assert ids(await page.shown()) == [TOO_MANY]


@pytest.mark.parametrize("kind", list(WRONG))
async def test_t04_a_source_has_a_budget_over_all_addresses(tmp_path: Path, kind: str) -> None:
    narrow = {"security": {"brute_force": {"enabled": True, "per_address": {"attempts": 6, "window": "1m"}}}}
    async with mailing(tmp_path, "", schema(MEMBER), SMS, PASSWORDLESS, narrow) as server:
        statuses = []
        for number in range(8):
            form = await begin(server, kind)
            email = f"somebody-{number}@mail.test"
            fields = {"email": email, "identifier": email, "traits": {"email": email}}
            statuses.append((await form.send(method="code", **fields)).status_code)
        assert [status == 429 for status in statuses] == [False] * 6 + [True] * 2


async def test_t04_how_many_and_for_how_long_is_configured(tmp_path: Path, time: Time) -> None:
    codes = {"codes": {"attempts": 7, "window": "10m"}}
    limits = {"security": {"brute_force": {**LIMITED["security"]["brute_force"], **codes}}}
    async with mailing(tmp_path, "", schema(MEMBER), SMS, limits, clock=time) as server:
        await server.create(EMAIL)
        for _ in range(2):
            looked_at = 0
            for _ in range(3):
                guess = await asked(server, "recovery")
                answers = [await guess(f"{number:06d}") for number in range(5)]
                looked_at += sum(was_looked_at(answer, "recovery") for answer in answers)
            assert looked_at == 7
            assert 500 < int(answers[-1].headers["retry-after"]) <= 600
            time.passes(minutes=10)


async def test_t04_while_developing_only_the_flows_own_limit_holds(tmp_path: Path, dsn: str) -> None:
    async with mailing(tmp_path, dsn) as server:
        await server.create(EMAIL)
        for _ in range(6):
            guess = await asked(server, "recovery")
            for number in range(5):
                assert was_looked_at(await guess(f"{number:06d}"), "recovery")
            assert (await guess("000000")).status_code == 303

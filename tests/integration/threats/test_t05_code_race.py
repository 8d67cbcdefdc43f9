"""T5: what is good once is good once, however many use it at the same time, on both databases."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from integration.mailbox import MEMBER, SMS, WITH_LINKS, begin, browser, last_mail, mailing, schema
from integration.selfservice.test_exchange import finished, trade
from openid_provider import running
from server_kit import Server, serving
from social import HTML, configured, entry, to_provider
from social import begin as choose_provider

pytestmark = pytest.mark.anyio
EMAIL = "ada@mail.test"
AT_ONCE, ROUNDS = 40, 8
#: No other limit stands in the way of the race.
WIDE: dict[str, Any] = {
    "feature_flags": {"use_continue_with_transitions": True},
    "selfservice": {
        "methods": {"code": {"passwordless_enabled": True, "config": {"max_submissions": 255}}},
        "flows": {"registration": {"after": {"code": {"hooks": [{"hook": "session"}]}}}},
    },
}


@pytest.fixture
async def server(tmp_path: Path, dsn: str, anyio_backend: str) -> AsyncIterator[Server]:
    """A server that looks at every submission."""
    del anyio_backend
    async with mailing(tmp_path, dsn, schema(MEMBER), SMS, WIDE) as running:
        yield running


async def sessions_of(server: Server, identity: str) -> int:
    return len((await server.admin.get(f"/admin/identities/{identity}/sessions?active=true")).json())


async def test_t05_a_recovery_code_gives_one_session(server: Server) -> None:
    identity = (await server.create(EMAIL))["id"]
    for played in range(1, ROUNDS + 1):
        form = await begin(server)
        await form.ask(EMAIL)
        code = (await last_mail(server, EMAIL)).code
        answers = await asyncio.gather(*(form.code(code) for _ in range(AT_ONCE)))
        assert sum("ory_session_token" in answer.text for answer in answers) == 1
        assert all(answer.status_code < 500 for answer in answers)
        assert await sessions_of(server, identity) == played


async def test_t05_an_operators_code_gives_one_session(server: Server) -> None:
    identity = (await server.create(EMAIL))["id"]
    made = (await server.admin.post("/admin/recovery/code", json={"identity_id": identity})).json()
    flow, form = made["recovery_link"].partition("flow=")[2], {"method": "code", "code": made["recovery_code"]}
    browsers = [browser(server) for _ in range(AT_ONCE)]
    await asyncio.gather(*(who.post(f"/self-service/recovery?flow={flow}", json=form) for who in browsers))
    assert sum("ory_kratos_session" in who.cookies for who in browsers) == 1
    assert await sessions_of(server, identity) == 1


async def test_t05_two_codes_of_one_person_at_once_give_one_session_each_at_most(server: Server) -> None:
    identity = (await server.create(EMAIL))["id"]
    forms = []
    for _ in range(2):
        form = await begin(server)
        await form.ask(EMAIL)
        forms.append((form, (await last_mail(server, EMAIL)).code))
    await asyncio.gather(*(form.code(code) for form, code in forms for _ in range(AT_ONCE // 2)))
    assert 1 <= await sessions_of(server, identity) <= 2


async def test_t05_a_login_code_gives_one_session(server: Server) -> None:
    identity = (await server.create(EMAIL))["id"]
    for played in range(1, ROUNDS + 1):
        form = await begin(server, "login")
        await form.send(method="code", identifier=EMAIL)
        code = (await last_mail(server, EMAIL)).code
        answers = await asyncio.gather(*(form.send(method="code", identifier=EMAIL, code=code) for _ in range(AT_ONCE)))
        assert sum(answer.status_code == 200 for answer in answers) == 1
        assert await sessions_of(server, identity) == played


async def test_t05_a_registration_code_makes_one_account(server: Server) -> None:
    for played in range(1, ROUNDS + 1):
        form, email = await begin(server, "registration"), f"ada{played}@mail.test"
        traits = {"email": email}
        await form.send(method="code", traits=traits)
        code = (await last_mail(server, email)).code
        answers = await asyncio.gather(*(form.send(method="code", traits=traits, code=code) for _ in range(AT_ONCE)))
        assert sum(answer.status_code == 200 for answer in answers) == 1
        assert len((await server.admin.get("/admin/identities")).json()) == played


async def test_t05_a_verification_code_passes_once(server: Server) -> None:
    await server.create(EMAIL)
    for _ in range(ROUNDS):
        form = await begin(server, "verification")
        await form.ask(EMAIL)
        code = (await last_mail(server, EMAIL)).code
        answers = await asyncio.gather(*(form.code(code) for _ in range(AT_ONCE)))
        assert sum("passed_challenge" in answer.text for answer in answers) == 1


async def test_t05_a_recovery_link_gives_one_session(tmp_path: Path, dsn: str) -> None:
    async with mailing(tmp_path, dsn, WITH_LINKS) as server:
        identity = (await server.create(EMAIL))["id"]
        for played in range(1, ROUNDS + 1):
            form = await begin(server)
            await form.ask(EMAIL, "link")
            path = (await last_mail(server, EMAIL)).path
            browsers = [browser(server) for _ in range(AT_ONCE)]
            await asyncio.gather(*(who.get(path) for who in browsers))
            assert sum("ory_kratos_session" in who.cookies for who in browsers) == 1
            assert await sessions_of(server, identity) == played


async def test_t05_a_verification_link_verifies_once(tmp_path: Path, dsn: str) -> None:
    async with mailing(tmp_path, dsn, WITH_LINKS) as server:
        await server.create(EMAIL)
        for _ in range(ROUNDS):
            form = await begin(server, "verification")
            await form.ask(EMAIL, "link")
            path = (await last_mail(server, EMAIL)).path
            answers = await asyncio.gather(*(browser(server).get(path) for _ in range(AT_ONCE)))
            assert sum(answer.headers["location"].endswith(form.id) for answer in answers) == 1


async def test_t05_two_codes_are_traded_for_one_token(tmp_path: Path, dsn: str) -> None:
    async with serving(tmp_path, dsn) as server:
        first, second, _ = await finished(server)
        answers = await asyncio.gather(*(trade(server, first, second) for _ in range(AT_ONCE)))
        assert sorted(status for status, _ in answers) == [200] + [404] * (AT_ONCE - 1)


async def test_t05_a_provider_s_answer_gives_one_session_and_makes_one_account(tmp_path: Path, dsn: str) -> None:
    with running() as provider:
        # It would answer each of them; that only one asks is ours to see to.
        provider.replayable = True
        async with serving(tmp_path, dsn, configured(entry(provider))) as server:
            for played in range(1, ROUNDS + 1):
                provider.requests.clear()
                back = await to_provider(await choose_provider(server.public))
                answers = await asyncio.gather(*(server.public.get(back, headers=HTML) for _ in range(AT_ONCE)))
                assert all(answer.status_code < 500 for answer in answers)
                assert len(provider.asked("/token")) == 1
                (identity,) = (await server.admin.get("/admin/identities")).json()
                assert await sessions_of(server, identity["id"]) == played
                server.public.cookies.clear()

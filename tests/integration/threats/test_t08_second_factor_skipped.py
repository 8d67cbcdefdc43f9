"""T8: whoever reads somebody's mailbox has one factor, however often they read it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pyotp
import pytest

from integration.mailbox import (
    MEMBER,
    PASSWORD,
    SMS,
    WITH_LINKS,
    Time,
    begin,
    browser,
    last_mail,
    mailing,
    mails,
    schema,
)
from live_server import merged
from server_kit import Server

pytestmark = pytest.mark.anyio
EMAIL = "ada@mail.test"
BOTH: dict[str, Any] = {
    "feature_flags": {"use_continue_with_transitions": True},
    "selfservice": {
        "methods": {"code": {"mfa_enabled": True}, "totp": {"enabled": True, "config": {"issuer": "app.test"}}},
        "flows": {"settings": {"required_aal": "highest_available"}},
    },
    "session": {"whoami": {"required_aal": "highest_available"}},
}
Headers = dict[str, str]


@pytest.fixture(params=["code", "link"])
async def server(request: pytest.FixtureRequest, tmp_path: Path, anyio_backend: str) -> AsyncIterator[Server]:
    """A server that wants the strongest that people have, with recovery by code and by link."""
    del anyio_backend
    settings = merged(BOTH, WITH_LINKS if request.param == "link" else {})
    async with mailing(tmp_path, "", schema(MEMBER), SMS, settings) as running:
        await running.create(EMAIL, credentials={"password": {"config": {"password": PASSWORD}}})
        yield running


async def recovered(server: Server) -> Headers:
    """The session of somebody who only reads the mailbox."""
    form = await begin(server)
    if "link" in server.runtime.selfservice.recovery.proving.strategy:
        await form.ask(EMAIL, "link")
        await (who := browser(server)).get((await last_mail(server, EMAIL)).path)
        return {"cookie": f"ory_kratos_session={who.cookies['ory_kratos_session']}"}
    await form.ask(EMAIL)
    answer = (await form.code((await last_mail(server, EMAIL)).code)).json()
    return {"x-session-token": answer["continue_with"][0]["ory_session_token"]}


async def is_strong(server: Server, own: Headers) -> bool:
    return (await server.public.get("/sessions/whoami", headers=own)).status_code == 200


async def step_up(server: Server, own: Headers) -> dict[str, Any]:
    return dict((await server.public.get("/self-service/login/api?aal=aal2", headers=own)).json())


async def send(server: Server, flow: str, own: Headers, **fields: str) -> httpx2.Response:
    server.public.cookies.clear()
    token = {name: value for name, value in own.items() if name != "cookie"}
    return await server.public.post(f"/self-service/login?flow={flow}", json=fields, headers=token)


async def test_t08_a_recovered_session_is_weak(server: Server) -> None:
    own = await recovered(server)
    refused = await server.public.get("/sessions/whoami", headers=own)
    assert (refused.status_code, refused.json()["error"]["id"]) == (403, "session_aal2_required")
    settings = await server.public.get("/self-service/settings/api", headers=own)
    assert settings.status_code == 403


async def test_t08_a_recovered_session_is_offered_no_code(server: Server) -> None:
    own = await recovered(server)
    sent = len(await mails(server, EMAIL))
    flow = await step_up(server, own)
    assert flow["state"] == "choose_method"
    assert not [node for node in flow["ui"]["nodes"] or () if node["group"] == "code"]
    assert len(await mails(server, EMAIL)) == sent


async def test_t08_a_mailed_code_does_not_strengthen_a_recovered_session(tmp_path: Path, anyio_backend: str) -> None:
    del anyio_backend
    async with mailing(tmp_path, "", schema(MEMBER), SMS, BOTH) as server:
        await server.create(EMAIL, credentials={"password": {"config": {"password": PASSWORD}}})
        own = await recovered(server)
        flow = (await step_up(server, own))["id"]
        for fields in ({"address": EMAIL}, {"identifier": EMAIL}, {"resend": "code"}, {"code": "123456"}):
            answer = await send(server, flow, own, method="code", **fields)
            assert answer.status_code == 400
        # The code of a step that a password may take, typed into the recovered session's.
        strong = {"x-session-token": (await server.log_in(EMAIL, PASSWORD)).json()["session_token"]}
        theirs = (await step_up(server, strong))["id"]
        code = (await last_mail(server, EMAIL)).code
        await send(server, theirs, own, method="code", code=code)
        await send(server, flow, own, method="code", code=code)
        assert not await is_strong(server, own)
        assert (await send(server, theirs, strong, method="code", code=code)).status_code == 200
        assert await is_strong(server, strong)


async def test_t08_an_authenticator_strengthens_a_recovered_session(tmp_path: Path, anyio_backend: str) -> None:
    del anyio_backend
    async with mailing(tmp_path, "", schema(MEMBER), SMS, BOTH, clock=(time := Time())) as server:
        await server.create(EMAIL, credentials={"password": {"config": {"password": PASSWORD}}})
        secret = await _with_authenticator(server, time)
        own = await recovered(server)
        assert not await is_strong(server, own)
        flow = (await step_up(server, own))["id"]
        time.passes(minutes=2)
        answer = await send(server, flow, own, method="totp", totp_code=pyotp.TOTP(secret).at(time.now))
        assert answer.status_code == 200, answer.text
        assert await is_strong(server, own)


async def _with_authenticator(server: Server, time: Time) -> str:
    own = {"x-session-token": (await server.log_in(EMAIL, PASSWORD)).json()["session_token"]}
    flow = (await step_up(server, own))["id"]
    await send(server, flow, own, method="code", code=(await last_mail(server, EMAIL)).code)
    settings = (await server.public.get("/self-service/settings/api", headers=own)).json()
    shown = next(n for n in settings["ui"]["nodes"] if n["attributes"].get("id") == "totp_secret_key")
    secret = str(shown["attributes"]["text"]["context"]["secret"])
    server.public.cookies.clear()
    form = {"method": "totp", "totp_code": pyotp.TOTP(secret).at(time.now)}
    saved = await server.public.post(f"/self-service/settings?flow={settings['id']}", json=form, headers=own)
    assert saved.status_code == 200, saved.text
    return secret


async def test_t08_a_code_for_the_first_factor_is_none_for_the_second(tmp_path: Path, anyio_backend: str) -> None:
    del anyio_backend
    passwordless = {"selfservice": {"methods": {"code": {"passwordless_enabled": True}}}}
    async with mailing(tmp_path, "", schema(MEMBER), SMS, passwordless) as server:
        await server.create(EMAIL)
        form = await begin(server, "login")
        await form.send(method="code", identifier=EMAIL)
        answer = (await form.send(method="code", code=(await last_mail(server, EMAIL)).code)).json()
        own = {"x-session-token": answer["session_token"]}
        flow = await step_up(server, own)
        refused = await send(server, flow["id"], own, method="code", address=EMAIL)
        assert refused.status_code == 400
        session = (await server.public.get("/sessions/whoami", headers=own)).json()
        assert session["authenticator_assurance_level"] == "aal1"

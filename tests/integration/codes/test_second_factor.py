"""A code as the second factor."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from integration.mailbox import JSON, MEMBER, PASSWORD, SMS, browser, ids, last_mail, mailing, mails, schema, value_of
from server_kit import Server

pytestmark = pytest.mark.anyio
EMAIL, PHONE = "ada@mail.test", "+4915112345678"
SECOND = {
    "selfservice": {"methods": {"code": {"mfa_enabled": True}}},
    "session": {"whoami": {"required_aal": "highest_available"}},
}


@pytest.fixture
async def server(tmp_path: Path, anyio_backend: str) -> AsyncIterator[Server]:
    """A server that asks for codes after passwords."""
    del anyio_backend
    async with mailing(tmp_path, "", SECOND, schema(MEMBER), SMS) as running:
        yield running


async def signed_in(server: Server, **traits: Any) -> dict[str, str]:
    credentials = {"password": {"config": {"password": PASSWORD}}}
    answer = await server.admin.post(
        "/admin/identities", json={"traits": {"email": EMAIL, **traits}, "credentials": credentials}
    )
    assert answer.status_code == 201, answer.text
    return {"x-session-token": (await server.log_in(EMAIL, PASSWORD)).json()["session_token"]}


async def step_up(server: Server, own: dict[str, str], query: str = "") -> dict[str, Any]:
    answer = await server.public.get(f"/self-service/login/api?aal=aal2{query}", headers=own)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def send(server: Server, flow: str, own: dict[str, str], **fields: str) -> httpx2.Response:
    return await server.public.post(f"/self-service/login?flow={flow}", json={"method": "code", **fields}, headers=own)


async def test_a_single_address_gets_its_code_at_once(server: Server) -> None:
    own = await signed_in(server)
    flow = await step_up(server, own)
    assert (flow["state"], ids(flow)) == ("sent_email", [1010014])
    answer = await send(server, flow["id"], own, code=(await last_mail(server, EMAIL)).code)
    assert answer.json()["session"]["authenticator_assurance_level"] == "aal2"
    assert answer.json()["session_token"] == own["x-session-token"]


async def test_one_of_several_addresses_is_chosen(server: Server) -> None:
    own = await signed_in(server, phone=PHONE)
    flow = await step_up(server, own)
    offered = [n["attributes"].get("value") for n in flow["ui"]["nodes"] if n["attributes"]["name"] == "address"]
    assert (flow["state"], sorted(offered)) == ("choose_method", sorted([EMAIL, PHONE]))
    assert await mails(server, EMAIL) == await mails(server, PHONE) == []
    await send(server, flow["id"], own, address=PHONE)
    answer = await send(server, flow["id"], own, code=(await last_mail(server, PHONE)).code)
    assert answer.json()["session"]["authenticator_assurance_level"] == "aal2"
    assert await mails(server, EMAIL) == []


async def test_older_clients_name_a_trait(server: Server) -> None:
    own = await signed_in(server, phone=PHONE)
    flow = await step_up(server, own, "&via=phone")
    assert flow["state"] == "sent_email"
    assert len(await mails(server, PHONE)) == 1


async def test_an_address_of_somebody_else_gets_no_code(server: Server) -> None:
    own = await signed_in(server, phone=PHONE)
    await server.create("eve@evil.test")
    flow = await step_up(server, own)
    answer = await send(server, flow["id"], own, address="eve@evil.test")
    assert (answer.status_code, ids(answer.json())) == (400, [4010010])
    assert await mails(server, "eve@evil.test") == []


async def test_a_browser_is_led_from_one_factor_to_the_other(server: Server) -> None:
    await signed_in(server)
    who = browser(server)
    login = (await who.get("/self-service/login/browser", headers=JSON)).json()
    form = {
        "method": "password",
        "identifier": EMAIL,
        "password": PASSWORD,
        "csrf_token": value_of(login, "csrf_token"),
    }
    first = await who.post(f"/self-service/login?flow={login['id']}", json=form)
    assert first.status_code == 422
    assert (await who.get("/sessions/whoami")).status_code == 403
    second = (await who.get("/self-service/login/browser?aal=aal2", headers=JSON)).json()
    code = {"method": "code", "code": (await last_mail(server, EMAIL)).code}
    done = await who.post(
        f"/self-service/login?flow={second['id']}", json={**code, "csrf_token": value_of(second, "csrf_token")}
    )
    assert done.status_code == 200, done.text
    assert (await who.get("/sessions/whoami")).status_code == 200


async def test_another_persons_code_is_wrong(server: Server) -> None:
    own = await signed_in(server)
    credentials = {"password": {"config": {"password": PASSWORD}}}
    await server.create("eve@evil.test", credentials=credentials)
    hers = {"x-session-token": (await server.log_in("eve@evil.test", PASSWORD)).json()["session_token"]}
    flow = await step_up(server, own)
    code = (await last_mail(server, EMAIL)).code
    answer = await send(server, flow["id"], hers, code=code)
    assert (answer.status_code, ids(answer.json())) == (400, [4010008])
    weak = await server.public.get("/sessions/whoami", headers=hers)
    assert weak.status_code == 403


async def test_nobody_without_a_session_gets_a_code(server: Server) -> None:
    await signed_in(server)
    answer = await server.public.get("/self-service/login/api?aal=aal2")
    assert (answer.status_code, answer.json()["error"]["id"]) == (401, "session_aal1_required")
    assert await mails(server, EMAIL) == []

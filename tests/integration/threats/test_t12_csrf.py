"""T12: no other site can sign somebody in, up or out, or change an account with the browser's cookies."""

import pytest

from integration.threats.people import JSON, PASSWORD, browser, flow_of, sign_in, sign_up, whoami
from server_kit import Server

pytestmark = pytest.mark.anyio
KINDS = ("login", "registration", "settings")


def form(kind: str, token: str | None) -> dict[str, object]:
    bodies: dict[str, dict[str, object]] = {
        "login": {"method": "password", "identifier": "mallory@mail.test", "password": PASSWORD},
        "registration": {"method": "password", "password": PASSWORD, "traits": {"email": "new@mail.test"}},
        "settings": {"method": "profile", "traits": {"email": "mallory@evil.test"}},
    }
    return bodies[kind] if token is None else {**bodies[kind], "csrf_token": token}


async def prepared(server: Server, kind: str) -> None:
    await sign_up(server, "meg@mail.test")
    await sign_up(server, "mallory@mail.test")
    del kind


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "case", ["no token", "token of another flow's browser", "no cookie", "empty", "cut", "cookie as token"]
)
async def test_t12_a_submission_without_the_matching_pair_changes_nothing(kind: str, case: str, server: Server) -> None:
    await prepared(server, kind)
    async with browser(server) as victim, browser(server) as attacker:
        if kind == "settings":
            await sign_in(victim, "meg@mail.test")
        flow, token = await flow_of(victim, kind)
        _, foreign = await flow_of(attacker, "login")
        secret = next(value for name, value in victim.cookies.items() if name.startswith("csrf_token_"))
        sent = {
            "no token": None,
            "token of another flow's browser": foreign,
            "no cookie": token,
            "empty": "",
            "cut": token[:-4],
            "cookie as token": secret,
        }[case]
        headers = dict(JSON)
        if case == "no cookie":
            kept = "; ".join(f"{name}={value}" for name, value in victim.cookies.items() if "csrf" not in name)
            victim.cookies.clear()
            headers |= {"cookie": kept} if kept else {}
        answer = await victim.post(f"/self-service/{kind}?flow={flow}", json=form(kind, sent), headers=headers)
        assert (answer.status_code, answer.json()["error"]["id"]) == (403, "security_csrf_violation")
        assert "ory_kratos_session" not in answer.cookies
    emails = [each["traits"]["email"] for each in (await server.admin.get("/admin/identities")).json()]
    assert sorted(emails) == ["mallory@mail.test", "meg@mail.test"]


async def test_t12_the_attackers_own_flow_cannot_be_submitted_by_the_victim(server: Server) -> None:
    """Login CSRF: the victim's browser is made to send the attacker's flow with its token and password."""
    await prepared(server, "login")
    async with browser(server) as victim, browser(server) as attacker:
        flow, token = await flow_of(attacker, "login")
        await victim.get("/self-service/login/browser", headers=JSON)
        answer = await victim.post(f"/self-service/login?flow={flow}", json=form("login", token), headers=JSON)
        assert answer.status_code == 403
        assert (await whoami(victim)).status_code == 401


@pytest.mark.parametrize("kind", ["login", "settings"])
@pytest.mark.parametrize("headers", [{"origin": "https://evil.test"}, {"cookie": "ory_kratos_session=anything"}])
async def test_t12_native_flows_refuse_browsers(kind: str, headers: dict[str, str], server: Server) -> None:
    own = {"x-session-token": (await sign_up(server, "meg@mail.test"))["session_token"]} if kind == "settings" else {}
    flow = (await server.public.get(f"/self-service/{kind}/api", headers=own)).json()["id"]
    body = {"method": "password", "identifier": "meg@mail.test", "password": "new-Meadow-58-Plough"}
    answer = await server.public.post(f"/self-service/{kind}?flow={flow}", json=body, headers={**own, **headers})
    assert answer.status_code == 400
    assert [each["id"] for each in answer.json()["ui"]["messages"]] == [4000001]


async def test_t12_signing_out_needs_the_sessions_own_token(server: Server) -> None:
    await sign_up(server, "meg@mail.test")
    await sign_up(server, "mallory@mail.test")
    async with browser(server) as victim, browser(server) as attacker:
        await sign_in(victim, "meg@mail.test")
        await sign_in(attacker, "mallory@mail.test")
        foreign = (await attacker.get("/self-service/logout/browser", headers=JSON)).json()["logout_token"]
        for token in (foreign, "", "ory_lo_" + "a" * 32):
            answer = await victim.get("/self-service/logout", params={"token": token}, headers=JSON)
            assert answer.status_code in (400, 403)
        assert (await whoami(victim)).status_code == 200


async def test_t12_another_browser_cannot_read_a_flow(server: Server) -> None:
    async with browser(server) as victim, browser(server) as attacker:
        flow, _ = await flow_of(victim, "login")
        await attacker.get("/self-service/login/browser")
        answer = await attacker.get(f"/self-service/login/flows?id={flow}", headers=JSON)
        assert (answer.status_code, answer.json()["error"]["id"]) == (403, "security_csrf_violation")


async def test_t12_tokens_are_masked_anew_each_time(server: Server) -> None:
    async with browser(server) as meg:
        flow, first = await flow_of(meg, "login")
        again = (await meg.get(f"/self-service/login/flows?id={flow}", headers=JSON)).json()
        second = again["ui"]["nodes"][0]["attributes"]["value"]
        assert first != second

"""A person's own sessions."""

from datetime import datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from identity_server import times
from integration.threats.people import PASSWORD, browser, sign_in, sign_up, whoami
from server_kit import Server, serving

pytestmark = pytest.mark.anyio


def own(answer: dict[str, object]) -> dict[str, str]:
    return {"x-session-token": str(answer["session_token"])}


async def test_the_others_are_listed_page_by_page_newest_first(server: Server) -> None:
    first = await sign_up(server, "cal@mail.test")
    ids = [(await server.log_in("cal@mail.test", PASSWORD)).json()["session"]["id"] for _ in range(3)]
    answer = await server.public.get("/sessions", headers=own(first), params={"page_size": 2})
    assert [each["id"] for each in answer.json()] == ids[:0:-1]
    assert answer.headers["x-total-count"] == "3"
    rest = await server.public.get("/sessions", headers=own(first), params={"page_size": 2, "page": 1})
    assert [each["id"] for each in rest.json()] == ids[:1]


async def test_nobody_ends_the_session_of_somebody_else(server: Server) -> None:
    cal, mallory = await sign_up(server, "cal@mail.test"), await sign_up(server, "mallory@mail.test")
    answer = await server.public.delete(f"/sessions/{cal['session']['id']}", headers=own(mallory))
    assert answer.status_code == 204
    assert (await server.public.delete("/sessions", headers=own(mallory))).json() == {"count": 0}
    assert (await whoami(server.public, **own(cal))).status_code == 200


async def test_the_ids_letters_do_not_save_the_current_session(server: Server) -> None:
    cal = await sign_up(server, "cal@mail.test")
    answer = await server.public.delete(f"/sessions/{cal['session']['id'].upper()}", headers=own(cal))
    assert answer.status_code == 400
    assert (await whoami(server.public, **own(cal))).status_code == 200


async def test_a_session_without_its_second_factor_manages_no_sessions(server: Server) -> None:
    cal = await sign_up(server, "cal@mail.test")
    identity = await server.runtime.services.identities.by_id(cal["identity"]["id"])
    assert identity is not None
    identity.available_aal = "aal2"
    await server.runtime.services.identities.update(identity)
    for method, path in (("GET", "/sessions"), ("DELETE", "/sessions"), ("GET", "/sessions/whoami")):
        answer = await server.public.request(method, path, headers=own(cal))
        assert (answer.status_code, answer.json()["error"]["id"]) == (403, "session_aal2_required")
        assert answer.json()["redirect_browser_to"].endswith("/self-service/login/browser?aal=aal2")


async def test_a_browser_learns_that_its_session_was_extended(dsn: str, tmp_path: Path) -> None:
    class Clock:
        ahead = timedelta()

        def __call__(self) -> datetime:
            return times.system_clock() + self.ahead

    clock = Clock()
    async with serving(tmp_path, dsn, clock=clock) as server, browser(server) as cal:
        await sign_up(server, "cal@mail.test")
        session = (await sign_in(cal, "cal@mail.test")).json()["session"]["id"]
        assert "set-cookie" not in (await whoami(cal)).headers
        clock.ahead = timedelta(hours=1)
        await server.admin.patch(f"/admin/sessions/{session}/extend")
        renewed = await whoami(cal)
        assert renewed.headers["set-cookie"].startswith("ory_kratos_session=")
        assert "set-cookie" not in (await whoami(cal)).headers
        by_token = await server.log_in("cal@mail.test", PASSWORD)
        assert "set-cookie" not in (await whoami(server.public, **own(by_token.json()))).headers


def attributes(answer: httpx2.Response, name: str) -> set[str]:
    cookie = next(value for value in answer.headers.get_list("set-cookie") if value.startswith(name))
    return {part.strip().partition("=")[0] if "Expires" in part else part.strip() for part in cookie.split(";")[1:]}


async def test_cookies_as_configured(tmp_path: Path) -> None:
    overrides = {
        "cookies": {"domain": "mail.test", "path": "/id", "same_site": "Strict"},
        "session": {"cookie": {"same_site": "None", "persistent": False, "secure": "true", "name": "own_name"}},
    }
    async with serving(tmp_path, overrides=overrides) as server:
        await sign_up(server, "cal@mail.test")
        token_cookie = await server.public.get("/self-service/login/browser", headers={"accept": "application/json"})
        flow = token_cookie.json()
        pairs = token_cookie.headers["set-cookie"].split(";")[0]
        body = {"method": "password", "identifier": "cal@mail.test", "password": PASSWORD}
        body["csrf_token"] = flow["ui"]["nodes"][0]["attributes"]["value"]
        headers = {"accept": "application/json", "cookie": pairs}
        answer = await server.public.post(f"/self-service/login?flow={flow['id']}", json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        common = {"Path=/id", "Domain=mail.test", "HttpOnly"}
        assert attributes(answer, "own_name=") == {*common, "Secure", "SameSite=None"}
        assert attributes(answer, "csrf_token_") == {*common, "SameSite=Strict", "Max-Age=31536000"}


async def test_cookies_are_secure_outside_of_development(tmp_path: Path) -> None:
    async with serving(tmp_path, overrides={"dev": False}) as server:
        answer = await server.public.get("/self-service/login/browser")
        assert "Secure" in attributes(answer, "csrf_token_")


async def test_a_session_is_found_by_header_before_cookie_before_bearer(server: Server) -> None:
    cal, dot = await sign_up(server, "cal@mail.test"), await sign_up(server, "dot@mail.test")
    async with browser(server) as eli:
        await sign_up(server, "eli@mail.test")
        await sign_in(eli, "eli@mail.test")
        bearer = {"authorization": f"Bearer {dot['session_token']}"}

        async def who(**headers: str) -> str:
            return str((await whoami(eli, **headers)).json()["identity"]["traits"]["email"])

        assert await who(**own(cal), **bearer) == "cal@mail.test"
        assert await who(**bearer) == "eli@mail.test"
        eli.cookies.delete("ory_kratos_session")
        assert await who(**bearer) == "dot@mail.test"


async def test_a_broken_tokenizer_is_the_operators_matter(tmp_path: Path) -> None:
    templates = {"plain": {"jwks_url": "base64://e30", "ttl": "1m"}}
    async with serving(tmp_path, overrides={"session": {"whoami": {"tokenizer": {"templates": templates}}}}) as server:
        cal = await sign_up(server, "cal@mail.test")
        broken = await server.public.get("/sessions/whoami?tokenize_as=plain", headers=own(cal))
        assert (broken.status_code, "tokenized" in broken.text) == (500, False)
        unknown = await server.public.get("/sessions/whoami?tokenize_as=other", headers=own(cal))
        assert (unknown.status_code, unknown.json()["error"]["code"]) == (400, 400)

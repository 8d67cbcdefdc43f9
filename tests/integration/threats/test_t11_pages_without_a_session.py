"""T11, T8: the server's own pages show and end nothing that their JSON would not."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from integration.threats.people import JSON, browser, enrol, flow_of, sign_in, sign_up, whoami
from server_kit import Server, serving

pytestmark = pytest.mark.anyio
EMAIL, OTHER = "meg@mail.test", "mallory@mail.test"
PAGE = {"accept": "text/html"}
FACTORS: dict[str, Any] = {
    "session": {"whoami": {"required_aal": "highest_available"}},
    "selfservice": {
        "methods": {"totp": {"enabled": True, "config": {"issuer": "Test"}}, "lookup_secret": {"enabled": True}},
        "flows": {"settings": {"required_aal": "highest_available"}},
    },
}


@pytest.fixture
async def server(tmp_path: Path, anyio_backend: str) -> AsyncIterator[Server]:
    """A server with second factors and its own pages."""
    del anyio_backend
    async with serving(tmp_path, overrides=FACTORS) as running:
        yield running


async def settings_page(who: httpx2.AsyncClient, flow: str) -> httpx2.Response:
    return await who.get(f"/ui/settings?flow={flow}", headers=PAGE)


def leads_to(answer: httpx2.Response) -> tuple[str, dict[str, list[str]]]:
    """Where a page sends a browser, which it does without showing anything."""
    assert answer.status_code == 303 and EMAIL not in answer.text
    parts = urlsplit(answer.headers["location"])
    return parts.path, parse_qs(parts.query)


async def test_t11_the_owner_sees_the_settings(server: Server) -> None:
    await sign_up(server, EMAIL)
    async with browser(server) as meg:
        await sign_in(meg, EMAIL)
        flow, _ = await flow_of(meg, "settings")
        shown = await settings_page(meg, flow)
        assert shown.status_code == 200 and EMAIL in shown.text and "totp_code" in shown.text


@pytest.mark.parametrize("way", ["revoked", "signed out"])
async def test_t11_who_has_no_session_any_more_sees_no_settings(server: Server, way: str) -> None:
    identity = (await sign_up(server, EMAIL))["identity"]["id"]
    async with browser(server) as meg:
        await sign_in(meg, EMAIL)
        flow, _ = await flow_of(meg, "settings")
        if way == "revoked":
            assert (await server.admin.delete(f"/admin/identities/{identity}/sessions")).status_code == 204
        else:
            meg.cookies.delete("ory_kratos_session")
        path, query = leads_to(await settings_page(meg, flow))
        assert path == "/self-service/login/browser"
        assert query["return_to"] == [f"http://127.0.0.1:4433/ui/settings?flow={flow}"]


async def test_t11_another_browser_sees_no_settings(server: Server) -> None:
    await sign_up(server, EMAIL)
    await sign_up(server, OTHER)
    async with browser(server) as meg, browser(server) as stranger, browser(server) as mallory:
        await sign_in(meg, EMAIL)
        flow, _ = await flow_of(meg, "settings")
        assert leads_to(await settings_page(stranger, flow))[0] == "/self-service/login/browser"
        await sign_in(mallory, OTHER)
        assert leads_to(await settings_page(mallory, flow))[0] == "/self-service/settings/browser"
        # Neither with the session of the owner without the cookie that the flow belongs to, nor the other way round.
        for name, value in meg.cookies.items():
            if name.startswith("csrf_token_"):
                mallory.cookies.set(name, value, domain="127.0.0.1", path="/")
        assert leads_to(await settings_page(mallory, flow))[0] == "/self-service/settings/browser"


async def test_t11_the_settings_of_an_app_are_shown_to_nobody_without_its_session(server: Server) -> None:
    own = {"x-session-token": (await sign_up(server, EMAIL))["session_token"]}
    flow = (await server.public.get("/self-service/settings/api", headers=own)).json()["id"]
    async with browser(server) as stranger:
        assert leads_to(await settings_page(stranger, flow))[0] == "/self-service/login/browser"


async def test_t08_a_password_alone_neither_sees_settings_nor_ends_sessions(server: Server) -> None:
    token = (await sign_up(server, EMAIL))["session_token"]
    async with browser(server) as thief:
        await sign_in(thief, EMAIL)
        flow, form_token = await flow_of(thief, "settings")
        await enrol(server, token)
        path, query = leads_to(await settings_page(thief, flow))
        assert (path, query["aal"]) == ("/self-service/login/browser", ["aal2"])
        assert f"/ui/settings?flow={flow}" in query["return_to"][0]
        for wanted in ("others", (await whoami(server.public, **{"x-session-token": token})).json()["id"]):
            fields = {"session": wanted, "csrf_token": form_token}
            path, query = leads_to(await thief.post("/ui/sessions/revoke", data=fields, headers=PAGE))
            assert (path, query["aal"]) == ("/self-service/login/browser", ["aal2"])
        assert (await thief.delete("/sessions", headers=JSON)).status_code == 403, "as the interface says"
    assert (await whoami(server.public, **{"x-session-token": token})).status_code == 200


async def test_t12_a_page_of_another_browser_leads_to_a_flow_of_its_own(tmp_path: Path) -> None:
    on = {"selfservice": {"methods": {"code": {"enabled": True}}, "flows": {"recovery": {"enabled": True}}}}
    async with serving(tmp_path, overrides=on) as server, browser(server) as meg:
        flow, _ = await flow_of(meg, "recovery")
        assert (await meg.get(f"/ui/recovery?flow={flow}", headers=PAGE)).status_code == 200
        registration, _ = await flow_of(meg, "registration")
        async with browser(server) as other:
            for kind, known in (("recovery", flow), ("registration", registration)):
                assert leads_to(await other.get(f"/ui/{kind}?flow={known}"))[0] == f"/self-service/{kind}/browser"

"""T15: addresses that providers, signed sessions and the look into breaches bring along do not reach inside either."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from integration.threats.people import PASSWORD, sign_up
from openid_provider import OpenIdProvider, running
from server_kit import Server, serving
from social import HTML, JSON, begin, configured, data, entry, person, to_provider
from web_sink import web_sink

pytestmark = pytest.mark.anyio
GUARD: dict[str, Any] = {"disallow_private_ip_ranges": True}


def guarded(provider: OpenIdProvider, *excepted: str) -> dict[str, Any]:
    """A provider of this machine, of which some addresses alone may be asked."""
    exceptions = [provider.url + path for path in excepted]
    http = {**GUARD, "private_ip_exception_urls": exceptions}
    return {**configured(entry(provider)), "clients": {"http": http}}


async def chosen(server: Server) -> tuple[int, str]:
    """The answer to somebody who picks the provider."""
    flow = (await server.public.get("/self-service/login/browser", headers=JSON)).json()
    token = next(node for node in flow["ui"]["nodes"] if node["attributes"]["name"] == "csrf_token")
    form = {"method": "oidc", "provider": "hub", "csrf_token": token["attributes"]["value"]}
    answer = await server.public.post(f"/self-service/login?flow={flow['id']}", json=form, headers=JSON)
    return answer.status_code, answer.text


async def test_t15_an_issuer_is_not_discovered_inside(tmp_path: Path) -> None:
    with running() as provider:
        async with serving(tmp_path, "", guarded(provider)) as server:
            status, text = await chosen(server)
        assert status >= 400 and "redirect_browser_to" not in text
        assert provider.requests == []
        assert provider.url not in text and "127.0.0.1:" + provider.url.rpartition(":")[2] not in text


async def test_t15_what_a_discovery_names_is_not_asked_inside(tmp_path: Path) -> None:
    with running() as provider:
        async with serving(tmp_path, "", guarded(provider, "/.well-known/openid-configuration")) as server:
            back = await to_provider(await begin(server.public))
            answer = await server.public.get(back, headers=HTML)
            assert answer.status_code in (302, 303)
            assert await person(server.public) is None
            assert (await server.admin.get("/admin/identities")).json() == []
        assert provider.asked("/token") == provider.asked("/jwks") == provider.asked("/userinfo") == []


async def test_t15_keys_of_a_provider_are_not_fetched_inside(tmp_path: Path) -> None:
    with running() as provider:
        excepted = ("/.well-known/openid-configuration", "/token", "/userinfo")
        async with serving(tmp_path, "", guarded(provider, *excepted)) as server:
            back = await to_provider(await begin(server.public))
            await server.public.get(back, headers=HTML)
            assert await person(server.public) is None, "a token whose signature nobody looked at"
        assert len(provider.asked("/token")) == 1
        assert provider.asked("/jwks") == []


async def test_t15_a_mapper_is_not_fetched_inside(tmp_path: Path) -> None:
    async with web_sink() as sink:
        with running() as provider:
            overrides = configured(entry(provider, mapper_url=f"{sink.url}/mapper.jsonnet"))
            overrides["clients"] = {
                "http": {
                    **GUARD,
                    "private_ip_exception_urls": [
                        f"{provider.url}{path}"
                        for path in (
                            "/.well-known/openid-configuration",
                            "/token",
                            "/userinfo",
                            "/jwks",
                        )
                    ],
                }
            }
            async with serving(tmp_path, "", overrides) as server:
                back = await to_provider(await begin(server.public))
                await server.public.get(back, headers=HTML)
                assert await person(server.public) is None
        assert sink.asked == []


@pytest.mark.parametrize("name", ["jwks_url", "claims_mapper_url"])
async def test_t15_signed_sessions_fetch_nothing_inside(tmp_path: Path, name: str) -> None:
    async with web_sink() as sink:
        key = {"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "one", "alg": "HS256", "use": "sig"}]}
        template = {"ttl": "1m", "jwks_url": data(json.dumps(key)), name: f"{sink.url}/file"}
        tokenizer = {"session": {"whoami": {"tokenizer": {"templates": {"plain": template}}}}}
        async with serving(tmp_path, "", {**tokenizer, "clients": {"http": GUARD}}) as server:
            token = (await sign_up(server, "meg@mail.test"))["session_token"]
            own = {"x-session-token": token}
            answer = await server.public.get("/sessions/whoami?tokenize_as=plain", headers=own)
        assert answer.status_code >= 400 and "tokenized" not in answer.text
        assert sink.asked == []
        assert sink.url not in answer.text


async def test_t15_the_look_into_breaches_does_not_reach_inside(tmp_path: Path) -> None:
    connections: list[str] = []

    async def connected(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append("one")
        writer.close()

    listening = await asyncio.start_server(connected, "127.0.0.1", 0)
    host = f"127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    config = {"haveibeenpwned_enabled": True, "haveibeenpwned_host": host}
    overrides = {"selfservice": {"methods": {"password": {"config": config}}}, "clients": {"http": GUARD}}
    async with listening, serving(tmp_path, "", overrides) as server:
        await sign_up(server, "meg@mail.test")
        assert (await server.log_in("meg@mail.test", PASSWORD)).status_code == 200
    assert connections == []

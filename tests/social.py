"""Journeys to a provider and back, for tests with a whole server."""

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2

from live_server import merged
from openid_provider import OpenIdProvider
from server_kit import PUBLIC, Server, client

JSON = {"accept": "application/json"}
HTML = {"accept": "text/html"}
MAPPER = """
local claims = std.extVar('claims');
{ identity: {
  traits: { [if 'email' in claims then 'email']: claims.email },
  verified_addresses: if std.get(claims, 'email_verified', false) then [{ via: 'email', value: claims.email }] else [],
} }
"""


def data(text: str) -> str:
    """A text as an address of the configuration."""
    return f"base64://{base64.b64encode(text.encode()).decode()}"


def entry(provider: OpenIdProvider, /, **more: Any) -> dict[str, Any]:
    """A provider's entry in the configuration."""
    return {
        "id": "hub",
        "label": "The Hub",
        "provider": "generic",
        "client_id": "client",
        "client_secret": "secret+plus",
        "issuer_url": provider.url,
        "scope": ["openid", "email"],
        "mapper_url": data(MAPPER),
        **more,
    }


def configured(*entries: Mapping[str, Any], **selfservice: Any) -> dict[str, Any]:
    """The configuration of a server with these providers."""
    hooks = {"oidc": {"hooks": [{"hook": "session"}]}, "password": {"hooks": [{"hook": "session"}]}}
    base = {
        "methods": {"oidc": {"enabled": True, "config": {"providers": list(entries)}}},
        "flows": {"registration": {"after": hooks}},
        "allowed_return_urls": ["app://back"],
    }
    return {"selfservice": merged(base, selfservice)}


def browser(server: Server) -> httpx2.AsyncClient:
    """Another browser, with cookies of its own."""
    return client(server.public._transport.app, PUBLIC)  # type: ignore[attr-defined]


async def begin(who: httpx2.AsyncClient, kind: str = "login", query: str = "", **fields: Any) -> str:
    """Chooses the provider; the address that the browser is sent to."""
    flow = (await who.get(f"/self-service/{kind}/browser{query}", headers=JSON)).json()
    return await choose(who, flow, **fields)


async def choose(who: httpx2.AsyncClient, flow: Mapping[str, Any], **fields: Any) -> str:
    """Chooses the provider in a flow that is there."""
    token = next(node for node in flow["ui"]["nodes"] if node["attributes"]["name"] == "csrf_token")
    form = {"method": "oidc", "provider": "hub", "csrf_token": token["attributes"]["value"], **fields}
    answer = await who.post(urlsplit(flow["ui"]["action"])._replace(scheme="", netloc="").geturl(), json=form)
    assert answer.status_code == 422, answer.text
    return str(answer.json()["redirect_browser_to"])


async def to_provider(url: str) -> str:
    """What the provider answers: the way back, without host."""
    async with httpx2.AsyncClient() as net:
        answer = await net.get(url)
    assert answer.status_code == 302, answer.text
    parts = urlsplit(answer.headers["location"])
    return parts._replace(scheme="", netloc="").geturl()


async def travel(who: httpx2.AsyncClient, kind: str = "login", query: str = "", **fields: Any) -> httpx2.Response:
    """To the provider and back; the answer of the callback."""
    return await who.get(await to_provider(await begin(who, kind, query, **fields)), headers=HTML)


async def person(who: httpx2.AsyncClient) -> dict[str, Any] | None:
    """The identity that a browser is signed in as."""
    answer = await who.get("/sessions/whoami", headers=JSON)
    return dict(answer.json()["identity"]) if answer.status_code == 200 else None


async def form_of(who: httpx2.AsyncClient, answer: httpx2.Response, kind: str = "login") -> dict[str, Any]:
    """The flow that a redirect leads to."""
    assert answer.status_code in (302, 303), answer.text
    flow = parse_qs(urlsplit(answer.headers["location"]).query).get("flow", [""])[0]
    assert flow, answer.headers["location"]
    found = await who.get(f"/self-service/{kind}/flows?id={flow}", headers=JSON)
    assert found.status_code == 200, found.text
    return dict(found.json())


def messages(flow: Mapping[str, Any]) -> list[int]:
    """The ids of a form's messages."""
    return [each["id"] for each in flow["ui"].get("messages", ())]

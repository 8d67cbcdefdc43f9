"""What threats need of people: accounts, browsers, sessions."""

from typing import Any

import httpx2
import pyotp

from server_kit import PUBLIC, Server, client

PASSWORD = "wind-9-Mill-Sail"
JSON = {"accept": "application/json"}


def browser(server: Server) -> httpx2.AsyncClient:
    """Another browser, with cookies of its own."""
    return client(server.public._transport.app, PUBLIC)  # type: ignore[attr-defined]


async def sign_up(server: Server, email: str, **body: Any) -> dict[str, Any]:
    """A native registration's answer."""
    flow = (await server.public.get("/self-service/registration/api")).json()["id"]
    form = {"method": "password", "password": PASSWORD, "traits": {"email": email}, **body}
    answer = await server.public.post(f"/self-service/registration?flow={flow}", json=form)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def flow_of(who: httpx2.AsyncClient, kind: str, query: str = "") -> tuple[str, str]:
    """A browser flow's id and its anti-forgery token."""
    answer = await who.get(f"/self-service/{kind}/browser{query}", headers=JSON)
    assert answer.status_code == 200, answer.text
    flow = answer.json()
    token = next(node for node in flow["ui"]["nodes"] if node["attributes"]["name"] == "csrf_token")
    return flow["id"], token["attributes"]["value"]


async def sign_in(who: httpx2.AsyncClient, email: str, query: str = "") -> httpx2.Response:
    """A browser login's answer."""
    flow, token = await flow_of(who, "login", query)
    form = {"method": "password", "identifier": email, "password": PASSWORD, "csrf_token": token}
    return await who.post(f"/self-service/login?flow={flow}", json=form, headers=JSON)


async def whoami(who: httpx2.AsyncClient, **headers: str) -> httpx2.Response:
    """Who the client is."""
    return await who.get("/sessions/whoami", headers=headers)


async def change(server: Server, token: str, form: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """The status and the answer of a settings form that an app sends."""
    own = {"x-session-token": token}
    flow = (await server.public.get("/self-service/settings/api", headers=own)).json()["id"]
    answer = await server.public.post(f"/self-service/settings?flow={flow}", json=form, headers=own)
    return answer.status_code, answer.json()


async def enrol(server: Server, token: str) -> None:
    """Gives an account an authenticator app."""
    own = {"x-session-token": token}
    flow = (await server.public.get("/self-service/settings/api", headers=own)).json()
    key = next(node for node in flow["ui"]["nodes"] if node["attributes"].get("id") == "totp_secret_key")
    form = {"method": "totp", "totp_code": pyotp.TOTP(key["attributes"]["text"]["text"]).now()}
    answer = await server.public.post(f"/self-service/settings?flow={flow['id']}", json=form, headers=own)
    assert answer.status_code == 200, answer.text

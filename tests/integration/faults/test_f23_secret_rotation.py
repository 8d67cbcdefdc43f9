"""F23: every list of secrets gets a new first one, and loses the old one later. Nobody notices before the old one goes.

Nothing is restarted: the file changes, and the server takes it into use.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio.to_thread
import httpx2
import pytest

from integration.faults.people import PASSWORD, eventually
from integration.mailbox import WITH_CODES
from live_server import LiveServer, create_identity, live_server, merged
from openid_provider import OpenIdProvider, running
from social import HTML, JSON, begin, configured, entry, person, to_provider, travel

pytestmark = [pytest.mark.anyio, pytest.mark.xdist_group("quiet")]
KINDS = ("cookie", "default", "cipher", "pagination")


def secrets(*generations: str) -> dict[str, Any]:
    return {"secrets": {kind: [f"{kind}-{name}-".ljust(32, "x") for name in generations] for kind in KINDS}}


def rotate(server: LiveServer, *generations: str) -> None:
    """Writes other lists into the file, and waits until they are in use."""
    before = httpx2.get(server.admin + "admin/health/config").text
    server.change(secrets(*generations))
    eventually(lambda: httpx2.get(server.admin + "admin/health/config").text != before)


@asynccontextmanager
async def browser(server: LiveServer) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=server.public.rstrip("/"), timeout=60) as who:
        yield who


@dataclass
class Before:
    """What people had in their hands before a rotation."""

    session: str
    form: tuple[str, str, str]
    code: tuple[str, str]
    page: str
    back: str
    state_cookies: str


def cookies(who: httpx2.AsyncClient) -> str:
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in who.cookies.jar)


async def collected(server: LiveServer) -> Before:
    """Something of each kind."""
    async with (
        browser(server) as signed_in,
        browser(server) as filling,
        browser(server) as away,
        browser(server) as app,
    ):
        assert (await travel(signed_in)).status_code == 303
        assert await person(signed_in) is not None
        form = (await filling.get("/self-service/login/browser", headers=JSON)).json()
        token = next(n for n in form["ui"]["nodes"] if n["attributes"]["name"] == "csrf_token")
        back = await to_provider(await begin(away))
        recovery = (await app.get("/self-service/recovery/api")).json()
        asked = await app.post(recovery["ui"]["action"], json={"method": "code", "email": "bob@example.com"})
        assert asked.status_code == 200, asked.text
        listed = await app.get(server.admin + "admin/identities?page_size=1")
        return Before(
            cookies(signed_in),
            (form["ui"]["action"], token["attributes"]["value"], cookies(filling)),
            (recovery["ui"]["action"], await mailed_code(server, app)),
            listed.links["next"]["url"],
            back,
            cookies(away),
        )


async def mailed_code(server: LiveServer, app: httpx2.AsyncClient) -> str:
    mails = (await app.get(server.admin + "admin/courier/messages?recipient=bob@example.com")).json()
    found = re.search(r"\b\d{6}\b", mails[0]["body"])
    assert found is not None
    return found.group()


async def tried(server: LiveServer, had: Before) -> dict[str, int]:
    """The statuses of everything that people do with what they had."""
    async with httpx2.AsyncClient(timeout=60, base_url=server.public.rstrip("/")) as who:
        action, token, jar = had.form
        login = {"method": "password", "identifier": "bob@example.com", "password": PASSWORD, "csrf_token": token}
        page = httpx2.URL(had.page)
        answers = {
            "cookie": await who.get("/sessions/whoami", headers={"cookie": had.session}),
            "form": await who.post(action, json=login, headers={**JSON, "cookie": jar}),
            "code": await httpx_app(had.code),
            "page": await who.get(server.admin + "admin/identities", params=dict(page.params)),
            "provider": await who.get(had.back, headers={**HTML, "cookie": had.state_cookies}),
        }
    assert "Traceback" not in server.log.read_text()
    return {name: answer.status_code for name, answer in answers.items()}


async def httpx_app(code: tuple[str, str]) -> httpx2.Response:
    """An app's submission, which carries no cookies."""
    async with httpx2.AsyncClient(timeout=60) as app:
        return await app.post(code[0], json={"method": "code", "code": code[1]})


async def access_token(server: LiveServer) -> str:
    async with httpx2.AsyncClient(timeout=60) as who:
        query = {"credentials_identifier": "hub:1001", "include_credential": "oidc"}
        (found,) = (await who.get(server.admin + "admin/identities", params=query)).json()
    return str(found["credentials"]["oidc"]["config"]["providers"][0]["initial_access_token"])


def overrides(provider: OpenIdProvider) -> dict[str, Any]:
    chosen = {"feature_flags": {"use_continue_with_transitions": True}, "ciphers": {"algorithm": "xchacha20-poly1305"}}
    return merged(merged(merged(WITH_CODES, configured(entry(provider))), chosen), secrets("old"))


async def test_f23_while_both_are_known_everything_works_and_later_nothing_breaks(tmp_path: Path) -> None:
    with running() as provider, live_server(tmp_path, "", overrides(provider)) as server:
        create_identity(server, "bob@example.com")
        had, kept = await collected(server), await collected(server)
        log = server.log.read_text
        before = log().count("sealed with the first")
        await anyio.to_thread.run_sync(rotate, server, "new", "old")
        well = await tried(server, had)
        assert well == {"cookie": 200, "form": 200, "code": 200, "page": 200, "provider": 303}
        assert await access_token(server) == "access-1"
        # What lies in the database is sealed anew before the old secret goes.
        await anyio.to_thread.run_sync(
            eventually, lambda: server.log.read_text().count("sealed with the first") > before
        )
        await anyio.to_thread.run_sync(rotate, server, "new")
        gone = await tried(server, kept)
        assert gone["cookie"] == 401
        assert gone["page"] == 400
        assert all(status < 500 for status in gone.values()), gone
        assert await access_token(server) == "access-1"

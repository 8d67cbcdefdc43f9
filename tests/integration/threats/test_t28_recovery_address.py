"""T28: what signs in or recovers changes only shortly after a sign-in."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from identity_server import times
from identity_server.storage import tables
from identity_server.storage.port import Statement
from integration.threats.people import JSON, PASSWORD, browser, change, flow_of, sign_in, sign_up
from server_kit import Server, serving

pytestmark = pytest.mark.anyio
OVERRIDES = {
    "selfservice": {
        "flows": {"settings": {"privileged_session_max_age": "5m"}},
        "methods": {
            "totp": {"enabled": True},
            "lookup_secret": {"enabled": True},
            "webauthn": {
                "enabled": True,
                "config": {"rp": {"id": "localhost", "origins": ["http://localhost"], "display_name": "Tests"}},
            },
        },
    }
}
KEPT = Statement(select(tables.continuity_containers.c.payload))
NEW_ADDRESS = {"method": "profile", "traits": {"email": "evil@mail.test"}}
NEW_PASSWORD = {"method": "password", "password": "new-Meadow-58-Plough"}


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return times.system_clock() + self.ahead


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def server(dsn: str, tmp_path: Path, clock: Clock, anyio_backend: str) -> AsyncIterator[Server]:
    del anyio_backend
    async with serving(tmp_path, dsn, OVERRIDES, clock) as running:
        yield running


FACTORS: list[dict[str, Any]] = [
    {"method": "totp", "totp_code": "123456"},
    {"method": "totp", "totp_unlink": True},
    {"method": "lookup_secret", "lookup_secret_regenerate": True},
    {"method": "lookup_secret", "lookup_secret_reveal": True},
    {"method": "lookup_secret", "lookup_secret_disable": True},
    {"method": "webauthn", "webauthn_register": "{}", "webauthn_register_displayname": "mine"},
    {"method": "webauthn", "webauthn_remove": "00"},
]


async def interrupted(who: httpx2.AsyncClient, clock: Clock) -> str:
    """The settings flow in which Meg's session turned out to be too old for the new password that she sent."""
    await sign_in(who, "meg@mail.test")
    clock.ahead = timedelta(minutes=6)
    flow, token = await flow_of(who, "settings")
    await who.post(f"/self-service/settings?flow={flow}", json={**NEW_PASSWORD, "csrf_token": token}, headers=JSON)
    return flow


@pytest.mark.parametrize("form", [NEW_ADDRESS, NEW_PASSWORD])
async def test_t28_an_old_session_changes_neither_address_nor_password(
    form: dict[str, Any], server: Server, clock: Clock
) -> None:
    answer = await sign_up(server, "meg@mail.test")
    clock.ahead = timedelta(minutes=6)
    status, body = await change(server, answer["session_token"], form)
    assert (status, body["error"]["id"]) == (403, "session_refresh_required")
    assert "refresh=true" in body["redirect_browser_to"]
    assert (await server.log_in("meg@mail.test", PASSWORD)).status_code == 200
    kept = (await server.admin.get(f"/admin/identities/{answer['identity']['id']}")).json()
    assert [each["value"] for each in kept["recovery_addresses"]] == ["meg@mail.test"]


@pytest.mark.parametrize("form", FACTORS)
async def test_t28_an_old_session_changes_no_second_factor(form: dict[str, Any], server: Server, clock: Clock) -> None:
    answer = await sign_up(server, "meg@mail.test")
    clock.ahead = timedelta(minutes=6)
    status, body = await change(server, answer["session_token"], form)
    assert (status, body["error"]["id"]) == (403, "session_refresh_required")


@pytest.mark.parametrize("form", [NEW_ADDRESS, NEW_PASSWORD])
async def test_t28_a_fresh_one_does(form: dict[str, Any], server: Server, clock: Clock) -> None:
    answer = await sign_up(server, "meg@mail.test")
    clock.ahead = timedelta(minutes=4)
    status, body = await change(server, answer["session_token"], form)
    assert (status, body["state"]) == (200, "success")


async def test_t28_the_same_address_in_other_letters_is_no_change(server: Server, clock: Clock) -> None:
    answer = await sign_up(server, "meg@mail.test")
    clock.ahead = timedelta(minutes=6)
    form = {"method": "profile", "traits": {"email": "MEG@mail.test"}}
    assert (await change(server, answer["session_token"], form))[0] == 200


async def test_t28_signing_in_again_as_somebody_else_does_not_help(server: Server, clock: Clock) -> None:
    await sign_up(server, "meg@mail.test")
    await sign_up(server, "mallory@mail.test")
    async with browser(server) as meg:
        await sign_in(meg, "meg@mail.test")
        clock.ahead = timedelta(minutes=6)
        flow, token = await flow_of(meg, "settings")
        form = {**NEW_ADDRESS, "csrf_token": token}
        refused = await meg.post(f"/self-service/settings?flow={flow}", json=form, headers=JSON)
        assert refused.status_code == 403 and "ory_kratos_continuity" in meg.cookies
        await sign_in(meg, "mallory@mail.test", "?refresh=true")
        resumed = await meg.get(f"/self-service/settings?flow={flow}", headers=JSON)
        assert (resumed.status_code, resumed.json()["error"]["id"]) == (403, "security_identity_mismatch")
    emails = sorted(each["traits"]["email"] for each in (await server.admin.get("/admin/identities")).json())
    assert emails == ["mallory@mail.test", "meg@mail.test"]


async def test_t28_an_interrupted_change_is_carried_out_once_and_only_after_the_sign_in(
    server: Server, clock: Clock
) -> None:
    await sign_up(server, "meg@mail.test")
    async with browser(server) as meg:
        flow = await interrupted(meg, clock)
        early = await meg.get(f"/self-service/settings?flow={flow}", headers=JSON)
        assert early.status_code == 403, "a link is no sign-in"
        await sign_in(meg, "meg@mail.test", "?refresh=true")
        done = await meg.get(f"/self-service/settings?flow={flow}", headers=JSON)
        assert (done.status_code, done.json()["state"]) == (200, "success")
        again = await meg.get(f"/self-service/settings?flow={flow}", headers=JSON)
        assert again.status_code == 400, "nothing is left to carry out"
    assert (await server.log_in("meg@mail.test", NEW_PASSWORD["password"])).status_code == 200


async def test_t28_a_stolen_continuity_cookie_is_of_no_use(server: Server, clock: Clock) -> None:
    await sign_up(server, "meg@mail.test")
    await sign_up(server, "mallory@mail.test")
    async with browser(server) as meg, browser(server) as mallory:
        flow = await interrupted(meg, clock)
        await sign_in(mallory, "mallory@mail.test")
        mallory.cookies.set("ory_kratos_continuity", meg.cookies["ory_kratos_continuity"], domain="127.0.0.1", path="/")
        own, _ = await flow_of(mallory, "settings")
        for target in (flow, own):
            await mallory.get(f"/self-service/settings?flow={target}", headers=JSON)
    for email in ("meg@mail.test", "mallory@mail.test"):
        assert (await server.log_in(email, PASSWORD)).status_code == 200


def contents(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.glob("*.sqlite*"))


async def test_t28_what_was_interrupted_is_not_readable_in_the_database(tmp_path: Path, clock: Clock) -> None:
    async with serving(tmp_path, "", OVERRIDES, clock) as server:
        await sign_up(server, "meg@mail.test")
        async with browser(server) as meg:
            await interrupted(meg, clock)
        (found,) = await server.runtime.services.database.fetch(KEPT())
    files = contents(tmp_path)
    assert found[0] and b"meg@mail.test" in files
    assert b"new-Meadow" not in files

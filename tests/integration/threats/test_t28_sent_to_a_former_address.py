"""T28: what was sent to an address opens nothing once the account has another one, or another password."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from identity_server.randomness import new_id
from integration.mailbox import MEMBER, PASSWORD, SMS, WITH_LINKS, Form, begin, browser, ids, last_mail, mailing, schema
from integration.threats.people import whoami
from server_kit import Server

pytestmark = pytest.mark.anyio
OLD, NEW, PHONE = "ada@mail.test", "ada@new.test", "+4915112345678"
CODES: dict[str, Any] = {"selfservice": {"methods": {"code": {"passwordless_enabled": True}}}}
SECOND: dict[str, Any] = {"selfservice": {"methods": {"code": {"mfa_enabled": True}}}}
CHANGES = ("settings address", "settings password", "admin address", "admin password")
WRONG = {"recovery": 4060006, "login": 4010008}


@pytest.fixture
async def server(tmp_path: Path, dsn: str, anyio_backend: str) -> AsyncIterator[Server]:
    """A server that lets people in by code."""
    del anyio_backend
    async with mailing(tmp_path, dsn, CODES, schema(MEMBER), SMS) as running:
        yield running


async def member(server: Server, **traits: Any) -> dict[str, Any]:
    body = {"traits": {"email": OLD, **traits}, "credentials": {"password": {"config": {"password": PASSWORD}}}}
    answer = await server.admin.post("/admin/identities", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def change(server: Server, identity: dict[str, Any], way: str) -> None:
    """Gives the account another address or another password."""
    by, what = way.split()
    traits, password = {**identity["traits"], "email": NEW}, "new-Meadow-58-Plough"
    if by == "admin":
        body = {"schema_id": "default", "state": "active", "traits": identity["traits"]}
        more = (
            {"traits": traits}
            if what == "address"
            else {"credentials": {"password": {"config": {"password": password}}}}
        )
        answer = await server.admin.put(f"/admin/identities/{identity['id']}", json={**body, **more})
    else:
        server.public.cookies.clear()
        own = {"x-session-token": (await server.log_in(OLD, PASSWORD)).json()["session_token"]}
        flow = (await server.public.get("/self-service/settings/api", headers=own)).json()["id"]
        form = (
            {"method": "profile", "traits": traits}
            if what == "address"
            else {"method": "password", "password": password}
        )
        answer = await server.public.post(f"/self-service/settings?flow={flow}", json=form, headers=own)
    assert answer.status_code == 200, answer.text


async def asked(server: Server, kind: str, to: str = OLD) -> tuple[Form, str]:
    """A flow with a code under way, and the code."""
    form = await begin(server, kind)
    await form.send(method="code", email=to, identifier=to)
    return form, (await last_mail(server, to)).code


async def sessions(server: Server, identity: dict[str, Any]) -> list[str]:
    """How each session of the account came about."""
    listed = (await server.admin.get(f"/admin/identities/{identity['id']}/sessions")).json()
    return [proof["method"] for session in listed for proof in session["authentication_methods"]]


@pytest.mark.parametrize("way", CHANGES)
@pytest.mark.parametrize("kind", ["recovery", "login"])
async def test_t28_an_old_code_opens_nothing(server: Server, kind: str, way: str) -> None:
    identity = await member(server)
    form, code = await asked(server, kind)
    await change(server, identity, way)
    answer = await form.send(method="code", code=code, identifier=OLD)
    assert answer.status_code < 500, answer.text
    assert await sessions(server, identity) == ["password"] * way.startswith("settings"), "that of the change itself"


@pytest.mark.parametrize("kind", ["recovery", "login"])
async def test_t28_a_code_still_counts_after_a_change_that_does_not_concern_it(server: Server, kind: str) -> None:
    identity = await member(server)
    form, code = await asked(server, kind)
    body = {"schema_id": "default", "state": "active", "traits": {"email": OLD.upper(), "nickname": "Ada"}}
    assert (await server.admin.put(f"/admin/identities/{identity['id']}", json=body)).status_code == 200
    await form.send(method="code", code=code, identifier=OLD)
    assert await sessions(server, identity) == ["code_recovery" if kind == "recovery" else "code"]


@pytest.mark.parametrize("way", CHANGES)
async def test_t28_an_old_link_opens_nothing(tmp_path: Path, dsn: str, way: str) -> None:
    async with mailing(tmp_path, dsn, WITH_LINKS, schema(MEMBER), SMS) as server:
        identity = await member(server)
        await (await begin(server)).ask(OLD, "link")
        path = (await last_mail(server, OLD)).path
        await change(server, identity, way)
        async with browser(server) as thief:
            await thief.get(path)
            assert (await whoami(thief)).status_code == 401


@pytest.mark.parametrize("kind", ["recovery", "login"])
async def test_t28_a_code_that_was_on_its_way_during_the_change_opens_nothing(server: Server, kind: str) -> None:
    identity = await member(server)
    form, code = await asked(server, kind)
    (late,) = await server.runtime.services.codes.of_flow(form.id)
    await change(server, identity, "admin address")
    await server.runtime.services.codes.replace(form.id, [replace(late, id=new_id(), used_at=None)], late.issued_at)
    answer = await form.send(method="code", code=code, identifier=OLD)
    assert ids(answer.json()) == [WRONG[kind]]
    assert await sessions(server, identity) == []


async def test_t28_a_second_factor_that_went_to_a_former_telephone_proves_nothing(tmp_path: Path, dsn: str) -> None:
    async with mailing(tmp_path, dsn, SECOND, schema(MEMBER), SMS) as server:
        identity = await member(server, phone=PHONE)
        own = {"x-session-token": (await server.log_in(OLD, PASSWORD)).json()["session_token"]}
        flow = (await server.public.get("/self-service/login/api?aal=aal2", headers=own)).json()["id"]
        url, codes = f"/self-service/login?flow={flow}", server.runtime.services.codes
        await server.public.post(url, json={"method": "code", "address": PHONE}, headers=own)
        (sent,) = await codes.of_flow(flow)
        body = {"schema_id": "default", "state": "active", "traits": {"email": OLD}}
        assert (await server.admin.put(f"/admin/identities/{identity['id']}", json=body)).status_code == 200
        await codes.replace(flow, [replace(sent, id=new_id(), used_at=None)], sent.issued_at)
        fields = {"method": "code", "code": (await last_mail(server, PHONE)).code}
        answer = await server.public.post(url, json=fields, headers=own)
        assert ids(answer.json()) == [WRONG["login"]]
        assert await sessions(server, identity) == ["password"]


async def test_t28_a_code_does_not_verify_what_an_operator_puts_in_the_place_of_its_address(server: Server) -> None:
    identity = await member(server)
    form, code = await asked(server, "verification")
    patch = [
        {"op": "replace", "path": "/traits/email", "value": NEW},
        {"op": "replace", "path": "/verifiable_addresses/0/value", "value": NEW},
    ]
    answer = await server.admin.patch(f"/admin/identities/{identity['id']}", json=patch)
    assert answer.status_code == 200, answer.text
    await form.code(code)
    kept = (await server.admin.get(f"/admin/identities/{identity['id']}")).json()["verifiable_addresses"]
    assert [(each["value"], each["verified"]) for each in kept] == [(NEW, False)]


@pytest.mark.parametrize("way", CHANGES)
async def test_t28_what_an_operator_handed_over_was_sent_to_no_address_and_counts(server: Server, way: str) -> None:
    identity = await member(server)
    made = (await server.admin.post("/admin/recovery/code", json={"identity_id": identity["id"]})).json()
    await change(server, identity, way)
    flow = made["recovery_link"].partition("flow=")[2]
    async with browser(server) as person:
        fields = {"method": "code", "code": made["recovery_code"]}
        await person.post(f"/self-service/recovery?flow={flow}", json=fields)
        assert (await whoami(person)).status_code == 200

"""T23: whoever spells a name otherwise makes no second account, and reaches the one that is there."""

import asyncio
from pathlib import Path

import pytest

from integration.threats.people import PASSWORD, change, sign_up
from server_kit import Server, serving
from unit.schema.test_normalize import LOOK_ALIKES

pytestmark = pytest.mark.anyio
NAME = "fiona@example.com"


async def signed_up(server: Server, name: str) -> int:
    flow = (await server.public.get("/self-service/registration/api")).json()["id"]
    form = {"method": "password", "password": PASSWORD, "traits": {"email": name}}
    return (await server.public.post(f"/self-service/registration?flow={flow}", json=form)).status_code


async def test_t23_no_spelling_makes_a_second_account(tmp_path: Path, dsn: str) -> None:
    assert len(LOOK_ALIKES) >= 17
    async with serving(tmp_path, dsn) as server:
        assert await signed_up(server, NAME) == 200
        for name in LOOK_ALIKES.values():
            assert await signed_up(server, name) == 400, name
            made = await server.admin.post("/admin/identities", json={"traits": {"email": name}})
            assert made.status_code in (400, 409), name
        assert len((await server.admin.get("/admin/identities")).json()) == 1


async def test_t23_no_spelling_in_settings_takes_somebody_s_name(tmp_path: Path, dsn: str) -> None:
    async with serving(tmp_path, dsn) as server:
        await server.create(NAME)
        token = (await sign_up(server, "mallory@example.com"))["session_token"]
        for name in LOOK_ALIKES.values():
            status, _ = await change(server, token, {"method": "profile", "traits": {"email": name}})
            assert status == 400, name
        (found,) = (await server.admin.get(f"/admin/identities?credentials_identifier={NAME}")).json()
        assert found["traits"] == {"email": NAME}


async def test_t23_no_spelling_by_an_operator_takes_somebody_s_name(tmp_path: Path) -> None:
    async with serving(tmp_path) as server:
        await server.create(NAME)
        other = await server.create("gina@example.com")
        for name in LOOK_ALIKES.values():
            body = {"schema_id": "default", "state": "active", "traits": {"email": name}}
            changed = await server.admin.put(f"/admin/identities/{other['id']}", json=body)
            assert changed.status_code in (400, 409), name
        found = (await server.admin.get(f"/admin/identities?credentials_identifier={NAME}")).json()
        assert len(found) <= 1


async def test_t23_two_at_once_in_two_spellings_make_one_account(tmp_path: Path, dsn: str) -> None:
    async with serving(tmp_path, dsn) as server:
        names = [NAME, *LOOK_ALIKES.values()]
        statuses = await asyncio.gather(*(signed_up(server, name) for name in names))
        assert sorted(statuses) == [200] + [400] * (len(names) - 1)
        assert len((await server.admin.get("/admin/identities")).json()) == 1

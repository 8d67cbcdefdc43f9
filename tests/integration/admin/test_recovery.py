"""Recovery that an operator starts: what is stored of it, and for how long it is good."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from identity_server import times
from identity_server.storage import tables
from identity_server.storage.port import Statement
from server_kit import Server, serving

pytestmark = pytest.mark.anyio
METHODS = {"selfservice": {"methods": {"link": {"enabled": True}, "code": {"enabled": True}}}}


async def issued(server: Server, kind: str, **body: Any) -> dict[str, Any]:
    made = await server.create("ada@example.com")
    answer = await server.admin.post(f"/admin/recovery/{kind}", json={"identity_id": made["id"], **body})
    assert answer.status_code == {"code": 201, "link": 200}[kind], answer.text
    return dict(answer.json())


@pytest.mark.parametrize("kind", ["code", "link"])
async def test_neither_code_nor_token_is_stored(tmp_path: Path, kind: str) -> None:
    async with serving(tmp_path, overrides=METHODS) as server:
        shown = await issued(server, kind)
        table = tables.one_time_codes if kind == "code" else tables.link_tokens
        rows = await server.runtime.services.database.fetch(Statement(select(table))())
        flow = await server.runtime.services.database.fetch(Statement(select(tables.selfservice_flows))())
    token = parse_qs(urlsplit(shown["recovery_link"]).query).get("token", [""])[0]
    secret = shown.get("recovery_code") or token
    assert len(rows) == 1 and secret
    assert not any(str(value) == secret or secret in str(value) for row in (*rows, *flow) for value in row)


@pytest.mark.parametrize("kind", ["code", "link"])
async def test_it_is_good_for_as_long_as_was_asked(tmp_path: Path, kind: str) -> None:
    moment = times.parse("2026-01-01T00:00:00Z")
    async with serving(tmp_path, overrides=METHODS, clock=lambda: moment) as server:
        shown = await issued(server, kind, expires_in="2h30m")
    assert shown["expires_at"] == "2026-01-01T02:30:00.000000Z"


async def test_two_codes_for_one_person_are_stored_differently(tmp_path: Path) -> None:
    """A digest of the code alone could be looked up in a table of a million."""
    async with serving(tmp_path, overrides=METHODS) as server:
        made = await server.create("ada@example.com")
        for _ in range(30):
            await server.admin.post("/admin/recovery/code", json={"identity_id": made["id"]})
        rows = await server.runtime.services.database.fetch(Statement(select(tables.one_time_codes.c.code_hash))())
    assert len({row[0] for row in rows}) == 30

"""Sessions over the admin API, on both databases."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from identity_server import times
from server_kit import Server, serving

pytestmark = pytest.mark.anyio
CREDENTIALS = {"password": {"config": {"password": "brisk-Otter-71"}}}


async def signed_in(server: Server, name: str, count: int = 1) -> tuple[str, list[dict[str, Any]]]:
    """An identity and its native sessions."""
    email = f"{name}@example.com"
    made = await server.create(email, credentials=CREDENTIALS)
    return str(made["id"]), [(await server.log_in(email, "brisk-Otter-71")).json() for _ in range(count)]


async def alive(server: Server, login: dict[str, Any]) -> bool:
    answer = await server.public.get("/sessions/whoami", headers={"x-session-token": login["session_token"]})
    assert answer.status_code in (200, 401)
    return answer.status_code == 200


async def end(server: Server, **body: Any) -> dict[str, Any]:
    answer = await server.admin.post("/admin/sessions", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_sessions_end_by_their_ids(server: Server) -> None:
    _, logins = await signed_in(server, "ada", 3)
    ids = [login["session"]["id"] for login in logins]
    assert await end(server, action="disable", sessions=ids[:2]) == {"processed": 2, "more": False}
    assert [await alive(server, login) for login in logins] == [False, False, True]
    assert (await server.admin.get(f"/admin/sessions/{ids[0]}")).json()["active"] is False


async def test_sessions_end_by_their_identities(server: Server) -> None:
    ada, of_ada = await signed_in(server, "ada", 2)
    _, of_bob = await signed_in(server, "bob")
    assert await end(server, action="delete", identities=[ada]) == {"processed": 2, "more": False}
    assert [await alive(server, login) for login in (*of_ada, *of_bob)] == [False, False, True]
    assert (await server.admin.get(f"/admin/sessions/{of_ada[0]['session']['id']}")).status_code == 404


async def test_everybody_s_sessions_end(server: Server) -> None:
    _, of_ada = await signed_in(server, "ada")
    _, of_bob = await signed_in(server, "bob")
    assert await end(server, action="disable", identities=["*"]) == {"processed": 2, "more": False}
    assert not any([await alive(server, login) for login in (*of_ada, *of_bob)])


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"action": "disable"},
        {"action": "forget", "sessions": []},
        {"action": "disable", "sessions": [], "identities": []},
        {"action": "disable", "sessions": ["zebra"]},
        {"action": "disable", "sessions": ["*"]},
        {"action": "disable", "identities": ["*", "5f1c6a3e-7a54-4d1e-9c0f-3d1f0e0e7a11"]},
        {"action": "disable", "sessions": ["5f1c6a3e-7a54-4d1e-9c0f-3d1f0e0e7a11"] * 501},
        {"action": "disable", "sessions": [], "colour": "red"},
        [],
    ],
)
async def test_an_unclear_order_ends_nothing(server: Server, body: Any) -> None:
    _, (login,) = await signed_in(server, "ada")
    assert (await server.admin.post("/admin/sessions", json=body)).status_code == 400
    assert await alive(server, login)


async def test_an_inactive_identity_has_no_active_session(server: Server) -> None:
    ada, (login,) = await signed_in(server, "ada")
    change = [{"op": "replace", "path": "/state", "value": "inactive"}]
    await server.admin.patch(f"/admin/identities/{ada}", json=change)
    assert not await alive(server, login)
    assert (await server.admin.get(f"/admin/sessions/{login['session']['id']}")).json()["active"] is False


async def test_a_session_is_extended_in_its_last_hours_only(tmp_path: Path) -> None:
    now = [times.parse("2026-01-01T00:00:00Z")]
    settings = {"session": {"lifespan": "10h", "earliest_possible_extend": "1h"}}
    async with serving(tmp_path, overrides=settings, clock=lambda: now[0]) as server:
        _, (login,) = await signed_in(server, "ada")
        address = f"/admin/sessions/{login['session']['id']}/extend"
        before = login["session"]["expires_at"]
        now[0] += timedelta(hours=8)
        assert (await server.admin.patch(address)).json()["expires_at"] == before
        now[0] += timedelta(hours=1, minutes=1)
        extended = (await server.admin.patch(address)).json()["expires_at"]
        assert times.seconds_between(before, extended) == pytest.approx(9 * 3600 + 60, abs=1)


async def test_identities_in_lists_of_sessions_hold_no_admin_metadata(server: Server) -> None:
    ada = await server.create("ada@example.com", credentials=CREDENTIALS, metadata_admin={"secret": 1})
    await server.log_in("ada@example.com", "brisk-Otter-71")
    for address in ("/admin/sessions?expand=identity", f"/admin/identities/{ada['id']}/sessions"):
        assert "secret" not in (await server.admin.get(address)).text

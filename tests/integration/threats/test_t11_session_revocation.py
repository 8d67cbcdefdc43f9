"""T11: a session that ended on one replica is over on every other with the next request."""

from pathlib import Path

import pytest

from identity_server.storage import dsn as dsns
from integration.threats.people import PASSWORD, sign_up, whoami
from server_kit import Server, serving

pytestmark = pytest.mark.anyio
OVERRIDES = {
    "feature_flags": {"cacheable_sessions": True},
    "selfservice": {
        "methods": {"password": {"config": {"haveibeenpwned_enabled": False}}},
        "flows": {"settings": {"after": {"password": {"hooks": [{"hook": "revoke_active_sessions"}]}}}},
    },
}


async def signed_in(server: Server, token: str) -> bool:
    return (await whoami(server.public, **{"x-session-token": token})).status_code == 200


@pytest.mark.parametrize("way", ["sign out", "end one", "end others", "disable", "delete", "settings", "admin"])
async def test_t11_the_other_replica_knows_at_once(way: str, dsn: str, tmp_path: Path) -> None:
    assert dsns.parse(dsn)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    async with serving(tmp_path / "a", dsn, OVERRIDES) as here, serving(tmp_path / "b", dsn, OVERRIDES) as there:
        first = await sign_up(here, "meg@mail.test")
        second = (await here.log_in("meg@mail.test", PASSWORD)).json()
        token = second["session_token"]
        assert await signed_in(there, token)
        await end(way, here, first, second)
        assert not await signed_in(there, token)
        assert not await signed_in(here, token)


async def end(way: str, server: Server, first: dict[str, object], second: dict[str, object]) -> None:
    """Ends the second session, one way or the other."""
    own = {"x-session-token": str(first["session_token"])}
    session, identity = second["session"], first["identity"]
    assert isinstance(session, dict) and isinstance(identity, dict)
    match way:
        case "sign out":
            body = {"session_token": second["session_token"]}
            answer = await server.public.request("DELETE", "/self-service/logout/api", json=body)
        case "end one":
            answer = await server.public.delete(f"/sessions/{session['id']}", headers=own)
        case "end others":
            answer = await server.public.delete("/sessions", headers=own)
        case "disable":
            patch = [{"op": "replace", "path": "/state", "value": "inactive"}]
            answer = await server.admin.patch(f"/admin/identities/{identity['id']}", json=patch)
        case "delete":
            answer = await server.admin.delete(f"/admin/identities/{identity['id']}")
        case "settings":
            flow = (await server.public.get("/self-service/settings/api", headers=own)).json()["id"]
            form = {"method": "password", "password": "new-Meadow-58-Plough"}
            answer = await server.public.post(f"/self-service/settings?flow={flow}", json=form, headers=own)
        case _:
            answer = await server.admin.delete(f"/admin/sessions/{session['id']}")
    assert answer.status_code < 300, answer.text


async def test_t11_an_account_that_was_switched_off_cannot_sign_in(server: Server) -> None:
    answer = await sign_up(server, "meg@mail.test")
    patch = [{"op": "replace", "path": "/state", "value": "inactive"}]
    await server.admin.patch(f"/admin/identities/{answer['identity']['id']}", json=patch)
    assert (await server.log_in("meg@mail.test", PASSWORD)).status_code == 401
    listed = await server.admin.get(f"/admin/identities/{answer['identity']['id']}/sessions")
    assert [session["active"] for session in listed.json()] == [False]


async def test_t11_a_password_changed_by_its_owner_keeps_the_session_it_was_changed_in(tmp_path: Path) -> None:
    async with serving(tmp_path, overrides=OVERRIDES) as server:
        token = (await sign_up(server, "meg@mail.test"))["session_token"]
        own = {"x-session-token": token}
        flow = (await server.public.get("/self-service/settings/api", headers=own)).json()["id"]
        form = {"method": "password", "password": "new-Meadow-58-Plough"}
        assert (
            await server.public.post(f"/self-service/settings?flow={flow}", json=form, headers=own)
        ).status_code == 200
        assert await signed_in(server, token)
        assert (await server.log_in("meg@mail.test", PASSWORD)).status_code == 400
        assert (await server.log_in("meg@mail.test", "new-Meadow-58-Plough")).status_code == 200

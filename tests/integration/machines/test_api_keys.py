"""Identities that sign in with API keys of their own."""

from pathlib import Path
from typing import Any

import pytest

from identity_server.identity.api_keys import MOST_KEYS
from integration.machines.conftest import KEYS, machine, new_key, whoami
from integration.mailbox import Time
from server_kit import Server, serving

pytestmark = pytest.mark.anyio
NIL = "00000000-0000-0000-0000-000000000000"


async def test_a_machine_signs_in_with_its_key(server: Server, time: Time) -> None:
    identity_id, made = await machine(server, name="robot")
    answer = await whoami(server, made["key"])
    assert answer.status_code == 200
    session = answer.json()
    assert answer.headers["x-kratos-authenticated-identity-id"] == identity_id
    assert session["identity"]["id"] == identity_id
    assert (session["active"], session["authenticator_assurance_level"]) == (True, "aal1")
    ((method,), devices) = (session["authentication_methods"], session["devices"])
    assert (method["method"], method["aal"], devices) == ("api_key", "aal1", [])
    assert session["id"] == made["id"]
    assert session["expires_at"] > session["authenticated_at"]
    by_header = await server.public.get("/sessions/whoami", headers={"x-session-token": made["key"]})
    assert by_header.json()["identity"]["id"] == identity_id


async def test_the_key_is_shown_once_and_recognisable(server: Server) -> None:
    identity_id, made = await machine(server, name="robot", expires_in="1h")
    assert made["key"].startswith("kratos_ik_")
    assert made.keys() == {"id", "name", "key", "created_at", "expires_at", "last_used_at"}
    folder = f"/admin/identities/{identity_id}"
    shown = [await server.admin.get(f"{folder}/api_keys"), await server.admin.get(folder)]
    shown.append(await server.admin.get(folder, params={"include_credential": "api_key"}))
    shown.append(await server.admin.get("/admin/identities", params={"include_credential": "api_key"}))
    shown.append(await server.admin.get("/admin/audit"))
    secret = made["key"].rpartition("_")[2]
    assert all(answer.status_code == 200 and secret not in answer.text for answer in shown)
    assert shown[0].json() == [{name: value for name, value in made.items() if name != "key"}]
    assert shown[2].json()["credentials"]["api_key"]["identifiers"] == [made["id"]]


async def test_a_key_ends_when_it_says(server: Server, time: Time) -> None:
    _, made = await machine(server, expires_in="1h")
    session = (await whoami(server, made["key"])).json()
    assert session["expires_at"] == made["expires_at"]
    time.passes(minutes=61)
    assert (await whoami(server, made["key"])).status_code == 401


async def test_its_last_use_is_noted(server: Server, time: Time) -> None:
    identity_id, made = await machine(server)
    for _ in range(3):
        await whoami(server, made["key"])
    (key,) = await noted(server, identity_id)
    assert key["last_used_at"] >= made["created_at"]
    time.passes(minutes=2)
    await whoami(server, made["key"])
    (again,) = await noted(server, identity_id)
    assert again["last_used_at"] > key["last_used_at"]


async def noted(server: Server, identity_id: str) -> list[dict[str, Any]]:
    """The keys, once what is noted in the background is there."""
    for task in list(server.runtime.services.background._tasks):
        await task
    return list((await server.admin.get(f"/admin/identities/{identity_id}/api_keys")).json())


async def test_a_normal_session_check_is_one_statement_and_one_by_a_key_too(server: Server) -> None:
    identity_id, made = await machine(server)
    await whoami(server, made["key"])
    await noted(server, identity_id)
    asked: list[Any] = []
    database: Any = server.runtime.services.database
    original = database.inner.fetch

    async def counted(call: Any) -> Any:
        asked.append(call)
        return await original(call)

    database.inner.fetch = counted
    assert (await whoami(server, "ory_st_" + "x" * 32)).status_code == 401
    assert [call.parameters.keys() for call in asked] == [{"token_hash"}]
    asked.clear()
    assert (await whoami(server, made["key"])).status_code == 200
    assert [call.parameters.keys() for call in asked] == [{"key_id"}]


@pytest.mark.parametrize(
    "body",
    [
        {"expires_in": "soon"},
        {"expires_in": "0s"},
        {"expires_in": "-1h"},
        {"expires_at": "2001-01-01T00:00:00Z"},
        {"expires_at": "never"},
        {"expires_at": "2300-01-01T00:00:00Z", "expires_in": "1h"},
        {"name": "x" * 129},
        {"name": "a\nb"},
        {"name": 1},
        {"key": "kratos_ik_mine"},
        [],
        "x",
    ],
)
async def test_bad_input_makes_no_key(server: Server, body: Any) -> None:
    identity_id = (await server.create("robot@mail.test"))["id"]
    answer = await server.admin.post(f"/admin/identities/{identity_id}/api_keys", json=body)
    assert answer.status_code == 400, answer.text
    assert (await server.admin.get(f"/admin/identities/{identity_id}/api_keys")).json() == []


async def test_unknown_identities_and_keys_are_not_found(server: Server) -> None:
    identity_id, made = await machine(server)
    other = (await server.create("other@mail.test"))["id"]
    for owner in (NIL, "nobody"):
        assert (await server.admin.get(f"/admin/identities/{owner}/api_keys")).status_code == 404
        assert (await server.admin.post(f"/admin/identities/{owner}/api_keys", json={})).status_code == 404
    for path in (f"{identity_id}/api_keys/{NIL}", f"{other}/api_keys/{made['id']}", f"{identity_id}/api_keys/x"):
        assert (await server.admin.delete(f"/admin/identities/{path}")).status_code == 404
    assert (await whoami(server, made["key"])).status_code == 200


async def test_a_limit_is_said(server: Server) -> None:
    identity_id, _ = await machine(server)
    for _ in range(MOST_KEYS - 1):
        await new_key(server, identity_id)
    answer = await server.admin.post(f"/admin/identities/{identity_id}/api_keys", json={})
    assert (answer.status_code, str(MOST_KEYS) in answer.text) == (400, True)


async def test_all_keys_go_with_the_credential(server: Server) -> None:
    identity_id, made = await machine(server)
    other = await new_key(server, identity_id)
    assert (await server.admin.delete(f"/admin/identities/{identity_id}/credentials/api_key")).status_code == 204
    for key in (made, other):
        assert (await whoami(server, key["key"])).status_code == 401
    assert (await server.admin.get(f"/admin/identities/{identity_id}/api_keys")).json() == []


async def test_keys_survive_changes_of_their_identity(server: Server) -> None:
    identity_id, made = await machine(server)
    body = {"schema_id": "default", "traits": {"email": "new@mail.test"}, "state": "active"}
    assert (await server.admin.put(f"/admin/identities/{identity_id}", json=body)).status_code == 200
    assert (await whoami(server, made["key"])).json()["identity"]["traits"] == {"email": "new@mail.test"}


async def test_an_export_brings_keys_back(server: Server) -> None:
    identity_id, made = await machine(server, name="robot", expires_in="1h")
    query = {"include_credential": "api_key"}
    exported = (await server.admin.get(f"/admin/identities/{identity_id}", params=query)).json()
    assert (await server.admin.delete(f"/admin/identities/{identity_id}")).status_code == 204
    credentials = {"api_key": {"config": exported["credentials"]["api_key"]["config"]}}
    again = await server.create("robot@mail.test", credentials=credentials)
    assert (await whoami(server, made["key"])).json()["identity"]["id"] == again["id"]
    (key,) = (await server.admin.get(f"/admin/identities/{again['id']}/api_keys")).json()
    assert (key["name"], key["expires_at"]) == ("robot", made["expires_at"])
    body = {"schema_id": "default", "traits": {"email": "thief@mail.test"}, "credentials": credentials}
    assert (await server.admin.post("/admin/identities", json=body)).status_code == 409


@pytest.mark.parametrize("entry", [{}, {"id": NIL}, {"id": NIL, "key_hash": "x"}, {"id": "a", "key_hash": "0" * 64}])
async def test_what_is_no_key_is_not_imported(server: Server, entry: dict[str, str]) -> None:
    credentials = {"api_key": {"config": {"keys": [entry]}}}
    body = {"schema_id": "default", "traits": {"email": "robot@mail.test"}, "credentials": credentials}
    assert (await server.admin.post("/admin/identities", json=body)).status_code == 400


async def test_without_the_method_there_are_no_keys(dsn: str, tmp_path: Path, time: Time) -> None:
    async with serving(tmp_path, dsn, KEYS, clock=time) as server:
        identity_id, made = await machine(server)
    async with serving(tmp_path, dsn, clock=time) as server:
        assert (await whoami(server, made["key"])).status_code == 401
        folder = f"/admin/identities/{identity_id}/api_keys"
        for method, path in (("GET", folder), ("POST", folder), ("DELETE", f"{folder}/{made['id']}")):
            answer = await server.admin.request(method, path, **({"json": {}} if method == "POST" else {}))
            assert (answer.status_code, "api_key.enabled" in answer.text) == (404, True)


async def test_making_and_revoking_is_in_the_trail(server: Server) -> None:
    identity_id, made = await machine(server)
    await server.admin.delete(f"/admin/identities/{identity_id}/api_keys/{made['id']}")
    trail = (await server.admin.get("/admin/audit")).json()
    shown = [(entry["event"], entry["identity_id"], entry.get("credential_id")) for entry in reversed(trail)]
    assert shown[1:] == [
        ("ApiKeyCreated", identity_id, made["id"]),
        ("ApiKeyRevoked", identity_id, made["id"]),
    ]


async def test_admin_keys_need_the_scope_of_identities(dsn: str, tmp_path: Path, time: Time) -> None:
    reader = {"name": "reader", "key": "kratos_ak_" + "r" * 40, "scopes": ["identities:read"]}
    admin = {"serve": {"admin": {"auth": {"keys": [reader]}}}}
    async with serving(tmp_path, dsn, {**KEYS, **admin}, clock=time) as server:
        server.admin.headers["authorization"] = f"Bearer {reader['key']}"
        folder = f"/admin/identities/{NIL}/api_keys"
        statuses = [(await server.admin.get(folder)).status_code, (await server.admin.post(folder)).status_code]
        assert statuses == [404, 403]


async def test_a_key_in_a_cookie_is_no_key(server: Server) -> None:
    _, made = await machine(server)
    headers = {"cookie": f"ory_kratos_session={made['key']}"}
    assert (await server.public.get("/sessions/whoami", headers=headers)).status_code == 401

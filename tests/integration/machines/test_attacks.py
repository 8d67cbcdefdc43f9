"""What an attacker would try with API keys."""

from collections.abc import Callable
from pathlib import Path

import pytest

from identity_server.access.keys import digest
from integration.machines.conftest import KEYS, machine, new_key, whoami
from integration.mailbox import Time
from server_kit import Server, serving

pytestmark = pytest.mark.anyio

FORGERIES: dict[str, Callable[[str], str]] = {
    "cut": lambda key: key[:-1],
    "cut in half": lambda key: key[: len(key) // 2],
    "only the id": lambda key: key.rpartition("_")[0],
    "an empty secret": lambda key: key.rpartition("_")[0] + "_",
    "longer": lambda key: key + "a",
    "upper case": str.upper,
    "lower case": str.lower,
    "swapped case": str.swapcase,
    "the prefix in upper case": lambda key: "KRATOS_IK_" + key.removeprefix("kratos_ik_"),
    "the id in upper case": lambda key: "kratos_ik_" + key[10:42].upper() + key[42:],
    "without the prefix": lambda key: key.removeprefix("kratos_ik_"),
    "twice": lambda key: key + key,
    "another secret": lambda key: key[:43] + "A" * 43,
    "another id": lambda key: "kratos_ik_" + "0" * 32 + key[42:],
    "SQL": lambda key: "kratos_ik_' OR 1=1 --",
    "the prefix alone": lambda key: "kratos_ik_",
    "huge": lambda key: "kratos_ik_" + "0" * 32 + "_" + "a" * 6000,
    "wide letters": lambda key: "kratos_ik_" + "é" * 32 + key[42:],
    "its digest": digest,
}


@pytest.mark.parametrize("forgery", FORGERIES)
async def test_what_is_not_the_key_answers_like_an_unknown_token(server: Server, forgery: str) -> None:
    _, made = await machine(server)
    forged = FORGERIES[forgery](made["key"])
    assert forged != made["key"]
    unknown = await whoami(server, "ory_st_unknown")
    for name, value in (("authorization", f"Bearer {forged}"), ("x-session-token", forged)):
        answer = await server.public.get("/sessions/whoami", headers={name: value.encode()})  # type: ignore[dict-item]
        assert (answer.status_code, answer.json()) == (unknown.status_code, unknown.json())
        assert dict(answer.headers) == dict(unknown.headers)
    assert (await whoami(server, made["key"])).status_code == 200


async def test_a_key_of_a_disabled_or_deleted_identity_opens_nothing(server: Server) -> None:
    identity_id, made = await machine(server)
    path = f"/admin/identities/{identity_id}"
    unknown = (await whoami(server, "ory_st_unknown")).json()
    for state, status in (("inactive", 401), ("active", 200)):
        change = [{"op": "replace", "path": "/state", "value": state}]
        assert (await server.admin.patch(path, json=change)).status_code == 200
        answer = await whoami(server, made["key"])
        assert answer.status_code == status
        assert status == 200 or answer.json() == unknown
    assert (await server.admin.delete(path)).status_code == 204
    assert (await whoami(server, made["key"])).json() == unknown


async def test_a_key_revoked_on_one_replica_opens_nothing_on_another_at_once(
    dsn: str, tmp_path: Path, time: Time
) -> None:
    folders = [tmp_path / name for name in "ab"]
    for folder in folders:
        folder.mkdir()
    async with serving(folders[0], dsn, KEYS, clock=time) as one, serving(folders[1], dsn, KEYS, clock=time) as two:
        identity_id, made = await machine(one)
        other = await new_key(one, identity_id)
        for server in (one, two):
            assert (await whoami(server, made["key"])).status_code == 200
        await one.admin.delete(f"/admin/identities/{identity_id}/api_keys/{made['id']}")
        assert (await whoami(two, made["key"])).status_code == 401
        assert (await whoami(two, other["key"])).status_code == 200


async def test_a_key_is_no_way_into_settings_logins_or_other_sessions(server: Server) -> None:
    _, made = await machine(server)
    headers = {"x-session-token": made["key"]}
    for path in ("/self-service/settings/api", "/sessions"):
        assert (await server.public.get(path, headers=headers)).status_code == 401
    assert (await server.public.get("/self-service/login/api?refresh=true", headers=headers)).json()["refresh"] is False
    body = {"session_token": made["key"]}
    assert (await server.public.request("DELETE", "/self-service/logout/api", json=body)).status_code == 403
    assert (await whoami(server, made["key"])).status_code == 200


async def test_a_key_opens_no_admin_api(server: Server) -> None:
    _, made = await machine(server)
    flow = (await server.public.get("/self-service/login/api")).json()["id"]
    body = {"method": "password", "identifier": made["id"], "password": made["key"]}
    assert (await server.public.post(f"/self-service/login?flow={flow}", json=body)).status_code == 400
    found = await server.admin.get("/admin/identities", params={"credentials_identifier": made["id"]})
    assert found.json() == []


async def test_a_patch_does_not_reach_keys(server: Server) -> None:
    identity_id, made = await machine(server)
    patch = [{"op": "replace", "path": "/credentials/api_key/config/keys/0/key_hash", "value": "0" * 64}]
    assert (await server.admin.patch(f"/admin/identities/{identity_id}", json=patch)).status_code == 400
    assert (await whoami(server, made["key"])).status_code == 200

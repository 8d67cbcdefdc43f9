"""Identities over the admin API, on both databases: what recordings do not show."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from live_server import SCHEMA
from server_kit import Server, serving

pytestmark = pytest.mark.anyio
HASH = "$2b$04$FnJnVDWudlF8JKWLoLgZ4OfVr4zpZ5b09xT3tI8P9YdzXuzYDM67u"
PASSWORD = {"password": {"config": {"hashed_password": HASH}}}


async def listed(server: Server, **query: Any) -> list[Any]:
    answer = await server.admin.get("/admin/identities", params=query)
    assert answer.status_code == 200, answer.text
    return list(answer.json())


async def test_a_created_identity_is_found_by_every_name(server: Server) -> None:
    made = await server.create("Ada@Example.com", external_id="hr/7", credentials=PASSWORD)
    found = (await server.admin.get(f"/admin/identities/{made['id']}")).json()
    assert (await server.admin.get("/admin/identities/by/external/hr%2F7")).json() == found
    assert await listed(server, credentials_identifier="ADA@example.com") == [found]
    assert await listed(server, preview_credentials_identifier_similar="ada@") == [found]
    assert (await server.admin.get(f"/admin/identities/{made['id'].upper()}")).json() == found
    assert HASH not in json.dumps(found)


async def test_contents_are_shown_to_who_asks(server: Server) -> None:
    made = await server.create("ada@example.com", credentials=PASSWORD)
    answer = await server.admin.get(f"/admin/identities/{made['id']}?include_credential=password")
    assert answer.json()["credentials"]["password"]["config"] == {"hashed_password": HASH}


@pytest.mark.parametrize("twin", ["ada@example.com", "ADA@EXAMPLE.COM", "ａda@example.com", "a\u00adda@example.com"])
async def test_near_duplicates_are_one_name(server: Server, twin: str) -> None:
    await server.create("ada@example.com")
    answer = await server.admin.post("/admin/identities", json={"traits": {"email": twin}})
    assert answer.status_code in (400, 409)
    assert len(await listed(server)) == 1


async def test_walking_all_pages_meets_everybody_once(server: Server) -> None:
    made = {(await server.create(f"p{number}@example.com"))["id"] for number in range(7)}
    seen: list[str] = []
    address = "/admin/identities?page_size=3"
    while address:
        answer = await server.admin.get(address)
        seen += [each["id"] for each in answer.json()]
        address = answer.links.get("next", {}).get("url", "")
    assert (sorted(seen), len(seen)) == (sorted(made), 7)


async def test_an_identity_whose_schema_is_gone_is_shown_as_stored(tmp_path: Path) -> None:
    def schemas(*names: str) -> dict[str, Any]:
        url = "base64://" + base64.b64encode(json.dumps(SCHEMA).encode()).decode()
        return {"identity": {"default_schema_id": "kept", "schemas": [{"id": name, "url": url} for name in names]}}

    async with serving(tmp_path, overrides=schemas("kept", "gone")) as server:
        made = await server.create("ada@example.com", schema_id="gone", credentials=PASSWORD)
    async with serving(tmp_path, overrides=schemas("kept")) as server:
        assert [each["schema_id"] for each in await listed(server)] == ["gone"]
        address = f"/admin/identities/{made['id']}"
        assert (await server.admin.get(address)).status_code == 200
        change = [{"op": "replace", "path": "/state", "value": "inactive"}]
        assert (await server.admin.patch(address, json=change)).status_code == 400
        assert (await server.admin.delete(address)).status_code == 204


async def test_a_provider_an_identity_already_has_is_not_in_its_own_way(server: Server) -> None:
    link = {"oidc": {"config": {"providers": [{"provider": "acme", "subject": "1"}]}}}
    made = await server.create("ada@example.com", credentials=link)
    body = {"traits": {"email": "ada@example.com"}, "state": "active", "credentials": link}
    answer = await server.admin.put(f"/admin/identities/{made['id']}", json=body)
    assert answer.status_code == 200
    assert answer.json()["credentials"]["oidc"]["identifiers"] == ["acme:1"]


async def test_what_was_deleted_leaves_nothing(server: Server) -> None:
    made = await server.create(
        "ada@example.com", external_id="e", credentials={"password": {"config": {"password": "x"}}}
    )
    token = (await server.log_in("ada@example.com", "x")).json()["session_token"]
    assert (await server.admin.delete(f"/admin/identities/{made['id']}")).status_code == 204
    assert (await server.public.get("/sessions/whoami", headers={"x-session-token": token})).status_code == 401
    assert await listed(server) == []
    await server.create("ada@example.com", external_id="e")


async def test_an_address_s_id_belongs_to_one_address(server: Server) -> None:
    def body(email: str) -> dict[str, Any]:
        known = {"id": "aaaaaaaa-0000-4000-8000-000000000001", "value": email, "via": "email", "verified": True}
        return {"traits": {"email": email}, "verifiable_addresses": [known]}

    answers = [await server.admin.post("/admin/identities", json=body(f"{name}@example.com")) for name in ("a", "b")]
    assert [answer.status_code for answer in answers] == [201, 409]


async def test_a_batch_of_a_thousand(server: Server) -> None:
    items = [{"create": {"traits": {"email": f"p{number}@example.com"}}} for number in range(999)]
    answer = await server.admin.patch("/admin/identities", json={"identities": [*items, items[0]]})
    actions = [each["action"] for each in answer.json()["identities"]]
    assert (actions.count("create"), actions.count("error"), len(actions)) == (999, 1, 1000)
    assert len(await listed(server, page_size=500)) == 500


async def test_a_batch_of_more_is_refused(server: Server) -> None:
    answer = await server.admin.patch("/admin/identities", json={"identities": [{}] * 1001})
    assert answer.status_code == 400


async def test_an_imported_token_of_a_provider_is_not_shown_in_clear_by_default(server: Server) -> None:
    link = {"oidc": {"config": {"providers": [{"provider": "acme", "subject": "1"}]}}}
    made = await server.create("ada@example.com", credentials=link)
    shown = (await server.admin.get(f"/admin/identities/{made['id']}?include_credential=oidc")).json()
    (entry,) = shown["credentials"]["oidc"]["config"]["providers"]
    assert (entry["provider"], entry["initial_access_token"]) == ("acme", "")

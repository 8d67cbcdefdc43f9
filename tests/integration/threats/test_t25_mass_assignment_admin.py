"""T25, on the operators' side: a body sets what it is for, and nothing that the server keeps for itself."""

from typing import Any

import pytest

from server_kit import Server

pytestmark = pytest.mark.anyio
OTHER = "5f1c6a3e-7a54-4d1e-9c0f-3d1f0e0e7a11"
KEPT = (
    *("id", "schema_url", "state_changed_at", "created_at", "organization_id"),
    *("verifiable_addresses", "recovery_addresses"),
)
FOREIGN: list[dict[str, Any]] = [
    {"id": OTHER},
    {"schema_url": "https://evil.example/"},
    {"created_at": "2001-01-01T00:00:00Z"},
    {"updated_at": "2001-01-01T00:00:00Z"},
    {"state_changed_at": "2001-01-01T00:00:00Z"},
    {"available_aal": "aal0"},
    {"nid": OTHER},
    {"is_admin": True},
    {"sessions": []},
    {"identity": {"id": OTHER}},
]


async def test_a_creation_with_more_than_it_may_set_is_refused(server: Server) -> None:
    for foreign in FOREIGN:
        body = {"traits": {"email": "ada@example.com"}, **foreign}
        assert (await server.admin.post("/admin/identities", json=body)).status_code == 400, foreign
    assert (await server.admin.get("/admin/identities")).json() == []


async def seen(server: Server, identity_id: str) -> dict[str, Any]:
    return dict((await server.admin.get(f"/admin/identities/{identity_id}")).json())


NOT_REPLACED: list[dict[str, Any]] = [
    *FOREIGN,
    {"verifiable_addresses": [{"value": "ada@example.com", "via": "email", "verified": True}]},
    {"recovery_addresses": [{"value": "mallory@example.com", "via": "email"}]},
    {"organization_id": OTHER},
    {"credentials": {"totp": {"config": {"totp_url": "otpauth://totp/x?secret=AAAA"}}}},
    {"credentials": {"password": {"identifiers": ["mallory@example.com"], "config": {"password": "brisk-Otter-71"}}}},
]


async def test_a_replacement_leaves_alone_what_it_may_not_set(server: Server) -> None:
    made = await server.create("ada@example.com")
    before = await seen(server, made["id"])
    for foreign in NOT_REPLACED:
        body = {"traits": {"email": "ada@example.com"}, "state": "active", **foreign}
        answer = await server.admin.put(f"/admin/identities/{made['id']}", json=body)
        assert answer.status_code in (200, 400)
        after = await seen(server, made["id"])
        assert list(after["credentials"]) == ["password"]
        assert after["credentials"]["password"]["identifiers"] == ["ada@example.com"]
        for name in KEPT:
            assert after[name] == before[name], foreign


async def test_an_address_of_a_batch_or_creation_counts_only_with_its_trait(server: Server) -> None:
    address = {"value": "mallory@example.com", "via": "email", "verified": True, "status": "completed"}
    known = {"verifiable_addresses": [address], "recovery_addresses": [{"value": address["value"], "via": "email"}]}
    made = await server.create("ada@example.com", **known)
    assert [each["value"] for each in made["verifiable_addresses"]] == ["ada@example.com"]
    assert not made["verifiable_addresses"][0]["verified"]
    assert [each["value"] for each in made["recovery_addresses"]] == ["ada@example.com"]


async def test_recovery_for_somebody_else_cannot_be_slipped_in(server: Server) -> None:
    made, other = await server.create("ada@example.com"), await server.create("bob@example.com")
    body = {"identity_id": made["id"], "IDENTITY_ID ": other["id"], "flow": OTHER, "code": "000000", "email": "x"}
    answer = await server.admin.post("/admin/recovery/code", json=body)
    assert answer.status_code == 201
    assert answer.json()["recovery_code"] != "000000"

"""T26: a JSON patch changes no credential, no id and no record of times, however its path is written."""

import itertools
from typing import Any

import pytest

from server_kit import Server

pytestmark = pytest.mark.anyio
HASH = "$2b$04$FnJnVDWudlF8JKWLoLgZ4OfVr4zpZ5b09xT3tI8P9YdzXuzYDM67u"
OTHER_HASH = "$2a$04$" + HASH[7:]
PATHS = [
    "/credentials",
    "/credentials/password",
    "/credentials/password/config",
    "/credentials/password/config/hashed_password",
    "/credentials/password/identifiers",
    "/credentials/password/identifiers/0",
    "/credentials/password/identifiers/-",
    "/credentials/password/type",
    "/credentials/totp",
    "/credentials/oidc/config/providers/0/subject",
    "/credentials/lookup_secret/config/recovery_codes/0/code",
    "/id",
    "/created_at",
    "/state_changed_at",
    "/stateChangedAt",
    "/schema_url",
]
SPELLINGS = [str, str.upper, str.title, lambda path: path.replace("e", "E"), lambda path: path + "/"]


async def test_no_spelling_of_a_denied_path_gets_through(server: Server) -> None:
    credentials = {"password": {"config": {"hashed_password": HASH}}}
    made = await server.create("ada@example.com", credentials=credentials)
    address = f"/admin/identities/{made['id']}"
    query = "?include_credential=password"
    before = (await server.admin.get(address + query)).json()
    for path, spell, op in itertools.product(PATHS, SPELLINGS, ("add", "replace", "remove")):
        operation = {"op": op, "path": spell(path), "value": OTHER_HASH}
        assert (await server.admin.patch(address, json=[operation])).status_code == 400, operation
    assert (await server.admin.get(address + query)).json() == before


DETOURS: list[list[Any]] = [
    [{"op": "copy", "from": "/credentials/password/config", "path": "/metadata_public"}],
    [{"op": "move", "from": "/credentials/password", "path": "/metadata_public"}],
    [{"op": "copy", "from": "/credentials", "path": "/traits/x"}],
    [{"op": "test", "path": "/credentials/password/config/hashed_password", "value": HASH}],
    [{"op": "replace", "path": "", "value": {"credentials": {}}}],
    [{"op": "add", "path": "/metadata_public", "value": 1}, {"op": "replace", "path": "/credentials", "value": {}}],
    [{"op": "replace", "path": "/credentials~1password", "value": 1, "from": "/credentials"}, {"op": "copy"}],
]


async def test_no_detour_gets_through(server: Server) -> None:
    made = await server.create("ada@example.com", credentials={"password": {"config": {"hashed_password": HASH}}})
    address = f"/admin/identities/{made['id']}"
    for patch in DETOURS:
        answer = await server.admin.patch(address, json=patch)
        assert answer.status_code == 400
        seen = (await server.admin.get(address + "?include_credential=password")).json()
        assert HASH not in answer.text
        assert seen["credentials"]["password"]["config"] == {"hashed_password": HASH}
        assert seen["metadata_public"] is None


async def test_an_escaped_slash_names_a_member_of_its_own(server: Server) -> None:
    made = await server.create("ada@example.com", credentials={"password": {"config": {"hashed_password": HASH}}})
    address = f"/admin/identities/{made['id']}"
    operation = {"op": "add", "path": "/credentials~1password~1config", "value": {}}
    assert (await server.admin.patch(address, json=[operation])).status_code == 200
    seen = (await server.admin.get(address + "?include_credential=password")).json()
    assert seen["credentials"]["password"]["config"] == {"hashed_password": HASH}


async def test_a_patch_that_fails_at_its_end_changes_nothing(server: Server) -> None:
    made = await server.create("ada@example.com")
    address = f"/admin/identities/{made['id']}"
    patch = [
        {"op": "replace", "path": "/state", "value": "inactive"},
        {"op": "remove", "path": "/traits/nothing"},
    ]
    assert (await server.admin.patch(address, json=patch)).status_code == 400
    assert (await server.admin.get(address)).json()["state"] == "active"

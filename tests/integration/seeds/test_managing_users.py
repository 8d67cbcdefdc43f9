"""Guides on managing users: invitations, accounts without a password, and a telephone number to sign in with."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from integration.mailbox import PASSWORD, browser, ids, mailing, open_page, schema
from live_server import merged

pytestmark = pytest.mark.anyio
EMAIL = "foo@ory.example"
INVITING: dict[str, Any] = {
    "selfservice": {
        "methods": {"link": {"enabled": True, "config": {"base_url": "https://my-example-domain.com"}}},
        "flows": {"recovery": {"enabled": True, "use": "link"}},
    }
}
PHONE: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {
        "traits": {
            "type": "object",
            "properties": {
                "phone": {
                    "type": "string",
                    "format": "tel",
                    "ory.sh/kratos": {"credentials": {"password": {"identifier": True}}},
                }
            },
            "required": ["phone"],
        }
    },
}


async def test_an_invited_person_sets_a_password_and_signs_in(dsn: str, tmp_path: Path) -> None:
    """The invitation names the domain of ``methods.link.config.base_url`` and works there once."""
    async with mailing(tmp_path, dsn, INVITING) as server:
        made = (
            await server.admin.post("/identities", json={"schema_id": "default", "traits": {"email": EMAIL}})
        ).json()
        assert (await server.log_in(EMAIL, PASSWORD)).status_code == 400
        asked = {"expires_in": "12h", "identity_id": made["id"]}
        link = (await server.admin.post("/recovery/link", json=asked, follow_redirects=True)).json()["recovery_link"]
        assert link.startswith("https://my-example-domain.com/self-service/recovery?")
        guest = browser(server)
        path = urlsplit(link)._replace(scheme="", netloc="").geturl()
        assert "/settings?flow=" in (await guest.get(path)).headers["location"]
        settings = await open_page(guest, "settings")
        assert (await settings.send(method="password", password=PASSWORD)).status_code == 200
        assert (await server.log_in(EMAIL, PASSWORD)).status_code == 200
        again = browser(server)
        assert "/recovery?flow=" in (await again.get(path)).headers["location"]
        assert (await again.get("/sessions/whoami")).status_code == 401


async def test_an_account_without_a_password_cannot_be_signed_in_to_with_one(dsn: str, tmp_path: Path) -> None:
    async with mailing(tmp_path, dsn) as server:
        await server.create(EMAIL)
        for password in ("", PASSWORD):
            answer = await server.log_in(EMAIL, password)
            assert answer.status_code == 400
            assert ids(answer.json()) in ([4000002], [4000006])


async def test_a_telephone_number_is_a_name_to_sign_in_with(dsn: str, tmp_path: Path) -> None:
    async with mailing(tmp_path, dsn, schema(PHONE)) as server:
        body = {"traits": {"phone": "+4915112345678"}, "credentials": {"password": {"config": {"password": PASSWORD}}}}
        assert (await server.admin.post("/admin/identities", json=body)).status_code == 201
        assert (await server.log_in("+4915112345678", PASSWORD)).status_code == 200
        twin = {"traits": {"phone": "+49 151 12345678"}}
        assert (await server.admin.post("/admin/identities", json=twin)).status_code in (400, 409)
        assert (await server.log_in("+4915112345679", PASSWORD)).status_code == 400


async def test_the_id_of_an_account_cannot_be_changed(dsn: str, tmp_path: Path) -> None:
    async with mailing(tmp_path, dsn) as server:
        made = await server.create(EMAIL)
        other = "7ca3df0e-874b-44f7-a258-6223d49f5952"
        patch = [{"op": "replace", "path": "/id", "value": other}]
        assert (await server.admin.patch(f"/admin/identities/{made['id']}", json=patch)).status_code == 400
        body = merged({"schema_id": "default", "traits": {"email": EMAIL}, "state": "active"}, {"id": other})
        await server.admin.put(f"/admin/identities/{made['id']}", json=body)
        assert (await server.admin.get(f"/admin/identities/{other}")).status_code == 404
        assert (await server.admin.get(f"/admin/identities/{made['id']}")).status_code == 200


async def test_an_account_is_made_with_its_address_verified(dsn: str, tmp_path: Path) -> None:
    async with mailing(tmp_path, dsn) as server:
        address = {"value": EMAIL, "verified": True, "via": "email", "status": "completed"}
        made = await server.create(EMAIL, verifiable_addresses=[address])
        assert [each["verified"] for each in made["verifiable_addresses"]] == [True]
        shown = (await server.admin.get(f"/admin/identities/{made['id']}")).json()
        assert [each["status"] for each in shown["verifiable_addresses"]] == ["completed"]

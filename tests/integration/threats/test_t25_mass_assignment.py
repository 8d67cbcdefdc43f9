"""T25: nobody gives themselves what only an operator may give."""

from typing import Any

import pytest

from integration.threats.people import PASSWORD, browser, flow_of, sign_up, whoami
from server_kit import Server

pytestmark = pytest.mark.anyio
EMAIL = "mallory@mail.test"
VERIFIED = [{"value": EMAIL, "via": "email", "verified": True, "status": "completed"}]
PRIVILEGES: list[dict[str, Any]] = [
    {"id": "11111111-2222-4333-8444-555555555555"},
    {"state": "inactive"},
    {"schema_id": "admin"},
    {"identity_schema": "admin"},
    {"external_id": "crm-1"},
    {"organization_id": "11111111-2222-4333-8444-555555555555"},
    {"metadata_public": {"role": "admin"}},
    {"metadata_admin": {"role": "admin"}},
    {"verifiable_addresses": VERIFIED},
    {"recovery_addresses": [{"value": "evil@mail.test", "via": "email"}]},
    {"credentials": {"password": {"identifiers": ["root@mail.test"]}, "totp": {"config": {"totp_url": "x"}}}},
    {"available_aal": "aal2"},
    {"identity": {"metadata_public": {"role": "admin"}}},
]


def assert_ordinary(identity: dict[str, Any]) -> None:
    assert identity["state"] == "active"
    assert identity["schema_id"] == "default"
    assert identity["metadata_public"] is None and not identity["metadata_admin"]
    assert identity["organization_id"] is None and "external_id" not in identity
    assert [(each["value"], each["verified"]) for each in identity["verifiable_addresses"]] == [(EMAIL, False)]
    assert [each["value"] for each in identity["recovery_addresses"]] == [EMAIL]
    assert list(identity["credentials"]) == ["password"]
    assert identity["credentials"]["password"]["identifiers"] == [EMAIL]
    assert identity["id"] != "11111111-2222-4333-8444-555555555555"


@pytest.mark.parametrize("extra", PRIVILEGES, ids=lambda extra: next(iter(extra)))
async def test_t25_signing_up_takes_traits_and_nothing_else(extra: dict[str, Any], server: Server) -> None:
    answer = await sign_up(server, EMAIL, **extra)
    assert_ordinary((await server.admin.get(f"/admin/identities/{answer['identity']['id']}")).json())


@pytest.mark.parametrize("extra", PRIVILEGES, ids=lambda extra: next(iter(extra)))
async def test_t25_nor_do_settings(extra: dict[str, Any], server: Server) -> None:
    answer = await sign_up(server, EMAIL)
    own = {"x-session-token": answer["session_token"]}
    flow = (await server.public.get("/self-service/settings/api", headers=own)).json()["id"]
    body = {"method": "profile", "traits": {"email": EMAIL}, **extra}
    saved = await server.public.post(f"/self-service/settings?flow={flow}", json=body, headers=own)
    assert saved.status_code == 200
    assert_ordinary((await server.admin.get(f"/admin/identities/{answer['identity']['id']}")).json())


@pytest.mark.parametrize("trait", ["role", "verified", "metadata_public"])
async def test_t25_traits_that_the_schema_lacks_are_refused_or_dropped(trait: str, server: Server) -> None:
    flow = (await server.public.get("/self-service/registration/api")).json()["id"]
    body = {"method": "password", "password": PASSWORD, "traits": {"email": EMAIL, trait: "admin"}}
    assert (await server.public.post(f"/self-service/registration?flow={flow}", json=body)).status_code == 400
    async with browser(server) as mallory:
        flow, token = await flow_of(mallory, "registration")
        fields = {"method": "password", "password": PASSWORD, "csrf_token": token, "traits.email": EMAIL}
        answer = await mallory.post(f"/self-service/registration?flow={flow}", data={**fields, f"traits.{trait}": "x"})
        assert answer.status_code == 303
        assert (await whoami(mallory)).json()["identity"]["traits"] == {"email": EMAIL}


async def test_t25_the_level_and_the_refresh_of_a_login_are_not_the_forms_to_set(server: Server) -> None:
    await sign_up(server, EMAIL)
    flow = (await server.public.get("/self-service/login/api")).json()["id"]
    body = {
        "method": "password",
        "identifier": EMAIL,
        "password": PASSWORD,
        "requested_aal": "aal2",
        "aal": "aal2",
        "session": {"identity_id": "other"},
        "active": True,
    }
    answer = (await server.public.post(f"/self-service/login?flow={flow}", json=body)).json()
    assert answer["session"]["authenticator_assurance_level"] == "aal1"


async def test_t25_admin_metadata_is_shown_to_nobody_outside(server: Server) -> None:
    created = await server.create(
        EMAIL, metadata_admin={"note": "vip"}, credentials={"password": {"config": {"password": PASSWORD}}}
    )
    answer = (await server.log_in(EMAIL, PASSWORD)).json()
    own = {"x-session-token": answer["session_token"]}
    seen = [answer, (await whoami(server.public, **own)).json()]
    seen.append((await server.public.get("/self-service/settings/api", headers=own)).json())
    for body in seen:
        assert "vip" not in str(body) and "metadata_admin" not in str(body) and "hashed_password" not in str(body)
    assert created["metadata_admin"] == {"note": "vip"}

"""T27: an account at a provider becomes somebody's here by their own proof, not because an address is the same."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pyotp
import pytest

from live_server import SCHEMA
from openid_provider import OpenIdProvider, running
from server_kit import Server, serving
from social import JSON, browser, configured, data, entry, form_of, messages, person, travel

pytestmark = pytest.mark.anyio
VICTIM, PASSWORD = "victim@example.com", "wind-9-Mill-Sail"
ASKED, DIFFER = 1010016, 4010009


@pytest.fixture
def provider() -> Iterator[OpenIdProvider]:
    with running() as found:
        found.person = {"sub": "attacker", "email": VICTIM, "email_verified": False}
        yield found


@pytest.fixture
async def server(provider: OpenIdProvider, dsn: str, tmp_path: Path, anyio_backend: str) -> AsyncIterator[Server]:
    del anyio_backend
    async with serving(tmp_path, dsn, configured(entry(provider))) as found:
        yield found


def with_password() -> dict[str, Any]:
    return {"credentials": {"password": {"config": {"password": PASSWORD}}}}


def proved(value: str = VICTIM) -> dict[str, Any]:
    """An account whose address is verified."""
    address = {"value": value, "via": "email", "verified": True, "status": "completed"}
    return {**with_password(), "verifiable_addresses": [address]}


async def providers_of(server: Server, identity: str) -> list[str]:
    shown = (await server.admin.get(f"/admin/identities/{identity}?include_credential=oidc")).json()
    return list(shown["credentials"].get("oidc", {}).get("identifiers") or [])


async def submit(who: httpx2.AsyncClient, flow: dict[str, Any], **fields: Any) -> httpx2.Response:
    token = next(node for node in flow["ui"]["nodes"] if node["attributes"]["name"] == "csrf_token")
    body = {"csrf_token": token["attributes"]["value"], "identifier": VICTIM, **fields}
    return await who.post(f"/self-service/login?flow={flow['id']}", json=body, headers=JSON)


@pytest.mark.parametrize("kind", ["login", "registration"])
@pytest.mark.parametrize("verified", [False, True])
async def test_the_same_address_alone_connects_nothing(
    server: Server, provider: OpenIdProvider, kind: str, verified: bool
) -> None:
    provider.person["email_verified"] = verified
    victim = (await server.create(VICTIM, **proved()))["id"]
    answer = await travel(server.public, kind)
    assert "no_org_ui=true" in answer.headers["location"]
    flow = await form_of(server.public, answer)
    assert messages(flow) == [ASKED]
    assert await person(server.public) is None
    refused = await submit(server.public, flow, method="password", password="a-guessed-Password")
    assert refused.status_code == 400
    assert await person(server.public) is None
    assert await providers_of(server, victim) == []


async def test_the_owner_s_proof_connects(server: Server) -> None:
    victim = (await server.create(VICTIM, **with_password()))["id"]
    flow = await form_of(server.public, await travel(server.public))
    answer = await submit(server.public, flow, method="password", password=PASSWORD)
    assert answer.status_code == 200, answer.text
    assert await providers_of(server, victim) == ["hub:attacker"]


async def test_somebody_else_s_proof_does_not(server: Server) -> None:
    victim = (await server.create(VICTIM, **with_password()))["id"]
    other = (await server.create("other@example.com", **with_password()))["id"]
    flow = await form_of(server.public, await travel(server.public))
    fields = {"method": "password", "password": PASSWORD, "identifier": "other@example.com"}
    answer = await submit(server.public, flow, **fields)
    assert answer.status_code == 400
    assert messages(answer.json()) == [DIFFER]
    assert await person(server.public) is None
    assert await providers_of(server, victim) == await providers_of(server, other) == []


async def test_another_browser_cannot_use_the_flow(server: Server) -> None:
    """Whoever gets the owner to open the link of a prepared flow gains nothing."""
    victim = (await server.create(VICTIM, **with_password()))["id"]
    flow = await form_of(server.public, await travel(server.public))
    answer = await submit(browser(server), flow, method="password", password=PASSWORD)
    assert answer.status_code == 403
    assert await providers_of(server, victim) == []


async def test_two_providers_with_the_same_subject_are_two_people(
    provider: OpenIdProvider, dsn: str, tmp_path: Path
) -> None:
    other = entry(provider, id="other")
    async with serving(tmp_path, dsn, configured(entry(provider), other)) as server:
        provider.person = {"sub": "1", "email": "one@example.com"}
        await travel(server.public)
        first = await person(server.public)
        provider.person = {"sub": "1", "email": "two@example.com"}
        second = browser(server)
        await travel(second, provider="other")
        found = await person(second)
        assert first is not None
        assert found is not None
        assert (first["traits"]["email"], found["traits"]["email"]) == ("one@example.com", "two@example.com")


async def test_names_with_colons_do_not_run_into_each_other(provider: OpenIdProvider, dsn: str, tmp_path: Path) -> None:
    """Provider ``hub`` with the subject ``a:b`` and provider ``hub:a`` with the subject ``b`` spell the same name."""
    async with serving(tmp_path, dsn, configured(entry(provider), entry(provider, id="hub:a"))) as server:
        provider.person = {"sub": "a:b", "email": VICTIM}
        await travel(server.public)
        provider.person = {"sub": "b", "email": "attacker@example.com"}
        attacker = browser(server)
        await travel(attacker, provider="hub:a")
        assert await person(attacker) is None


# -- account_linking_mode: automatic -----------------------------------------------


@pytest.mark.parametrize(
    ("theirs", "ours", "connected"),
    [(True, True, True), (False, True, False), (True, False, False), (False, False, False)],
)
async def test_without_asking_only_when_both_sides_have_proved_the_address(
    provider: OpenIdProvider, dsn: str, tmp_path: Path, theirs: bool, ours: bool, connected: bool
) -> None:
    """An account that a stranger made ahead with the victim's address is not verified, and nobody is led into it."""
    provider.person["email_verified"] = theirs
    async with serving(tmp_path, dsn, configured(entry(provider, account_linking_mode="automatic"))) as server:
        known = (await server.create(VICTIM, **(proved() if ours else with_password())))["id"]
        answer = await travel(server.public, "registration")
        found = await person(server.public)
        if connected:
            assert found is not None
            assert found["id"] == known
            assert await providers_of(server, known) == ["hub:attacker"]
        else:
            assert found is None
            assert messages(await form_of(server.public, answer)) == [ASKED]
            assert await providers_of(server, known) == []


async def test_not_to_an_account_that_is_switched_off(provider: OpenIdProvider, dsn: str, tmp_path: Path) -> None:
    provider.person["email_verified"] = True
    async with serving(tmp_path, dsn, configured(entry(provider, account_linking_mode="automatic"))) as server:
        known = (await server.create(VICTIM, **proved(), state="inactive"))["id"]
        await travel(server.public, "registration")
        assert await person(server.public) is None
        assert await providers_of(server, known) == []


async def test_nobody_connects_unasked_unless_the_operator_said_so(server: Server, provider: OpenIdProvider) -> None:
    provider.person["email_verified"] = True
    known = (await server.create(VICTIM, **proved()))["id"]
    await travel(server.public, "registration")
    assert await providers_of(server, known) == []


# -- what else the owner may have ---------------------------------------------------


async def test_the_second_factor_is_asked_for_before_anything_is_connected(
    provider: OpenIdProvider, dsn: str, tmp_path: Path
) -> None:
    """A stolen password is not enough to put another way in beside it."""
    methods = {"totp": {"enabled": True}}
    async with serving(tmp_path, dsn, configured(entry(provider), methods=methods)) as server:
        victim = (await server.create(VICTIM, **with_password()))["id"]
        secret = await enrol(server)
        who = browser(server)
        flow = await form_of(who, await travel(who))
        first = await submit(who, flow, method="password", password=PASSWORD)
        assert first.status_code == 422
        assert await providers_of(server, victim) == []
        step_up = await who.get("/self-service/login/browser?aal=aal2", headers=JSON)
        code = pyotp.TOTP(secret).now()
        second = await submit(who, step_up.json(), method="totp", totp_code=code)
        assert second.status_code == 200, second.text
        assert await providers_of(server, victim) == ["hub:attacker"]
        methods_used = [each["method"] for each in second.json()["session"]["authentication_methods"]]
        assert methods_used == ["password", "totp", "oidc"]


async def enrol(server: Server) -> str:
    """Gives the victim an authenticator app; its secret."""
    who = browser(server)
    start = await who.get("/self-service/login/browser", headers=JSON)
    assert (await submit(who, start.json(), method="password", password=PASSWORD)).status_code == 200
    flow = (await who.get("/self-service/settings/browser", headers=JSON)).json()
    nodes = {node["attributes"].get("name", node["attributes"].get("id")): node for node in flow["ui"]["nodes"]}
    secret = str(nodes["totp_secret_key"]["attributes"]["text"]["text"])
    body = {
        "method": "totp",
        "totp_code": pyotp.TOTP(secret).now(),
        "csrf_token": nodes["csrf_token"]["attributes"]["value"],
    }
    saved = await who.post(f"/self-service/settings?flow={flow['id']}", json=body, headers=JSON)
    assert saved.status_code == 200, saved.text
    return secret


async def test_a_password_that_a_stranger_set_ahead_goes_when_the_owner_connects(
    provider: OpenIdProvider, dsn: str, tmp_path: Path
) -> None:
    """The owner proves the mailbox; the password on the unverified account was somebody else's."""
    schema: dict[str, Any] = json.loads(json.dumps(SCHEMA))
    email = schema["properties"]["traits"]["properties"]["email"]
    email["ory.sh/kratos"]["credentials"]["code"] = {"identifier": True, "via": "email"}
    overrides = configured(entry(provider), methods={"code": {"enabled": True, "passwordless_enabled": True}})
    overrides["identity"] = {"schemas": [{"id": "default", "url": data(json.dumps(schema))}]}
    async with serving(tmp_path, dsn, overrides) as server:
        known = (await server.create(VICTIM, **with_password()))["id"]
        stranger = await server.log_in(VICTIM, PASSWORD)
        token = {"X-Session-Token": stranger.json()["session_token"]}
        who = browser(server)
        flow = await form_of(who, await travel(who))
        sent = await submit(who, flow, method="code")
        mails = (await server.admin.get("/admin/courier/messages")).json()
        code = re.search(r"\b[0-9]{6}\b", mails[0]["body"])
        assert code is not None
        done = await submit(who, sent.json(), method="code", code=code.group())
        assert done.status_code == 200, done.text
        assert await providers_of(server, known) == ["hub:attacker"]
        assert (await server.log_in(VICTIM, PASSWORD)).status_code == 400
        assert (await server.public.get("/sessions/whoami", headers=token)).status_code == 401


async def test_a_confirmed_session_is_not_another_account_s_way_in(server: Server, provider: OpenIdProvider) -> None:
    """Who confirms a session through a provider confirms it with a connected account, not with any."""
    victim = (await server.create(VICTIM, **with_password()))["id"]
    start = await server.public.get("/self-service/login/browser", headers=JSON)
    assert (await submit(server.public, start.json(), method="password", password=PASSWORD)).status_code == 200
    provider.person = {"sub": "stranger", "email": "stranger@example.com"}
    answer = await travel(server.public, "login", "?refresh=true")
    assert messages(await form_of(server.public, answer)) == [4000001]
    found = await person(server.public)
    assert found is not None
    assert found["id"] == victim
    assert len((await server.admin.get("/admin/identities")).json()) == 1

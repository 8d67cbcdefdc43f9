"""Signing in and up through a provider, in browsers and in apps."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from openid_provider import OpenIdProvider, signed
from server_kit import Server, serving
from social import (
    HTML,
    JSON,
    begin,
    browser,
    choose,
    configured,
    data,
    entry,
    form_of,
    messages,
    person,
    to_provider,
    travel,
)

pytestmark = pytest.mark.anyio
HOME = "https://app.test/home"


async def admin_view(server: Server, identity: str) -> dict[str, Any]:
    return dict((await server.admin.get(f"/admin/identities/{identity}?include_credential=oidc")).json())


async def test_who_is_unknown_signs_up_and_who_is_known_signs_in(
    provider: OpenIdProvider, dsn: str, tmp_path: Path
) -> None:
    async with serving(tmp_path, dsn, configured(entry(provider))) as server:
        people = []
        for kind in ("login", "registration", "login"):
            who = browser(server)
            assert (await travel(who, kind)).headers["location"] == HOME
            people.append(await person(who))
        assert people[0] is not None
        assert {each["id"] for each in people if each} == {people[0]["id"]}
        assert people[0]["verifiable_addresses"][0]["verified"] is True


async def test_a_switched_off_account_does_not_sign_in(provider: OpenIdProvider, tmp_path: Path) -> None:
    async with serving(tmp_path, overrides=configured(entry(provider))) as server:
        await travel(server.public)
        known = await person(server.public)
        assert known is not None
        patch = [{"op": "replace", "path": "/state", "value": "inactive"}]
        await server.admin.patch(f"/admin/identities/{known['id']}", json=patch)
        who = browser(server)
        assert "/error?" in (await travel(who)).headers["location"]
        assert await person(who) is None


async def test_after_signing_in_the_callback_leads_home(provider: OpenIdProvider, tmp_path: Path) -> None:
    async with serving(tmp_path, overrides=configured(entry(provider))) as server:
        back = await to_provider(await begin(server.public))
        for _ in range(2):
            assert (await server.public.get(back, headers=HTML)).headers["location"] == HOME
        assert len(provider.asked("/token")) == 1


async def test_a_refusal_uses_nothing_up(provider: OpenIdProvider, tmp_path: Path) -> None:
    async with serving(tmp_path, overrides=configured(entry(provider))) as server:
        url = await begin(server.public)
        provider.answers = {"code": None, "error": "access_denied", "error_description": "not today"}
        refused = await form_of(server.public, await server.public.get(await to_provider(url), headers=HTML))
        assert messages(refused) == [4000001]
        assert "not today" in refused["ui"]["messages"][0]["text"]
        provider.answers = {}
        assert (await server.public.get(await to_provider(url), headers=HTML)).headers["location"] == HOME


async def test_a_flow_that_expired_meanwhile_is_replaced(provider: OpenIdProvider, tmp_path: Path) -> None:
    late = [timedelta()]
    async with serving(
        tmp_path, overrides=configured(entry(provider)), clock=lambda: datetime.now(UTC) + late[0]
    ) as server:
        back = await to_provider(await begin(server.public))
        late[0] = timedelta(hours=2)
        replaced = await form_of(server.public, await server.public.get(back, headers=HTML))
        assert messages(replaced) == [4010001]
        assert provider.asked("/token") == []


async def test_where_registration_is_off_nobody_signs_up(provider: OpenIdProvider, tmp_path: Path) -> None:
    flows = {"registration": {"enabled": False}}
    async with serving(tmp_path, overrides=configured(entry(provider), flows=flows)) as server:
        assert messages(await form_of(server.public, await travel(server.public))) == [4000001]
        assert (await server.admin.get("/admin/identities")).json() == []
        await server.create("ada@example.com", credentials={"password": {"config": {"password": "wind-9-Mill-Sail"}}})
        who = browser(server)
        assert messages(await form_of(who, await travel(who))) == [1010016]


async def test_where_social_sign_in_was_switched_off_callbacks_lead_nowhere(
    provider: OpenIdProvider, tmp_path: Path
) -> None:
    overrides = configured(entry(provider))
    async with serving(tmp_path, overrides=overrides) as server:
        back = await to_provider(await begin(server.public))
    overrides["selfservice"]["methods"]["oidc"]["enabled"] = False
    async with serving(tmp_path, overrides=overrides) as server:
        assert "/error?" in (await server.public.get(back, headers=HTML)).headers["location"]


# -- what the provider is asked ------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [7, "prompt=login", ["prompt"], {"prompt": 7}, {"prompt": None}, {"prompt": {"a": "b"}}, {"hd": "x" * 2000}],
)
async def test_parameters_that_are_none_are_refused(provider: OpenIdProvider, tmp_path: Path, given: Any) -> None:
    async with serving(tmp_path, overrides=configured(entry(provider))) as server:
        flow = (await server.public.get("/self-service/login/browser", headers=JSON)).json()
        token = next(n for n in flow["ui"]["nodes"] if n["attributes"]["name"] == "csrf_token")["attributes"]["value"]
        form = {"method": "oidc", "provider": "hub", "csrf_token": token, "upstream_parameters": given}
        answer = await server.public.post(f"/self-service/login?flow={flow['id']}", json=form)
        assert answer.status_code == 400
        assert "upstream" in answer.json()["error"]["reason"]


async def test_nobody_changes_what_the_server_asks_for(provider: OpenIdProvider, tmp_path: Path) -> None:
    evil = {"redirect_uri": "https://evil.test", "scope": "admin", "state": "x", "client_id": "y", "login_hint": "ada"}
    async with serving(tmp_path, overrides=configured(entry(provider))) as server:
        query = parse_qs(urlsplit(await begin(server.public, upstream_parameters=evil)).query)
        assert (query["login_hint"], query["scope"], query["client_id"]) == (["ada"], ["openid email"], ["client"])
        assert query["redirect_uri"] == ["http://127.0.0.1:4433/self-service/methods/oidc/callback/hub"]
        assert query["state"] != ["x"]


async def test_forced_challenges_share_one_address(provider: OpenIdProvider, tmp_path: Path) -> None:
    providers = entry(provider, pkce="force"), entry(provider, id="other", pkce="force")
    async with serving(tmp_path, overrides=configured(*providers)) as server:
        for name in ("hub", "other"):
            who = browser(server)
            provider.person = {"sub": name, "email": f"{name}@example.com"}
            url = await begin(who, provider=name)
            assert parse_qs(urlsplit(url).query)["redirect_uri"][0].endswith("/self-service/methods/oidc/callback")
            assert (await who.get(await to_provider(url), headers=HTML)).headers["location"] == HOME
            found = await person(who)
            assert found is not None
            assert found["traits"]["email"] == f"{name}@example.com"


async def test_the_address_to_come_back_to_may_be_another(provider: OpenIdProvider, tmp_path: Path) -> None:
    overrides = configured(entry(provider))
    overrides["selfservice"]["methods"]["oidc"]["config"]["base_redirect_uri"] = "https://login.example.com/auth"
    async with serving(tmp_path, overrides=overrides) as server:
        query = parse_qs(urlsplit(await begin(server.public)).query)
        assert query["redirect_uri"] == ["https://login.example.com/auth/self-service/methods/oidc/callback/hub"]


async def test_an_answer_in_a_form_comes_again_by_get(provider: OpenIdProvider, tmp_path: Path) -> None:
    """Apple's form comes from another site, and so without our cookies."""
    async with serving(tmp_path, overrides=configured(entry(provider))) as server:
        back = await to_provider(await begin(server.public))
        path, _, query = back.partition("?")
        form = {name: values[0] for name, values in parse_qs(query).items()} | {"user": '{"name":{}}', "evil": "x"}
        hop = await browser(server).post(path, data=form)
        assert hop.status_code == 302
        assert hop.headers["location"].startswith(f"{path}?")
        sent = parse_qs(urlsplit(hop.headers["location"]).query)
        assert set(sent) == {"code", "state", "user"}
        assert not hop.headers.get_list("set-cookie")
        assert (await server.public.get(hop.headers["location"], headers=HTML)).headers["location"] == HOME


# -- what becomes of the answer ------------------------------------------------------


@pytest.mark.parametrize(
    ("token", "level"), [({"acr": "mfa"}, "aal2"), ({"amr": ["pwd", "otp"]}, "aal2"), ({"acr": "0"}, "aal1")]
)
async def test_the_provider_s_own_second_factor_counts_when_the_operator_says_so(
    provider: OpenIdProvider, tmp_path: Path, token: dict[str, Any], level: str
) -> None:
    provider.token = token
    given = entry(provider, aal2_acr_values=["mfa"], aal2_amr_values=["otp"])
    async with serving(tmp_path, overrides=configured(given)) as server:
        for _ in range(2):
            who = browser(server)
            await travel(who)
            session = (await who.get("/sessions/whoami", headers=JSON)).json()
            assert session["authenticator_assurance_level"] == level
        assert (await travel(browser(server))).headers["location"] == HOME


async def test_the_provider_s_word_counts_for_nothing_when_nobody_said_so(
    provider: OpenIdProvider, tmp_path: Path
) -> None:
    provider.token = {"acr": "mfa", "amr": ["otp"]}
    async with serving(tmp_path, overrides=configured(entry(provider))) as server:
        await travel(server.public)
        session = (await server.public.get("/sessions/whoami", headers=JSON)).json()
        assert session["authenticator_assurance_level"] == "aal1"


MAPS_ALL = """
local claims = std.extVar('claims');
local identity = std.extVar('identity');
{ identity: {
  traits: { email: claims.email },
  metadata_public: { seen: std.get(std.get(identity, 'metadata_public', {}), 'seen', 0) + 1 },
  [if std.objectHas(claims.raw_claims, 'admin') then 'metadata_admin']: { admin: claims.raw_claims.admin },
  verified_addresses: [{ via: 'email', value: claims.email }],
} }
"""


async def test_an_account_may_follow_the_provider_at_every_login(
    provider: OpenIdProvider, dsn: str, tmp_path: Path
) -> None:
    given = entry(provider, mapper_url=data(MAPS_ALL), update_identity_on_login="automatic")
    async with serving(tmp_path, dsn, configured(given)) as server:
        provider.person["admin"] = True
        await travel(server.public)
        provider.person = {"sub": "1001", "email": "new@example.com"}
        who = browser(server)
        await travel(who)
        known = await person(who)
        assert known is not None
        shown = await admin_view(server, known["id"])
        assert shown["traits"] == {"email": "new@example.com"}
        assert shown["metadata_public"] == {"seen": 2}
        assert shown["metadata_admin"] == {"admin": True}, "what the mapper does not speak of stays"
        assert [each["verified"] for each in shown["verifiable_addresses"]] == [True]


@pytest.mark.parametrize("email", ["no address", "taken@example.com"])
async def test_what_does_not_fit_at_a_later_login_is_refused(
    provider: OpenIdProvider, dsn: str, tmp_path: Path, email: str
) -> None:
    given = entry(provider, mapper_url=data(MAPS_ALL), update_identity_on_login="automatic")
    async with serving(tmp_path, dsn, configured(given)) as server:
        await server.create("taken@example.com")
        await travel(server.public)
        known = await person(server.public)
        provider.person = {"sub": "1001", "email": email}
        who = browser(server)
        assert messages(await form_of(who, await travel(who))) == [4000001]
        assert await person(who) is None
        assert known is not None
        assert (await admin_view(server, known["id"]))["traits"] == {"email": "ada@example.com"}


async def test_accounts_stay_as_they_are_unless_the_operator_says_otherwise(
    provider: OpenIdProvider, tmp_path: Path
) -> None:
    async with serving(tmp_path, overrides=configured(entry(provider))) as server:
        await travel(server.public)
        provider.person = {"sub": "1001", "email": "new@example.com"}
        who = browser(server)
        await travel(who)
        known = await person(who)
        assert known is not None
        assert known["traits"] == {"email": "ada@example.com"}


async def test_an_address_that_is_no_trait_verifies_nothing(provider: OpenIdProvider, tmp_path: Path) -> None:
    mapper = MAPS_ALL.replace("value: claims.email", "value: 'ceo@victim.example'")
    async with serving(tmp_path, overrides=configured(entry(provider, mapper_url=data(mapper)))) as server:
        await travel(server.public)
        known = await person(server.public)
        assert known is not None
        addresses = [(each["value"], each["verified"]) for each in known["verifiable_addresses"]]
        assert addresses == [("ada@example.com", False)]


@pytest.mark.parametrize(
    "mapper",
    [
        "7",
        "[]",
        "{ identity: [] }",
        "{ identity: { traits: 'x' } }",
        "{ identity: { traits: {}, metadata_public: 7 } }",
        "{ identity: { traits: {}, verified_addresses: 'all' } }",
        "{ identity: { traits: { email: std.extVar('claims').nothing } } }",
        "local f(x) = f(x + 1) + 1; { identity: { traits: { email: f(0) } } }",
        "{ identity: { traits: import '/etc/passwd' } }",
    ],
)
async def test_a_mapper_that_does_not_work_shows_nothing_of_itself(
    provider: OpenIdProvider, tmp_path: Path, mapper: str
) -> None:
    async with serving(tmp_path, overrides=configured(entry(provider, mapper_url=data(mapper)))) as server:
        answer = await travel(server.public, "registration")
        error = await server.public.get(f"/self-service/errors?{urlsplit(answer.headers['location']).query}")
        assert error.json()["error"]["code"] == 500
        assert "passwd" not in error.text
        assert "1001" not in error.text


async def test_tokens_rest_encrypted_and_only_operators_who_ask_see_them(
    provider: OpenIdProvider, dsn: str, tmp_path: Path
) -> None:
    overrides = configured(entry(provider)) | {"ciphers": {"algorithm": "xchacha20-poly1305"}}
    async with serving(tmp_path, dsn, overrides) as server:
        await travel(server.public)
        known = await person(server.public)
        assert known is not None
        stored = await server.runtime.services.identities.by_id(known["id"])
        assert stored is not None
        kept = stored.credentials["oidc"].config["providers"][0]
        assert "access-1" not in str(kept)
        assert b"access-1".hex() not in str(kept)
        shown = (await admin_view(server, known["id"]))["credentials"]["oidc"]["config"]["providers"][0]
        assert (shown["initial_access_token"], shown["initial_refresh_token"]) == ("access-1", "refresh-1")
        bare = (await server.admin.get(f"/admin/identities/{known['id']}")).text
        assert "access-1" not in bare
        assert "initial_" not in (await server.public.get("/sessions/whoami", headers=JSON)).text


# -- apps --------------------------------------------------------------------------


async def test_an_app_lets_a_browser_sign_in(provider: OpenIdProvider, dsn: str, tmp_path: Path) -> None:
    async with serving(tmp_path, dsn, configured(entry(provider))) as server:
        for kind in ("registration", "login", "registration", "login"):
            query = "?return_session_token_exchange_code=true&return_to=app%3A%2F%2Fback"
            flow = (await browser(server).get(f"/self-service/{kind}/api{query}")).json()
            form = {"method": "oidc", "provider": "hub"}
            sent = await browser(server).post(f"/self-service/{kind}?flow={flow['id']}", json=form)
            back = await browser(server).get(await to_provider(sent.json()["redirect_browser_to"]), headers=HTML)
            assert back.headers["location"].startswith("app://back?code=")
            codes = {
                "init_code": flow["session_token_exchange_code"],
                "return_to_code": parse_qs(urlsplit(back.headers["location"]).query)["code"][0],
            }
            traded = await server.public.get("/sessions/token-exchange", params=codes)
            token = {"X-Session-Token": traded.json()["session_token"]}
            assert (await browser(server).get("/sessions/whoami", headers=token)).status_code == 200
            assert (await server.public.get("/sessions/token-exchange", params=codes)).status_code == 404
        assert len((await server.admin.get("/admin/identities")).json()) == 1


async def test_an_app_s_flow_without_an_exchange_does_not_end_in_another_browser(
    provider: OpenIdProvider, tmp_path: Path
) -> None:
    async with serving(tmp_path, overrides=configured(entry(provider))) as server:
        flow = (await browser(server).get("/self-service/login/api")).json()
        form = {"method": "oidc", "provider": "hub"}
        sent = await browser(server).post(f"/self-service/login?flow={flow['id']}", json=form)
        back = await browser(server).get(await to_provider(sent.json()["redirect_browser_to"]), headers=HTML)
        assert "/error?" in back.headers["location"]


def app_token(provider: OpenIdProvider, **claims: Any) -> str:
    now = int(time.time())
    whole = {"iss": provider.url, "aud": "phone", "sub": "1001", "iat": now, "exp": now + 60, "nonce": "n", **claims}
    return signed(provider, whole)


@pytest.mark.parametrize("kind", ["login", "registration"])
async def test_an_app_hands_in_an_id_token(provider: OpenIdProvider, dsn: str, tmp_path: Path, kind: str) -> None:
    given = entry(provider, provider="fedcm-test", additional_id_token_audiences=["phone"])
    async with serving(tmp_path, dsn, configured(given)) as server:
        for query in ("", "?return_session_token_exchange_code=true"):
            flow = (await server.public.get(f"/self-service/{kind}/api{query}")).json()
            token = app_token(provider, email="ada@example.com")
            form = {"method": "oidc", "provider": "hub", "id_token": token, "id_token_nonce": "n"}
            answer = await server.public.post(f"/self-service/{kind}?flow={flow['id']}", json=form)
            assert answer.status_code == 200, answer.text
            assert answer.json()["session"]["identity"]["traits"] == {"email": "ada@example.com"}
            assert answer.json()["session_token"]
        assert len((await server.admin.get("/admin/identities")).json()) == 1


@pytest.mark.parametrize(
    ("claims", "nonce"),
    [({}, ""), ({}, "m"), ({"nonce": ""}, ""), ({"nonce": ""}, "n"), ({"aud": "theirs"}, "n"), ({"exp": 1}, "n")],
)
async def test_an_id_token_that_is_not_for_this_sign_in(
    provider: OpenIdProvider, tmp_path: Path, claims: dict[str, Any], nonce: str
) -> None:
    given = entry(provider, provider="fedcm-test", additional_id_token_audiences=["phone"])
    async with serving(tmp_path, overrides=configured(given)) as server:
        flow = (await server.public.get("/self-service/login/api")).json()
        form = {"method": "oidc", "provider": "hub", "id_token": app_token(provider, **claims), "id_token_nonce": nonce}
        answer = await server.public.post(f"/self-service/login?flow={flow['id']}", json=form)
        assert answer.status_code == 400
        assert messages(answer.json()) == [4000001]


async def test_an_app_s_person_completes_what_is_missing(provider: OpenIdProvider, tmp_path: Path) -> None:
    given = entry(provider, provider="fedcm-test", additional_id_token_audiences=["phone"])
    async with serving(tmp_path, overrides=configured(given)) as server:
        flow = (await server.public.get("/self-service/registration/api")).json()
        form: dict[str, Any] = {"method": "oidc", "provider": "hub", "id_token_nonce": "n"}
        form["id_token"] = app_token(provider)
        missing = await server.public.post(f"/self-service/registration?flow={flow['id']}", json=form)
        assert missing.status_code == 400
        node = next(n for n in missing.json()["ui"]["nodes"] if n["attributes"]["name"] == "traits.email")
        assert [each["id"] for each in node["messages"]] == [4000002]
        form["traits"] = {"email": "ada@example.com"}
        done = await server.public.post(f"/self-service/registration?flow={flow['id']}", json=form)
        assert done.status_code == 200, done.text


# -- while the registration form is closed --------------------------------------------


CLOSED = {"registration": {"enabled": False, "through_providers": True}}
METHODS = {"password": {"enabled": True}, "code": {"enabled": True, "passwordless_enabled": True}}
SIGN_UPS: list[dict[str, Any]] = [
    {"method": "password", "password": "wind-9-Mill-Sail"},
    {"password": "wind-9-Mill-Sail"},
    {"method": "code"},
    {"method": "profile"},
    {"method": "profile", "screen": "credential-selection"},
]


async def test_with_the_form_closed_people_still_come_through_a_provider(
    provider: OpenIdProvider, tmp_path: Path
) -> None:
    async with serving(tmp_path, overrides=configured(entry(provider), flows=CLOSED)) as server:
        for _ in range(2):
            who = browser(server)
            assert (await travel(who)).headers["location"] == HOME
            assert await person(who) is not None
        assert len((await server.admin.get("/admin/identities")).json()) == 1
        for kind in ("browser", "api"):
            refused = await server.public.get(f"/self-service/registration/{kind}", headers=JSON)
            assert refused.json()["error"]["id"] == "self_service_flow_disabled"


async def incomplete(provider: OpenIdProvider, server: Server) -> tuple[dict[str, Any], dict[str, Any]]:
    """A registration flow that a provider began and lacks the address, and the hidden fields of its form."""
    provider.person = {"sub": "1001"}
    flow = await form_of(server.public, await travel(server.public), "registration")
    hidden = {n["attributes"]["name"]: n["attributes"].get("value") for n in flow["ui"]["nodes"]}
    return flow, {"csrf_token": hidden["csrf_token"], "traits": {"email": "eve@example.com"}}


@pytest.mark.parametrize("chosen", SIGN_UPS)
async def test_with_the_form_closed_no_other_method_ends_what_a_provider_began(
    provider: OpenIdProvider, tmp_path: Path, chosen: dict[str, Any]
) -> None:
    overrides = configured(entry(provider), flows=CLOSED, methods=METHODS)
    async with serving(tmp_path, overrides=overrides) as server:
        flow, form = await incomplete(provider, server)
        assert {n["group"] for n in flow["ui"]["nodes"]} == {"default", "oidc"}
        answer = await server.public.post(f"/self-service/registration?flow={flow['id']}", json=form | chosen)
        assert answer.status_code in (400, 404), answer.text
        assert {n["group"] for n in answer.json().get("ui", {}).get("nodes", ())} <= {"default", "oidc"}
        assert (await server.admin.get("/admin/identities")).json() == []


async def test_with_the_form_closed_what_is_missing_can_be_typed(provider: OpenIdProvider, tmp_path: Path) -> None:
    async with serving(tmp_path, overrides=configured(entry(provider), flows=CLOSED)) as server:
        flow, form = await incomplete(provider, server)
        back = await to_provider(await choose(server.public, flow, traits=form["traits"]))
        assert (await server.public.get(back, headers=HTML)).headers["location"] == HOME
        known = await person(server.public)
        assert known is not None and known["traits"] == form["traits"]


async def test_with_the_form_closed_a_form_from_before_ends_in_nothing(
    provider: OpenIdProvider, tmp_path: Path
) -> None:
    async with serving(tmp_path, overrides=configured(entry(provider))) as server:
        flow = (await server.public.get("/self-service/registration/api")).json()
    form = {"method": "password", "password": "wind-9-Mill-Sail", "traits": {"email": "eve@example.com"}}
    for flows in (CLOSED, {"registration": {"enabled": True}}):
        async with serving(tmp_path, overrides=configured(entry(provider), flows=flows)) as server:
            answer = await server.public.post(f"/self-service/registration?flow={flow['id']}", json=form)
            assert (answer.status_code == 200) is (flows is not CLOSED), answer.text


# -- forms -------------------------------------------------------------------------


async def test_a_confirmed_sign_in_offers_connected_providers_alone(provider: OpenIdProvider, tmp_path: Path) -> None:
    async with serving(tmp_path, overrides=configured(entry(provider), entry(provider, id="other"))) as server:
        await travel(server.public)
        flow = (await server.public.get("/self-service/login/browser?refresh=true", headers=JSON)).json()
        offered = [n["attributes"]["value"] for n in flow["ui"]["nodes"] if n["attributes"]["name"] == "provider"]
        assert offered == ["hub"]
        url = await begin(server.public, "login", "?refresh=true")
        assert parse_qs(urlsplit(url).query)["prompt"] == ["login"]
        assert (await server.public.get(await to_provider(url), headers=HTML)).headers["location"] == HOME


async def test_in_two_screens_the_second_offers_what_is_connected(provider: OpenIdProvider, tmp_path: Path) -> None:
    flows = {"login": {"style": "identifier_first"}}
    providers = entry(provider), entry(provider, id="other")
    async with serving(tmp_path, overrides=configured(*providers, flows=flows)) as server:
        await travel(browser(server), "registration")
        flow = (await server.public.get("/self-service/login/browser", headers=JSON)).json()
        assert len([n for n in flow["ui"]["nodes"] if n["group"] == "oidc"]) == 2
        token = next(n for n in flow["ui"]["nodes"] if n["attributes"]["name"] == "csrf_token")["attributes"]["value"]
        form = {"method": "identifier_first", "identifier": "ada@example.com", "csrf_token": token}
        second = (await server.public.post(f"/self-service/login?flow={flow['id']}", json=form)).json()
        assert [n["attributes"]["value"] for n in second["ui"]["nodes"] if n["group"] == "oidc"] == ["hub"]
        assert messages(second) == []


async def test_fields_may_stand_in_the_older_group(provider: OpenIdProvider, tmp_path: Path) -> None:
    provider.person = {"sub": "1001"}
    overrides = configured(entry(provider)) | {"feature_flags": {"legacy_oidc_registration_node_group": True}}
    async with serving(tmp_path, overrides=overrides) as server:
        flow = await form_of(server.public, await travel(server.public, "registration"), "registration")
        email = next(n for n in flow["ui"]["nodes"] if n["attributes"]["name"] == "traits.email")
        assert email["group"] == "oidc"


async def test_what_was_typed_counts_more_than_what_the_provider_says(provider: OpenIdProvider, tmp_path: Path) -> None:
    async with serving(tmp_path, overrides=configured(entry(provider))) as server:
        await travel(server.public, "registration", traits={"email": "typed@example.com"})
        known = await person(server.public)
        assert known is not None
        assert known["traits"] == {"email": "typed@example.com"}
        assert known["verifiable_addresses"][0]["verified"] is False, "the provider vouched for another address"


async def test_more_than_can_be_kept_is_refused(provider: OpenIdProvider, tmp_path: Path) -> None:
    async with serving(tmp_path, overrides=configured(entry(provider))) as server:
        flow = (await server.public.get("/self-service/registration/browser", headers=JSON)).json()
        token = next(n for n in flow["ui"]["nodes"] if n["attributes"]["name"] == "csrf_token")["attributes"]["value"]
        form = {"provider": "hub", "csrf_token": token, "traits": {"email": "x" * 20_000}}
        answer = await server.public.post(f"/self-service/registration?flow={flow['id']}", json=form)
        assert answer.status_code == 400


@pytest.mark.parametrize("kind", ["login", "registration"])
async def test_another_site_cannot_send_a_browser_off(provider: OpenIdProvider, tmp_path: Path, kind: str) -> None:
    async with serving(tmp_path, overrides=configured(entry(provider))) as server:
        flow = (await server.public.get(f"/self-service/{kind}/browser", headers=JSON)).json()
        answer = await server.public.post(f"/self-service/{kind}?flow={flow['id']}", json={"provider": "hub"})
        assert answer.status_code == 403

"""Vendors that speak OpenID Connect, each with what it does in its own way."""

import hashlib
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from identity_server.errors import ApiError
from identity_server.methods.oidc_method.refusals import ProviderRefused
from openid_provider import ec_key, public_jwk
from unit.methods.oidc_method.vendors import Net, arrive, begin, id_token, openid_server, provider

pytestmark = pytest.mark.anyio
TENANT, OTHER_TENANT = "0b5f2a4e-1111-4222-8333-444455556666", "9188040d-6c67-4c5b-b112-36a304b66dad"


def with_token(issuer: str, **claims: Any) -> dict[str, Any]:
    return {f"{issuer.rstrip('/')}/token": {"access_token": "at", "id_token": id_token(issuer, **claims)}}


# -- google ------------------------------------------------------------------------

GOOGLE = "https://accounts.google.com"


async def test_google_is_asked_for_refresh_tokens_in_its_own_words() -> None:
    google = provider("google", Net(openid_server(GOOGLE)), scope=("email", "offline_access"))
    place, asked, _ = await begin(google, hd="example.com")
    assert place == f"{GOOGLE}/authorize"
    assert (asked["scope"], asked["access_type"], asked["hd"]) == ("email openid", "offline", "example.com")


@pytest.mark.parametrize("issuer", [GOOGLE, "accounts.google.com"])
async def test_google_signs_with_either_form_of_its_name(issuer: str) -> None:
    answers = openid_server(GOOGLE, code_challenge_methods_supported=["S256"])
    answers[f"{GOOGLE}/token"] = {"access_token": "at", "id_token": id_token(issuer, hd="example.com")}
    found = await arrive(provider("google", Net(answers)))
    assert (found.subject, found.values["hd"]) == ("1001", "example.com")


@pytest.mark.parametrize(
    ("carried", "told", "good"), [("", "", True), ("n", "n", True), ("n", "", False), ("n", "m", False)]
)
async def test_google_s_libraries_may_leave_the_nonce_out(carried: str, told: str, good: bool) -> None:
    claims = {"nonce": carried} if carried else {}
    google = provider("google", Net(openid_server(GOOGLE)), audiences=("ios-app",))
    token = id_token(GOOGLE, aud="ios-app", **claims)
    if good:
        assert (await google.claims_of_app(token, told)).subject == "1001"
    else:
        with pytest.raises(ProviderRefused):
            await google.claims_of_app(token, told)


async def test_an_app_s_token_for_an_app_that_is_not_ours() -> None:
    google = provider("google", Net(openid_server(GOOGLE)), audiences=("ios-app",))
    with pytest.raises(ProviderRefused, match="another client"):
        await google.claims_of_app(id_token(GOOGLE, aud="their-app"), "")


async def test_other_vendors_take_no_tokens_of_apps() -> None:
    for vendor in ("generic", "microsoft", "github", "x", "line"):
        with pytest.raises(ApiError) as caught:
            await provider(vendor, Net({}), microsoft_tenant="common").claims_of_app("a.b.c", "")
        assert (caught.value.status, caught.value.id) == (502, "upstream_error")


# -- apple -------------------------------------------------------------------------

APPLE = "https://appleid.apple.com"
KEY = ec_key("apple").private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
)


def apple(net: Net, **more: Any) -> Any:
    given = {"apple_team_id": "TEAM", "apple_private_key_id": "KEY1", "apple_private_key": KEY.decode(), **more}
    return provider("apple", net, **given)


async def test_apple_sends_names_and_addresses_in_a_form() -> None:
    net = Net(openid_server(APPLE))
    assert (await begin(apple(net, scope=("openid", "name"))))[1]["response_mode"] == "form_post"
    assert "response_mode" not in (await begin(apple(net, scope=("openid",))))[1]


async def test_apple_s_client_secret_is_a_short_lived_token() -> None:
    net = Net(openid_server(APPLE, token_endpoint_auth_methods_supported=["client_secret_post"]) | with_token(APPLE))
    await arrive(apple(net))
    form = net.at(f"{APPLE}/token").form
    secret = jwt.decode(form["client_secret"], ec_key("apple").public_key(), ["ES256"], audience=APPLE)
    assert (secret["iss"], secret["sub"], secret["exp"] - secret["iat"]) == ("TEAM", "client", 300)
    assert jwt.get_unverified_header(form["client_secret"])["kid"] == "KEY1"


@pytest.mark.parametrize("key", ["", "no key", KEY.decode()[:60]])
async def test_apple_with_a_key_that_is_none(key: str) -> None:
    with pytest.raises(ApiError) as caught:
        await arrive(apple(Net(openid_server(APPLE)), apple_private_key=key))
    assert caught.value.id == "invalid_configuration"
    assert "PEM" in caught.value.reason


async def test_apple_tells_the_name_once_beside_the_token_and_truth_as_text() -> None:
    net = Net(openid_server(APPLE) | with_token(APPLE, email="a@example.com", email_verified="true"))
    user = '{"name":{"firstName":"Ada","lastName":"Byron"},"email":"somebody-else@example.com"}'
    found = await arrive(apple(net), user=user)
    assert (found.values["given_name"], found.values["family_name"]) == ("Ada", "Byron")
    assert (found.values["email"], found.values["email_verified"]) == ("a@example.com", True)


@pytest.mark.parametrize("user", ["", "[]", "{}", '{"name":7}', "no JSON", '{"name":{"firstName":null}}'])
async def test_apple_s_name_may_be_anything_since_nobody_signed_it(user: str) -> None:
    found = await arrive(apple(Net(openid_server(APPLE) | with_token(APPLE))), user=user)
    assert "given_name" not in found.values


@pytest.mark.parametrize(("claims", "good"), [({"nonce_supported": True}, False), ({}, True)])
async def test_apple_s_tokens_lack_a_nonce_only_where_it_is_not_supported(claims: dict[str, Any], good: bool) -> None:
    token, found = id_token(APPLE, **claims), apple(Net(openid_server(APPLE)))
    if good:
        assert (await found.claims_of_app(token, "")).subject == "1001"
    else:
        with pytest.raises(ProviderRefused, match="nonce"):
            await found.claims_of_app(token, "")


# -- microsoft ---------------------------------------------------------------------


def issuer_of(tenant: str) -> str:
    return f"https://login.microsoftonline.com/{tenant}/v2.0"


def microsoft(tenant: str, document_issuer: str, **token: Any) -> tuple[Any, Net]:
    place = issuer_of(tenant)
    answers = openid_server(place) | {f"{place}/token": {"access_token": "at", "id_token": token.pop("made")}}
    answers[f"{place}/.well-known/openid-configuration"]["issuer"] = document_issuer
    net = Net(answers)
    return provider("microsoft", net, microsoft_tenant=tenant, **token), net


@pytest.mark.parametrize(
    ("tenant", "named", "good"),
    [
        ("common", TENANT, True),
        ("common", OTHER_TENANT, True),
        ("organizations", TENANT, True),
        ("organizations", OTHER_TENANT, False),
        ("consumers", OTHER_TENANT, True),
        ("consumers", TENANT, False),
        (TENANT, TENANT, True),
        (TENANT, OTHER_TENANT, False),
        ("common", "../evil", False),
        ("common", "", False),
    ],
)
async def test_microsoft_s_tokens_come_from_a_tenant_that_may_sign_in(tenant: str, named: str, good: bool) -> None:
    document = issuer_of(TENANT) if tenant == TENANT else issuer_of("{tenantid}")
    made = id_token(issuer_of(named), tid=named, email="ceo@victim.example")
    found, _ = microsoft(tenant, document, made=made)
    if good:
        claims = await arrive(found)
        assert claims.issuer == issuer_of(named)
        assert "email_verified" not in claims.values, "Microsoft verifies no addresses"
    else:
        with pytest.raises(ProviderRefused):
            await arrive(found)


async def test_microsoft_s_tokens_do_not_name_another_tenant_than_their_issuer() -> None:
    made = id_token(issuer_of(OTHER_TENANT), tid=TENANT)
    with pytest.raises(ProviderRefused, match="somebody else"):
        await arrive(microsoft("common", issuer_of("{tenantid}"), made=made)[0])


@pytest.mark.parametrize(("source", "subject"), [("userinfo", "1001"), ("oid", "object-7"), ("me", "graph-9")])
async def test_microsoft_s_subject_is_the_one_that_was_chosen(source: str, subject: str) -> None:
    made = id_token(issuer_of(TENANT), tid=TENANT, oid="object-7")
    found, net = microsoft("common", issuer_of("{tenantid}"), made=made, subject_source=source)
    net.answers["https://graph.microsoft.com/v1.0/me"] = {"id": "graph-9"}
    assert (await arrive(found)).subject == subject


# -- those with more at the userinfo endpoint ---------------------------------------


async def test_auth0_ends_its_issuer_with_a_slash_and_dates_profiles_in_words() -> None:
    issuer = "https://tenant.eu.auth0.com/"
    answers = openid_server(issuer) | with_token(issuer)
    answers["https://tenant.eu.auth0.com/userinfo"] = {"sub": "1001", "updated_at": "2024-01-02T03:04:05.678Z"}
    for written in (issuer, issuer.rstrip("/")):
        found = await arrive(provider("auth0", Net(answers), issuer_url=written))
        assert (found.issuer, found.values["updated_at"]) == (issuer, 1704164645)


async def test_gitlab_is_gitlab_com_unless_an_instance_is_named() -> None:
    for issuer, written in (("https://gitlab.com", ""), ("https://git.example.com", "https://git.example.com/")):
        answers = openid_server(issuer) | with_token(issuer)
        answers[f"{issuer}/userinfo"] = {"sub": "1001", "nickname": "ada", "groups": ["staff"]}
        found = await arrive(provider("gitlab", Net(answers), issuer_url=written))
        assert (found.values["nickname"], found.raw["groups"]) == ("ada", ["staff"])


async def test_linkedin_s_documents_lie_elsewhere_and_it_gets_no_nonce() -> None:
    issuer = "https://www.linkedin.com"
    answers = openid_server(issuer, f"{issuer}/oauth") | with_token(issuer)
    answers[f"{issuer}/userinfo"] = {"sub": "1001", "locale": {"country": "US", "language": "en"}}
    linkedin = provider("linkedin_v2", Net(answers))
    _, asked, journey = await begin(linkedin)
    assert "nonce" not in asked
    assert (await arrive(linkedin, journey)).values["locale"] == "en-US"


async def test_userinfo_about_somebody_else_is_refused() -> None:
    issuer = "https://gitlab.com"
    answers = openid_server(issuer) | with_token(issuer)
    answers[f"{issuer}/userinfo"] = {"sub": "another"}
    with pytest.raises(ProviderRefused, match="two different people"):
        await arrive(provider("gitlab", Net(answers)))


async def test_netid_trades_a_browser_s_token_for_an_id_token() -> None:
    issuer = "https://broker.netid.de/"
    answers = openid_server(issuer) | {"https://broker.netid.de/token": {"id_token": id_token(issuer, nonce="n")}}
    net = Net(answers)
    netid = provider("netid", net, net_id_token_origin_header="https://app.example")
    assert (await netid.claims_of_app("the-browser's", "n")).subject == "1001"
    asked = net.at("https://broker.netid.de/token")
    assert asked.form == {"grant_type": "netid_fedcm", "fedcm_token": "the-browser's"}
    assert asked.headers["Origin"] == "https://app.example"


@pytest.mark.parametrize("answer", [{}, {"id_token": 7}, (400, {"error": "invalid"}), (200, b"no JSON")])
async def test_netid_may_not_trade(answer: Any) -> None:
    issuer = "https://broker.netid.de/"
    netid = provider("netid", Net(openid_server(issuer) | {"https://broker.netid.de/token": answer}))
    with pytest.raises(ProviderRefused):
        await netid.claims_of_app("x", "n")


async def test_line_is_asked_for_a_signature_that_can_be_checked() -> None:
    issuer = "https://access.line.me"
    net = Net(openid_server(issuer) | with_token(issuer))
    await arrive(provider("line", net))
    assert net.at(f"{issuer}/token").form["id_token_key_type"] == "JWK"


async def test_jackson_s_endpoints_follow_from_the_configured_ones() -> None:
    issuer, inside = "https://saml.example.com", "http://jackson.internal"
    answers = {
        f"{inside}/api/oauth/token": {"access_token": "at", "id_token": id_token(issuer)},
        f"{inside}/oauth/jwks": {"keys": [public_jwk("first")]},
    }
    jackson = provider(
        "jackson",
        Net(answers),
        issuer_url=issuer,
        auth_url=f"{issuer}/api/oauth/authorize",
        token_url=f"{inside}/api/oauth/token",
        pkce="never",
    )
    assert jackson.callback == "self-service/methods/saml/callback"
    place, asked, _ = await begin(jackson)
    assert place == f"{issuer}/api/oauth/authorize"
    assert asked["nonce"]
    assert (await arrive(jackson)).subject == "1001"


async def test_the_vendor_for_tests_of_federated_sign_in_checks_as_all_others_do() -> None:
    issuer = "https://fedcm.example"
    found = provider("fedcm-test", Net(openid_server(issuer)), issuer_url=issuer)
    assert (await found.claims_of_app(id_token(issuer, nonce="n"), "n")).subject == "1001"
    with pytest.raises(ProviderRefused):
        await found.claims_of_app(jwt.encode({"sub": "1", "nonce": "n"}, "x" * 32, "HS256"), "n")


# -- generic -----------------------------------------------------------------------


async def test_the_configuration_may_move_two_endpoints() -> None:
    issuer, moved = "https://op.example", "http://op.internal/token"
    net = Net(openid_server(issuer) | {moved: {"access_token": "at", "id_token": id_token(issuer)}})
    generic = provider(
        "generic", net, issuer_url=issuer, auth_url="https://front.example/login?tenant=7", token_url=moved
    )
    place, asked, journey = await begin(generic)
    assert (place, asked["tenant"]) == ("https://front.example/login", "7")
    with pytest.raises(ProviderRefused, match="another sign-in"):
        await arrive(generic, journey)  # the server knows no challenges, so a nonce went along
    assert net.at(moved).headers["Authorization"].startswith("Basic ")


@pytest.mark.parametrize(
    ("pkce", "supported", "challenged"),
    [("", True, True), ("", False, False), ("auto", True, True), ("never", True, False), ("force", False, True)],
)
async def test_code_challenges(pkce: str, supported: bool, challenged: bool) -> None:
    issuer = "https://op.example"
    answers = openid_server(issuer, code_challenge_methods_supported=["S256"] if supported else ["plain"])
    _, asked, journey = await begin(provider("generic", Net(answers), issuer_url=issuer, pkce=pkce))
    assert ("code_challenge" in asked, "nonce" in asked) == (challenged, not challenged)
    if challenged:
        import base64

        digest = hashlib.sha256(journey.verifier.encode()).digest()
        assert asked["code_challenge"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        assert asked["code_challenge_method"] == "S256"
        assert len(journey.verifier) >= 43


async def test_claims_that_are_asked_for_and_a_new_sign_in() -> None:
    issuer = "https://op.example"
    wanted = {"id_token": {"acr": {"essential": True}}}
    generic = provider("generic", Net(openid_server(issuer)), issuer_url=issuer, requested_claims=wanted)
    _, asked, _ = await begin(generic, refresh=True)
    assert asked["claims"] == '{"id_token":{"acr":{"essential":true}}}'
    assert asked["prompt"] == "login"
    assert (await begin(generic, refresh=True, prompt="consent"))[1]["prompt"] == "consent"


@pytest.mark.parametrize(
    "answer", [(500, {}), (200, b"<html>"), (200, []), (200, {"access_token": 7}), (200, {"error": "x"})]
)
async def test_a_token_endpoint_that_does_not_keep_to_the_protocol(answer: Any) -> None:
    issuer = "https://op.example"
    generic = provider("generic", Net(openid_server(issuer) | {f"{issuer}/token": answer}), issuer_url=issuer)
    with pytest.raises(ProviderRefused):
        await arrive(generic)


@pytest.mark.parametrize("missing", ["/.well-known/openid-configuration", "/keys", "/token"])
async def test_a_server_that_does_not_answer(missing: str) -> None:
    issuer = "https://op.example"
    answers = openid_server(issuer) | with_token(issuer)
    del answers[issuer + missing]
    with pytest.raises(ApiError) as caught:
        await arrive(provider("generic", Net(answers), issuer_url=issuer))
    assert (caught.value.status, caught.value.id) == (502, "upstream_error")

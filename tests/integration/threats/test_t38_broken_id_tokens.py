"""T38: what a provider, or somebody in between, may get wrong about an ID token or a callback: all of it is refused."""

import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest

import openid_provider
from openid_provider import Json, OpenIdProvider, ec_key, public_jwk, public_pem, rsa_key, running
from server_kit import Server, serving
from social import HTML, begin, browser, configured, entry, form_of, messages, person, to_provider, travel

pytestmark = pytest.mark.anyio
NOW = int(time.time())


@pytest.fixture
def provider() -> Iterator[OpenIdProvider]:
    with running() as found:
        yield found


@pytest.fixture
async def server(provider: OpenIdProvider, tmp_path: Path, anyio_backend: str) -> AsyncIterator[Server]:
    del anyio_backend
    async with serving(tmp_path, overrides=configured(entry(provider))) as found:
        yield found


def unsigned(_: OpenIdProvider, claims: Json) -> str:
    return jwt.encode(claims, None, "none", headers={"kid": "first"})


def shared(_: OpenIdProvider, claims: Json) -> str:
    """HS256 with the text of the public key, which everybody has."""
    import base64
    import hashlib
    import hmac
    import json

    def part(value: bytes) -> str:
        return base64.urlsafe_b64encode(value).rstrip(b"=").decode()

    text = f"{part(json.dumps({'alg': 'HS256', 'kid': 'first'}).encode())}.{part(json.dumps(claims).encode())}"
    return f"{text}.{part(hmac.new(public_pem('first'), text.encode(), hashlib.sha256).digest())}"


def with_client_secret(_: OpenIdProvider, claims: Json) -> str:
    return jwt.encode(claims, "secret+plus" * 4, "HS256", headers={"kid": "first"})


def by(kid: str, key: str, algorithm: str = "RS256") -> Callable[[OpenIdProvider, Json], str]:
    return lambda _, claims: jwt.encode(claims, rsa_key(key), algorithm, headers={"kid": kid})


def own_key_in_header(_: OpenIdProvider, claims: Json) -> str:
    headers = {"jwk": public_jwk("evil"), "jku": "http://127.0.0.1:9/jwks", "kid": "evil"}
    return jwt.encode(claims, rsa_key("evil"), "RS256", headers=headers)


def by_curve(_: OpenIdProvider, claims: Json) -> str:
    return jwt.encode(claims, ec_key("evil"), "ES256", headers={"kid": "first"})


def cut(provider: OpenIdProvider, claims: Json) -> str:
    return openid_provider.signed(provider, claims).rpartition(".")[0] + "."


def changed(provider: OpenIdProvider, claims: Json) -> str:
    head, _, end = openid_provider.signed(provider, claims).split(".")
    other = openid_provider.signed(provider, {**claims, "sub": "somebody else"}).split(".")[1]
    return f"{head}.{other}.{end}"


def weak(_: OpenIdProvider, claims: Json) -> str:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return jwt.encode(claims, rsa_key("weak", 1024), "RS256", headers={"kid": "weak"})


SIGNERS = {
    "unsigned": unsigned,
    "HS256 with the public key": shared,
    "HS256 with the client's secret": with_client_secret,
    "another key under the known name": by("first", "evil"),
    "an unknown key": by("evil", "evil"),
    "a key of its own in the header": own_key_in_header,
    "another kind of key": by_curve,
    "an algorithm that was not announced": by("first", "first", "RS512"),
    "without signature": cut,
    "changed after signing": changed,
    "a key that is too small": weak,
    "no token": lambda provider, claims: "",
    "no JWT": lambda provider, claims: "a.b.c",
    "too long": lambda provider, claims: openid_provider.signed(provider, {**claims, "x": "y" * 70_000}),
}
CLAIMS = {
    "another audience": {"aud": "another-client"},
    "no audience": {"aud": None},
    "audiences without ours": {"aud": ["one", "two"]},
    "several audiences and nobody who asked": {"aud": ["client", "another"]},
    "asked for by another client": {"aud": ["client", "another"], "azp": "another"},
    "another issuer": {"iss": "https://another.example"},
    "no issuer": {"iss": None},
    "expired": {"exp": NOW - 120},
    "no end": {"exp": None},
    "an end that is no number": {"exp": "tomorrow"},
    "issued in the future": {"iat": NOW + 3600},
    "not valid yet": {"nbf": NOW + 3600},
    "a nonce of another sign-in": {"nonce": "somebody-else's"},
    "no subject": {"sub": None},
    "an empty subject": {"sub": ""},
    "a subject that is no text": {"sub": 1001},
    "a subject that is too long": {"sub": "s" * 300},
}


async def refused(server: Server, who: Any, answer: Any) -> None:
    assert messages(await form_of(who, answer)) == [4000001]
    assert await person(who) is None
    assert (await server.admin.get("/admin/identities")).json() == []


@pytest.mark.parametrize("kind", SIGNERS)
async def test_a_token_that_nobody_trustworthy_signed(server: Server, provider: OpenIdProvider, kind: str) -> None:
    provider.sign = SIGNERS[kind]  # type: ignore[assignment]
    if kind == "a key that is too small":
        shown = jwt.algorithms.RSAAlgorithm.to_jwk(rsa_key("weak", 1024).public_key(), as_dict=True)
        provider.published.append({**shown, "kid": "weak", "use": "sig"})
    await refused(server, server.public, await travel(server.public))


@pytest.mark.parametrize("kind", CLAIMS)
async def test_a_token_for_somebody_or_something_else(server: Server, provider: OpenIdProvider, kind: str) -> None:
    provider.token = CLAIMS[kind]
    await refused(server, server.public, await travel(server.public))


@pytest.mark.parametrize("wrong", [{"nonce": "somebody-else's"}, {"nonce": None}, {"nonce": ["one"]}])
async def test_without_code_challenges_the_nonce_ties_the_token_to_the_browser(
    provider: OpenIdProvider, tmp_path: Path, wrong: Json
) -> None:
    async with serving(tmp_path, overrides=configured(entry(provider, pkce="never"))) as server:
        provider.token = wrong
        await refused(server, server.public, await travel(server.public))
        provider.token = {}
        assert (await travel(server.public)).headers["location"] == "https://app.test/home"
    asked = provider.asked("/authorize")
    assert all(len(each["nonce"]) >= 32 and "code_challenge" not in each for each in asked)
    assert len({each["nonce"] for each in asked}) == 2


async def test_the_userinfo_of_another_person(provider: OpenIdProvider, tmp_path: Path) -> None:
    async with serving(tmp_path, overrides=configured(entry(provider, claims_source="userinfo"))) as server:
        provider.userinfo = {"sub": "another", "email": "victim@example.com"}
        await refused(server, server.public, await travel(server.public))


async def test_an_answer_of_another_issuer(server: Server, provider: OpenIdProvider) -> None:
    """Mix-up (RFC 9207): the answer must not be taken to our provider's token endpoint."""
    provider.answers = {"iss": "https://another.example"}
    await refused(server, server.public, await travel(server.public))
    assert provider.asked("/token") == []


async def test_an_issuer_that_announces_its_name_and_leaves_it_out(server: Server, provider: OpenIdProvider) -> None:
    provider.discovery = {"authorization_response_iss_parameter_supported": True}
    await refused(server, server.public, await travel(server.public))
    provider.answers = {"iss": provider.url}
    assert (await travel(server.public)).headers["location"] == "https://app.test/home"


async def test_a_discovery_document_of_another_issuer(server: Server, provider: OpenIdProvider) -> None:
    provider.discovery = {"issuer": "https://another.example"}
    flow = (await server.public.get("/self-service/login/browser", headers={"accept": "application/json"})).json()
    token = flow["ui"]["nodes"][1]["attributes"]["value"]
    form = {"method": "oidc", "provider": "hub", "csrf_token": token}
    answer = await server.public.post(f"/self-service/login?flow={flow['id']}", json=form)
    assert answer.status_code == 502
    assert provider.asked("/authorize") == []


# -- callbacks -------------------------------------------------------------------


async def test_a_code_is_of_use_once(server: Server, provider: OpenIdProvider) -> None:
    provider.replayable = True
    thief = browser(server)
    back = await to_provider(await begin(server.public))
    assert (await server.public.get(back, headers=HTML)).headers["location"] == "https://app.test/home"
    server.public.cookies.delete("ory_kratos_session")
    for who in (server.public, thief):
        answer = await who.get(back, headers=HTML)
        assert "/error?" in answer.headers["location"]
        assert await person(who) is None
    assert len(provider.asked("/token")) == 1


async def test_a_code_of_another_browser(server: Server, provider: OpenIdProvider) -> None:
    """The victim's code under the attacker's state: the challenge was the victim's (RFC 7636)."""
    provider.person = {"sub": "victim", "email": "victim@example.com"}
    victims = await to_provider(await begin(server.public))
    attacker = browser(server)
    provider.person = {"sub": "attacker", "email": "attacker@example.com"}
    own = await to_provider(await begin(attacker))
    code, state = (parse_qs(urlsplit(back).query)[name][0] for back, name in ((victims, "code"), (own, "state")))
    mixed = f"{urlsplit(own).path}?{urlencode({'code': code, 'state': state})}"
    await refused(server, attacker, await attacker.get(mixed, headers=HTML))


async def test_a_sign_in_that_another_browser_began(server: Server) -> None:
    """Login CSRF: the attacker's answer in the victim's browser, which has even begun one of its own."""
    attacker = browser(server)
    await begin(server.public)
    planted = await to_provider(await begin(attacker))
    answer = await server.public.get(planted, headers=HTML)
    assert "/error?" in answer.headers["location"]
    assert await person(server.public) is None


@pytest.mark.parametrize("state", ["", "made-up", "A" * 200, "é"])
async def test_a_state_that_is_none_of_ours(server: Server, state: str) -> None:
    await begin(server.public)
    query = urlencode({"code": "code-1", "state": state})
    answer = await server.public.get(f"/self-service/methods/oidc/callback/hub?{query}", headers=HTML)
    assert "/error?" in answer.headers["location"]


async def test_a_state_that_was_changed(server: Server) -> None:
    back = await to_provider(await begin(server.public))
    state = parse_qs(urlsplit(back).query)["state"][0]
    for place in (0, len(state) // 2, len(state) - 1):
        other = state[:place] + ("A" if state[place] != "A" else "B") + state[place + 1 :]
        answer = await server.public.get(back.replace(state, other), headers=HTML)
        assert "/error?" in answer.headers["location"]


async def test_an_answer_at_another_provider_s_address(provider: OpenIdProvider, tmp_path: Path) -> None:
    other = entry(provider, id="other", issuer_url="http://127.0.0.1:9")
    async with serving(tmp_path, overrides=configured(entry(provider), other)) as server:
        back = await to_provider(await begin(server.public))
        answer = await server.public.get(back.replace("/callback/hub", "/callback/other"), headers=HTML)
        assert "/error?" in answer.headers["location"]
        assert provider.asked("/token") == []


async def test_the_state_shows_nothing(server: Server) -> None:
    """Neither the code verifier nor the flow, not even encoded."""
    import base64

    url = await begin(server.public)
    state = parse_qs(urlsplit(url).query)["state"][0]
    raw = base64.urlsafe_b64decode(state + "=" * (-len(state) % 4))
    assert b"hub" not in raw
    assert b"login" not in raw


# -- keys ------------------------------------------------------------------------


async def test_keys_may_change_between_two_sign_ins(server: Server, provider: OpenIdProvider) -> None:
    assert (await travel(server.public)).headers["location"] == "https://app.test/home"
    provider.kid, provider.published = "second", [public_jwk("second")]
    who = browser(server)
    assert (await travel(who)).headers["location"] == "https://app.test/home"


async def test_made_up_keys_do_not_make_us_ask_again_and_again(server: Server, provider: OpenIdProvider) -> None:
    provider.sign = by("evil", "evil")
    for _ in range(4):
        await refused(server, server.public, await travel(server.public))
    assert len(provider.asked("/jwks")) <= 2


async def test_a_key_that_was_withdrawn_verifies_nothing(server: Server, provider: OpenIdProvider) -> None:
    provider.published = [public_jwk("second")]
    await refused(server, server.public, await travel(server.public))


async def test_a_key_for_encryption_verifies_nothing(server: Server, provider: OpenIdProvider) -> None:
    provider.published = [public_jwk("first", use="enc")]
    await refused(server, server.public, await travel(server.public))


async def test_a_curve_s_key_verifies_when_it_was_announced(server: Server, provider: OpenIdProvider) -> None:
    shown = jwt.algorithms.ECAlgorithm.to_jwk(ec_key("curve").public_key(), as_dict=True)
    provider.published.append({**shown, "kid": "curve", "use": "sig"})
    provider.sign = lambda _, claims: jwt.encode(claims, ec_key("curve"), "ES256", headers={"kid": "curve"})
    assert (await travel(server.public)).headers["location"] == "https://app.test/home"

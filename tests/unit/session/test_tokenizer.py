"""Sessions as signed tokens."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from identity_server.mappers.errors import MapperError, Reason
from identity_server.session.tokenizer import BrokenTemplate, CannotTokenize, Template, Tokenizer

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
KEY = {
    "kty": "EC",
    "kid": "two",
    "alg": "ES256",
    "use": "sig",
    "crv": "P-256",
    "x": "CwU3ivXPmPn5_NbgC2FzTbzpjoGG3Eb7mtvMPV1roFg",
    "y": "f31H78E-dTH7u1KqG60YVyMOlF1zU3d9_ldljUjfUu8",
    "d": "lxCSk_9BZDUqPX1zg4e-B63q4PiYRS7oLu0_n8PjZjg",
}
PUBLIC = {name: value for name, value in KEY.items() if name != "d"}
SESSION = {"id": "the-session", "identity": {"id": "the-identity", "traits": {"email": "gil@mail.test"}}}


class Mapper:
    def __init__(self, result: Any) -> None:
        self.result = result
        self.seen: dict[str, Any] = {}

    async def evaluate(self, snippet: str, ext_vars: dict[str, Any]) -> Any:
        del snippet
        self.seen = ext_vars
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


class Sources:
    def __init__(self, **contents: Any) -> None:
        self.contents = contents
        self.asked: list[str] = []

    async def __call__(self, uri: str) -> bytes:
        self.asked.append(uri)
        content = self.contents[uri]
        return content if isinstance(content, bytes) else json.dumps(content).encode()


def tokenizer(result: Any = None, sources: Sources | None = None, **template: Any) -> Tokenizer:
    found = Template(**{"jwks_url": "keys", "ttl": timedelta(minutes=10), **template})
    known = sources or Sources(keys={"keys": [KEY]}, mapper=b"{}")
    return Tokenizer({"plain": found}, known, Mapper(result), lambda: NOW, "https://id.test/")  # type: ignore[arg-type]


def claims_of(token: str) -> dict[str, Any]:
    key = jwt.PyJWK(PUBLIC).key
    return dict(jwt.decode(token, key, algorithms=["ES256"], options={"verify_exp": False, "verify_iat": False}))


@pytest.mark.anyio
async def test_the_default_claims() -> None:
    token = await tokenizer().token("plain", SESSION)
    claims, now = claims_of(token), int(NOW.timestamp())
    assert len(claims.pop("jti")) == 36
    assert claims == {
        "iss": "https://id.test/",
        "sub": "the-identity",
        "sid": "the-session",
        "iat": now,
        "nbf": now,
        "exp": now + 600,
    }
    assert jwt.get_unverified_header(token) == {"alg": "ES256", "kid": "two", "typ": "JWT"}


@pytest.mark.anyio
async def test_every_token_has_an_id_of_its_own() -> None:
    maker = tokenizer()
    first, second = [claims_of(await maker.token("plain", SESSION))["jti"] for _ in range(2)]
    assert first != second


@pytest.mark.anyio
async def test_a_mapper_adds_claims_but_never_speaks_for_somebody_else() -> None:
    maker = tokenizer(
        {"claims": {"sub": "somebody-else", "iss": "https://app.test", "level": 2}}, claims_mapper_url="mapper"
    )
    claims = claims_of(await maker.token("plain", SESSION))
    assert (claims["sub"], claims["iss"], claims["level"]) == ("the-identity", "https://app.test", 2)


@pytest.mark.anyio
@pytest.mark.parametrize("result", [MapperError(Reason.SNIPPET, "secret"), None, {}, {"claims": []}, [1]])
async def test_a_mapper_without_claims_is_refused(result: Any) -> None:
    with pytest.raises(CannotTokenize) as caught:
        await tokenizer(result, claims_mapper_url="mapper").token("plain", SESSION)
    assert "secret" not in str(caught.value)


@pytest.mark.anyio
async def test_the_subject_may_be_the_external_id() -> None:
    session = {**SESSION, "identity": {"id": "x", "external_id": "crm-7"}}
    assert claims_of(await tokenizer(subject_source="external_id").token("plain", session))["sub"] == "crm-7"


@pytest.mark.anyio
async def test_an_identity_without_external_id_has_no_subject() -> None:
    with pytest.raises(CannotTokenize, match="external_id"):
        await tokenizer(subject_source="external_id").token("plain", SESSION)


@pytest.mark.anyio
async def test_an_unknown_template_is_refused() -> None:
    with pytest.raises(CannotTokenize, match="'other'"):
        await tokenizer().token("other", SESSION)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "keys",
    [
        {"keys": []},
        {"keys": [PUBLIC]},
        {"keys": [{**KEY, "alg": ""}]},
        {"keys": [{**KEY, "alg": "RS256"}]},
        {"keys": [{**KEY, "crv": "P-0"}]},
        {"keys": 7},
        [KEY],
        b"no json",
    ],
)
async def test_without_a_key_that_can_sign_there_is_no_token(keys: Any) -> None:
    with pytest.raises(BrokenTemplate) as caught:
        await tokenizer(sources=Sources(keys=keys)).token("plain", SESSION)
    assert KEY["d"] not in str(caught.value)


@pytest.mark.anyio
async def test_a_source_that_cannot_be_read_is_the_operators_matter() -> None:
    with pytest.raises(BrokenTemplate, match="KeyError"):
        await tokenizer(sources=Sources()).token("plain", SESSION)


@pytest.mark.anyio
async def test_sources_are_read_once() -> None:
    sources = Sources(keys={"keys": [KEY]})
    maker = tokenizer(sources=sources)
    await maker.token("plain", SESSION)
    await maker.token("plain", SESSION)
    assert sources.asked == ["keys"]

"""Providers without a server around them: what they are asked and what they answer stands in a table."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson
from httpx2 import Headers

from identity_server import times
from identity_server.methods.oidc_method.claims import Claims
from identity_server.methods.oidc_method.discovery import Discovery
from identity_server.methods.oidc_method.key_sets import KeySets
from identity_server.methods.oidc_method.provider_settings import ProviderSettings
from identity_server.methods.oidc_method.providers import catalogue
from identity_server.methods.oidc_method.providers.provider import Journey, Provider, Tools
from identity_server.methods.oidc_method.web_calls import WebCalls
from identity_server.outbound.answers import Answer
from identity_server.outbound.errors import OutboundError, Reason
from openid_provider import public_jwk, rsa_key

BACK = "https://id.test/self-service/methods/oidc/callback/it"


@dataclass(frozen=True)
class Asked:
    """A request that went out."""

    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes

    @property
    def form(self) -> dict[str, str]:
        """Its fields."""
        return dict(parse_qsl(self.content.decode()))

    @property
    def query(self) -> dict[str, str]:
        """Its parameters."""
        return dict(parse_qsl(urlsplit(self.url).query))


@dataclass
class Net:
    """Other servers: an answer by address, without parameters."""

    answers: dict[str, Any]
    asked: list[Asked] = field(default_factory=list)

    async def request(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None, **_: Any
    ) -> Answer:
        """The answer of an address; nobody is there when the table has none."""
        self.asked.append(Asked(method, url, headers, content or b""))
        place = url.partition("?")[0]
        if place not in self.answers:
            raise OutboundError(Reason.UNREACHABLE)
        found = self.answers[place]
        status, body = found if isinstance(found, tuple) else (200, found)
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        return Answer(status, Headers({}), raw, url)

    def at(self, url: str) -> Asked:
        """The last request to an address."""
        return next(each for each in reversed(self.asked) if each.url.partition("?")[0] == url)


def provider(vendor: str, net: Net, **settings: Any) -> Provider:
    """A vendor's provider with a client of ours."""
    given = {"id": "it", "label": "It", "client_id": "client", "client_secret": "secret", "mapper_url": "", **settings}
    web = WebCalls(net)  # type: ignore[arg-type]
    tools = Tools(web, Discovery(web), KeySets(web), times.system_clock)
    return catalogue.build(ProviderSettings(vendor=vendor, **given), tools)


async def begin(vendor: Provider, *, refresh: bool = False, **upstream: str) -> tuple[str, dict[str, str], Journey]:
    """Where a browser is sent: the address without parameters, the parameters, and the journey."""
    from dataclasses import replace

    ready = await vendor.prepare(Journey(BACK, refresh=refresh, upstream=upstream))
    journey = replace(ready, state="the-state")
    url = await vendor.authorization_url(journey)
    return url.partition("?")[0], dict(parse_qsl(urlsplit(url).query)), journey


async def arrive(vendor: Provider, journey: Journey | None = None, **answer: str) -> Claims:
    """The claims after a browser came back."""
    journey = journey or Journey(BACK)
    given = {"code": "the-code", "state": "the-state", **answer}
    return await vendor.claims(await vendor.redeem(given, journey), given, journey)


def id_token(issuer: str, **claims: Any) -> str:
    """A token that the key named ``first`` signed."""
    import jwt

    now = int(time.time())
    whole = {"iss": issuer, "aud": "client", "sub": "1001", "iat": now, "exp": now + 300, **claims}
    return jwt.encode(whole, rsa_key("first"), "RS256", headers={"kid": "first"})


def openid_server(issuer: str, document: str = "", **more: Any) -> dict[str, Any]:
    """The answers of a server that keeps to the standard, at ``issuer``."""
    base = issuer.rstrip("/")
    described = {
        "issuer": issuer,
        "authorization_endpoint": f"{base}/authorize",
        "token_endpoint": f"{base}/token",
        "userinfo_endpoint": f"{base}/userinfo",
        "jwks_uri": f"{base}/keys",
        "id_token_signing_alg_values_supported": ["RS256"],
        **more,
    }
    return {
        f"{(document or base).rstrip('/')}/.well-known/openid-configuration": described,
        f"{base}/keys": {"keys": [public_jwk("first")]},
    }

"""What an OpenID Connect server says about itself (OpenID Connect Discovery 1.0), kept for a while."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import structlog

from identity_server.errors import ApiError
from identity_server.methods.oidc_method import refusals
from identity_server.methods.oidc_method.web_calls import BadAnswer, WebCalls, as_object

log = structlog.get_logger("oidc")
KEPT_SECONDS: Final = 3600.0
#: An issuer that does not answer may still sign people in for so long with what it said before.
_STALE_SECONDS: Final = 24 * 3600.0
_PATH: Final = "/.well-known/openid-configuration"


@dataclass(frozen=True)
class Endpoints:
    """Where an authorization server is reached, and what it understands.

    Attributes:
        issuer: what its tokens must name; empty for servers without ID tokens.
        challenges: whether it takes SHA-256 code challenges (RFC 7636).
        algorithms: what its ID tokens may be signed with.
        basic: whether the client's secret goes in a header rather than in the form.
        names_itself: whether callbacks carry ``iss`` (RFC 9207).
    """

    authorization: str
    token: str
    issuer: str = ""
    userinfo: str = ""
    jwks: str = ""
    challenges: bool = False
    algorithms: tuple[str, ...] = ()
    basic: bool = False
    names_itself: bool = False


class Discovery:
    """Documents of issuers.

    Args:
        web: the way to them.
    """

    def __init__(self, web: WebCalls) -> None:
        self._web = web
        self._known: dict[str, tuple[float, dict[str, Any]]] = {}
        self._turns: dict[str, asyncio.Lock] = {}

    async def endpoints(self, issuer: str, expected: str = "", *, any_issuer: bool = False) -> Endpoints:
        """What an issuer says about itself.

        Args:
            expected: the issuer that the document must name, when that is not its address.
            any_issuer: leave it to the caller whether the named issuer is the right one.

        Raises:
            ApiError: 502 when there is no such document, or another issuer's.
        """
        document = await self._document(issuer)
        if not any_issuer and document.get("issuer") != (expected or issuer):
            log.warning("a provider's discovery names another issuer", issuer=issuer)
            raise refusals.unreachable(issuer)
        return endpoints_of(document)

    async def _document(self, issuer: str) -> dict[str, Any]:
        async with self._turns.setdefault(issuer, asyncio.Lock()):
            read_at, known = self._known.get(issuer, (0.0, {}))
            age = time.monotonic() - read_at
            if known and age < KEPT_SECONDS:
                return known
            try:
                document = as_object(await self._web.get(issuer.rstrip("/") + _PATH))
            except (BadAnswer, ApiError) as error:
                if known and age < _STALE_SECONDS:
                    return known
                log.warning("a provider's discovery cannot be read", issuer=issuer, cause=str(error))
                raise refusals.unreachable(issuer) from error
            self._known[issuer] = (time.monotonic(), document)
            return document


def endpoints_of(document: Mapping[str, Any]) -> Endpoints:
    """The endpoints in a discovery document."""

    def text(name: str) -> str:
        value = document.get(name)
        return value if isinstance(value, str) else ""

    def texts(name: str) -> tuple[str, ...]:
        value = document.get(name)
        return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()

    methods = texts("token_endpoint_auth_methods_supported")
    return Endpoints(
        authorization=text("authorization_endpoint"),
        token=text("token_endpoint"),
        issuer=text("issuer"),
        userinfo=text("userinfo_endpoint"),
        jwks=text("jwks_uri"),
        challenges="S256" in texts("code_challenge_methods_supported"),
        algorithms=texts("id_token_signing_alg_values_supported"),
        # The header is what the standard means when a server says nothing.
        basic=not methods or "client_secret_basic" in methods,
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
    )

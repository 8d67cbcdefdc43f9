"""The authorization code grant (RFC 6749) with proof keys (RFC 7636): what nearly all vendors share."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Final
from urllib.parse import parse_qsl, quote_plus, urlencode, urlsplit, urlunsplit

import structlog

from identity_server.methods.oidc_method.discovery import Endpoints
from identity_server.methods.oidc_method.provider_settings import ALWAYS, NEVER
from identity_server.methods.oidc_method.providers.provider import Journey, Provider, Tokens, new_secret
from identity_server.methods.oidc_method.refusals import ProviderRefused
from identity_server.methods.oidc_method.web_calls import BadAnswer

log = structlog.get_logger("oidc")
_LONGEST_WORDS: Final = 500


class OAuth2Provider(Provider):
    """A vendor with fixed endpoints and a profile of its own.

    Attributes:
        fixed: the vendor's endpoints.
        scopes: what is asked for when the configuration says nothing.
        scheme: how an access token is presented.
    """

    fixed: ClassVar[Endpoints] = Endpoints("", "")
    scopes: ClassVar[tuple[str, ...]] = ()
    scheme: ClassVar[str] = "Bearer"

    async def endpoints(self) -> Endpoints:
        """Where the vendor is reached."""
        return self.fixed

    def scope(self) -> list[str]:
        """What is asked for."""
        return list(self.settings.scope or self.scopes)

    def options(self, journey: Journey) -> dict[str, str]:
        """Parameters of the vendor's own."""
        return {}

    @property
    def proves_keys(self) -> bool | None:
        """Whether to send a code challenge; None leaves it to what the vendor's discovery says."""
        return {ALWAYS: True, NEVER: False}.get(self.settings.pkce)

    async def prepare(self, draft: Journey) -> Journey:
        """Adds a code verifier where it is of use."""
        wanted = self.proves_keys
        if wanted is None:
            wanted = (await self.endpoints()).challenges
        return replace(draft, verifier=new_secret()) if wanted else draft

    async def authorization_url(self, journey: Journey) -> str:
        """The vendor's authorization endpoint with what is asked for."""
        asked = {
            "client_id": self.settings.client_id,
            "redirect_uri": journey.redirect_uri,
            "response_type": "code",
            "scope": " ".join(self.scope()),
            "state": journey.state,
            **self.options(journey),
            **journey.upstream,
        }
        if journey.verifier:
            asked |= {"code_challenge": challenge(journey.verifier), "code_challenge_method": "S256"}
        if journey.nonce:
            asked["nonce"] = journey.nonce
        return with_parameters((await self.endpoints()).authorization, asked)

    async def redeem(self, answer: Mapping[str, str], journey: Journey) -> Tokens:
        """The tokens for the code."""
        endpoints = await self.endpoints()
        fields = {
            "grant_type": "authorization_code",
            "code": self.answered_code(answer),
            "redirect_uri": journey.redirect_uri,
        }
        if journey.verifier:
            fields["code_verifier"] = journey.verifier
        secret = await self.client_secret()
        headers: dict[str, str] = {}
        if endpoints.basic:
            headers["Authorization"] = basic(self.settings.client_id, secret)
        else:
            fields |= {"client_id": self.settings.client_id, "client_secret": secret}
        try:
            return tokens_of(await self.exchange(endpoints.token, fields, headers))
        except BadAnswer as error:
            raise self.refused(error) from error

    async def client_secret(self) -> str:
        """What proves that we are the client."""
        return self.settings.client_secret

    async def exchange(self, url: str, fields: Mapping[str, str], headers: Mapping[str, str]) -> Any:
        """The token endpoint's answer."""
        return await self.tools.web.post(url, fields, headers)

    def refused(self, error: BadAnswer) -> ProviderRefused:
        """What to tell the person when the vendor does not keep to the protocol; details go to the operator's log."""
        said = str(error.body.get("error") or error.body.get("error_description") or "")[:_LONGEST_WORDS]
        log.warning("a provider refused", provider=self.settings.id, status=error.status, said=said)
        return ProviderRefused("The provider did not accept the sign-in; try again.")

    def granted(self, tokens: Tokens, separator: str) -> list[str]:
        """What the person let us see, where the vendor says so in the token endpoint's answer.

        Raises:
            ProviderRefused: less than was asked for.
        """
        said = str(tokens.extra.get("scope") or "")
        found = [scope.strip() for scope in said.split(separator)]
        if missing := [scope for scope in self.scope() if scope not in found]:
            raise ProviderRefused(f"The provider was not allowed to tell all that is needed ({', '.join(missing)}).")
        return found

    async def profile(self, url: str, tokens: Tokens, **parameters: str) -> dict[str, Any]:
        """A JSON object that the access token opens."""
        try:
            found = await self.tools.web.bearer(url, tokens.access_token, self.scheme, **parameters)
        except BadAnswer as error:
            raise self.refused(error) from error
        if not isinstance(found, dict):
            raise self.refused(BadAnswer(200, {}))
        return found


def challenge(verifier: str) -> str:
    """The code challenge of a verifier, method S256."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def basic(client_id: str, secret: str) -> str:
    """The client's header; both parts are form-encoded first (RFC 6749, 2.3.1)."""
    pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def with_parameters(url: str, parameters: Mapping[str, str]) -> str:
    """An address with parameters in order of their names; its own ones stay unless they are given anew."""
    parts = urlsplit(url)
    merged = {**dict(parse_qsl(parts.query, keep_blank_values=True)), **{k: v for k, v in parameters.items() if v}}
    return urlunsplit(parts._replace(query=urlencode(sorted(merged.items()))))


def tokens_of(body: Any) -> Tokens:
    """The tokens in a token endpoint's answer.

    Raises:
        BadAnswer: there are none.
    """
    if not isinstance(body, dict) or body.get("error"):
        raise BadAnswer(200, body if isinstance(body, dict) else {})

    def text(name: str) -> str:
        value = body.get(name)
        return value if isinstance(value, str) else ""

    if not text("access_token") and not text("id_token"):
        raise BadAnswer(200, body)
    return Tokens(text("access_token"), text("refresh_token"), text("id_token"), body)

"""OpenID Connect: any server with discovery and ID tokens."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Final

import orjson

from identity_server.methods.oidc_method import id_tokens
from identity_server.methods.oidc_method.claims import Claims, claims_of
from identity_server.methods.oidc_method.discovery import Endpoints
from identity_server.methods.oidc_method.providers.oauth2 import OAuth2Provider
from identity_server.methods.oidc_method.providers.provider import Journey, Tokens, new_secret
from identity_server.methods.oidc_method.refusals import ProviderRefused

OPENID: Final = "openid"


class OpenIdProvider(OAuth2Provider):
    """A server that describes itself at its issuer's address and signs ID tokens.

    Attributes:
        issuer: the vendor's issuer; empty for the configured one.
        demanded: scopes that are asked for even when the configuration does not name them.
    """

    issuer: ClassVar[str] = ""
    demanded: ClassVar[tuple[str, ...]] = (OPENID,)

    async def endpoints(self) -> Endpoints:
        """What the issuer says about itself."""
        return await self.tools.discovery.endpoints(self.issuer or self.settings.issuer_url)

    def scope(self) -> list[str]:
        """What is asked for; without ``openid`` there would be no ID token."""
        asked = super().scope()
        return [*asked, *(scope for scope in self.demanded if scope not in asked)]

    def options(self, journey: Journey) -> dict[str, str]:
        """A new sign-in where one is to be confirmed, and the claims that are asked for one by one."""
        options = super().options(journey) | ({"prompt": "login"} if journey.refresh else {})
        if self.settings.requested_claims:
            options["claims"] = orjson.dumps(self.settings.requested_claims, option=orjson.OPT_SORT_KEYS).decode()
        return options

    async def prepare(self, draft: Journey) -> Journey:
        """A code verifier or, where the server knows none, a nonce: either ties the answer to this browser."""
        ready = await super().prepare(draft)
        return ready if ready.verifier else replace(ready, nonce=new_secret())

    async def redeem(self, answer: Mapping[str, str], journey: Journey) -> Tokens:
        """The tokens for the code, unless another server answered (mix-up, RFC 9207)."""
        endpoints = await self.endpoints()
        named = answer.get("iss", "")
        if (named or endpoints.names_itself) and named not in await self.issuers(endpoints):
            raise ProviderRefused("The answer came from another provider than the one that was asked.")
        return await super().redeem(answer, journey)

    async def issuers(self, endpoints: Endpoints) -> Collection[str]:
        """Who may issue the tokens."""
        return (endpoints.issuer,)

    async def claims(self, tokens: Tokens, answer: Mapping[str, str], journey: Journey) -> Claims:
        """The claims of the ID token or, when configured, of the userinfo endpoint about the same subject."""
        if not tokens.id_token:
            raise ProviderRefused("The provider sent no ID token.")
        endpoints = await self.endpoints()
        verified = await self.verified(tokens.id_token, endpoints, [self.settings.client_id], journey.nonce)
        if self.settings.claims_source != "userinfo":
            return claims_of(verified)
        return claims_of(await self.told(endpoints, tokens, verified), issuer=str(verified.get("iss")))

    async def verified(self, token: str, endpoints: Endpoints, audiences: list[str], nonce: str = "") -> dict[str, Any]:
        """The claims of an ID token that keeps every rule.

        Raises:
            ProviderRefused: it does not.
        """
        claims = await id_tokens.signed_claims(token, endpoints.jwks, self.tools.keys, self.algorithms(endpoints))
        now = self.tools.clock().timestamp()
        id_tokens.check(claims, issuers=await self.issuers(endpoints), audiences=audiences, nonce=nonce, now=now)
        return claims

    @staticmethod
    def algorithms(endpoints: Endpoints) -> set[str]:
        """What the tokens may be signed with: what the server says of itself, as far as it is sound."""
        return {name for name in endpoints.algorithms if name in id_tokens.ALGORITHMS}

    async def of_app(self, token: str, endpoints: Endpoints, audiences: list[str], nonce: str) -> dict[str, Any]:
        """The claims of an ID token that an app got; its nonce is the app's own, so the app must tell it.

        Raises:
            ProviderRefused: the token breaks a rule.
        """
        claims = await id_tokens.signed_claims(token, endpoints.jwks, self.tools.keys, self.algorithms(endpoints))
        if not claims.get("nonce") and not self.may_lack_nonce(claims):
            raise ProviderRefused("The ID token has no nonce; the app must ask the provider for one.")
        if claims.get("nonce") and not nonce:
            raise ProviderRefused("The field id_token_nonce is missing; the ID token has a nonce.")
        expected, now = nonce if claims.get("nonce") else "", self.tools.clock().timestamp()
        issuers = await self.issuers(endpoints)
        id_tokens.check(claims, issuers=issuers, audiences=audiences, nonce=expected, now=now)
        return claims

    def may_lack_nonce(self, claims: Mapping[str, Any]) -> bool:
        """Whether an app's token is good without a nonce."""
        del claims
        return False

    async def told(self, endpoints: Endpoints, tokens: Tokens, verified: Mapping[str, Any]) -> dict[str, Any]:
        """The userinfo endpoint's claims; they must be about whom the ID token is about (Core 1.0, 5.3.2)."""
        if not endpoints.userinfo:
            raise ProviderRefused("The provider has no userinfo endpoint.")
        told = await self.profile(endpoints.userinfo, tokens)
        if told.get("sub") != verified.get("sub"):
            raise ProviderRefused("The provider's answers are about two different people.")
        return {**{name: verified[name] for name in ("acr", "amr") if name in verified}, **told}


class AppOpenIdProvider(OpenIdProvider):
    """A server whose ID tokens are taken from apps as well."""

    async def claims_of_app(self, id_token: str, nonce: str) -> Claims:
        """The claims of a token that an app got."""
        endpoints = await self.endpoints()
        audiences = [self.settings.client_id, *self.settings.audiences]
        return claims_of(await self.of_app(id_token, endpoints, audiences, nonce))

"""UAE PASS: knows code challenges without saying so, and wants a level named."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from identity_server.methods.oidc_method.claims import Claims, claims_of
from identity_server.methods.oidc_method.discovery import Endpoints
from identity_server.methods.oidc_method.provider_settings import ALWAYS, NEVER, ProviderSettings
from identity_server.methods.oidc_method.providers.oauth2 import OAuth2Provider
from identity_server.methods.oidc_method.providers.provider import Journey, Tokens, Tools

_LEVEL: Final = "urn:safelayer:tws:policies:authentication:level:low"


class UaePass(OAuth2Provider):
    """The production environment, or the one that ``issuer_url`` names."""

    def __init__(self, settings: ProviderSettings, tools: Tools) -> None:
        super().__init__(settings if settings.pkce == NEVER else replace(settings, pkce=ALWAYS), tools)

    @property
    def base(self) -> str:
        """The environment's address."""
        return (self.settings.issuer_url or "https://id.uaepass.ae").rstrip("/")

    async def endpoints(self) -> Endpoints:
        """Below the environment's address."""
        hub = f"{self.base}/idshub"
        return Endpoints(f"{hub}/authorize", f"{hub}/token", userinfo=f"{hub}/userinfo", basic=True)

    def options(self, journey: Journey) -> dict[str, str]:
        """The level of a sign-in on the web, unless the page asks for another."""
        return {"acr_values": _LEVEL}

    async def claims(self, tokens: Tokens, answer: Mapping[str, str], journey: Journey) -> Claims:
        """The citizen, resident or visitor."""
        told = await self.profile((await self.endpoints()).userinfo, tokens)
        return claims_of(
            told,
            issuer=self.base,
            name=told.get("fullnameEN"),
            given_name=told.get("firstnameEN"),
            last_name=told.get("lastnameEN"),
        )


PROVIDER = UaePass

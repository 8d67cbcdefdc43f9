"""Salesforce: endpoints below the address of the organization, and moments as text."""

from collections.abc import Mapping

from identity_server.methods.oidc_method.claims import Claims, claims_of
from identity_server.methods.oidc_method.discovery import Endpoints
from identity_server.methods.oidc_method.providers.oauth2 import OAuth2Provider
from identity_server.methods.oidc_method.providers.provider import Journey, Tokens
from identity_server.methods.oidc_method.providers.told import seconds


class Salesforce(OAuth2Provider):
    """An organization at Salesforce; its authorization server takes code challenges."""

    async def endpoints(self) -> Endpoints:
        """Below the configured issuer."""
        base = f"{self.settings.issuer_url.rstrip('/')}/services/oauth2"
        return Endpoints(f"{base}/authorize", f"{base}/token", userinfo=f"{base}/userinfo", challenges=True)

    async def claims(self, tokens: Tokens, answer: Mapping[str, str], journey: Journey) -> Claims:
        """The userinfo endpoint's claims."""
        told = await self.profile((await self.endpoints()).userinfo, tokens)
        issuer = told.get("iss")
        return claims_of(
            told,
            issuer=issuer if isinstance(issuer, str) and issuer else self.settings.issuer_url,
            updated_at=seconds(told.get("updated_at")),
        )


PROVIDER = Salesforce

"""Ory Polis (BoxyHQ Jackson): SAML behind an OpenID Connect face; its endpoints follow from the configured ones."""

from identity_server.methods.oidc_method.discovery import Endpoints
from identity_server.methods.oidc_method.providers.openid import OpenIdProvider


class Jackson(OpenIdProvider):
    """A SAML bridge."""

    callback = "self-service/methods/saml/callback"

    async def endpoints(self) -> Endpoints:
        """Where the bridge is reached: by browsers at its public address, by us at the one of its token endpoint."""
        settings = self.settings
        host = settings.token_url.removesuffix("/api/oauth/token")
        return Endpoints(
            settings.auth_url,
            settings.token_url,
            issuer=settings.issuer_url,
            userinfo=f"{host}/api/oauth/userinfo",
            jwks=f"{host}/oauth/jwks",
            algorithms=("RS256",),
        )


PROVIDER = Jackson

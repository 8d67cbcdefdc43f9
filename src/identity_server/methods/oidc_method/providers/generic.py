"""Any OpenID Connect server; with ``auth_url`` and ``token_url`` one that has moved its endpoints."""

from dataclasses import replace

from identity_server.methods.oidc_method.discovery import Endpoints
from identity_server.methods.oidc_method.providers.openid import OpenIdProvider


class GenericProvider(OpenIdProvider):
    """A server that keeps to the standard."""

    async def endpoints(self) -> Endpoints:
        """What the issuer says about itself; the configuration has the last word on two addresses."""
        found = await super().endpoints()
        settings = self.settings
        return replace(
            found,
            authorization=settings.auth_url or found.authorization,
            token=settings.token_url or found.token,
        )


PROVIDER = GenericProvider

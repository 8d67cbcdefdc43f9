"""Auth0: its issuer ends with a slash, and it says as text when a profile changed."""

from typing import Any

from identity_server.methods.oidc_method.discovery import Endpoints
from identity_server.methods.oidc_method.providers.told import ToldByUserinfo, seconds


class Auth0(ToldByUserinfo):
    """A tenant at Auth0."""

    async def endpoints(self) -> Endpoints:
        """What the tenant says about itself, however its address was written."""
        issuer = self.settings.issuer_url.rstrip("/") + "/"
        return await self.tools.discovery.endpoints(issuer)

    def mended(self, told: dict[str, Any]) -> dict[str, Any]:
        """With a number in ``updated_at``."""
        return {**told, "updated_at": seconds(told.get("updated_at"))}


PROVIDER = Auth0

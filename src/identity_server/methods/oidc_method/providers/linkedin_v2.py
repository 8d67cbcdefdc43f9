"""LinkedIn with OpenID Connect: its documents lie below another address than its issuer's, and it knows no nonce."""

from typing import Any

from identity_server.methods.oidc_method.discovery import Endpoints
from identity_server.methods.oidc_method.providers.oauth2 import OAuth2Provider
from identity_server.methods.oidc_method.providers.provider import Journey
from identity_server.methods.oidc_method.providers.told import ToldByUserinfo


class LinkedInV2(ToldByUserinfo):
    """LinkedIn."""

    async def endpoints(self) -> Endpoints:
        """What LinkedIn says about itself."""
        return await self.tools.discovery.endpoints("https://www.linkedin.com/oauth", "https://www.linkedin.com")

    async def prepare(self, draft: Journey) -> Journey:
        """No nonce: LinkedIn leaves it out of its tokens."""
        return await OAuth2Provider.prepare(self, draft)

    def mended(self, told: dict[str, Any]) -> dict[str, Any]:
        """With one text for language and country."""
        locale = told.get("locale")
        if not isinstance(locale, dict):
            return told
        parts = [str(locale[name]) for name in ("language", "country") if locale.get(name)]
        return {**told, "locale": "-".join(parts)}


PROVIDER = LinkedInV2

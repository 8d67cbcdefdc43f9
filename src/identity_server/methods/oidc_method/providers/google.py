"""Google: refresh tokens are asked for in words of its own, and its libraries may leave the nonce out."""

from collections.abc import Collection, Mapping
from typing import Any

from identity_server.methods.oidc_method.discovery import Endpoints
from identity_server.methods.oidc_method.providers.openid import AppOpenIdProvider
from identity_server.methods.oidc_method.providers.provider import Journey


class Google(AppOpenIdProvider):
    """Google accounts."""

    issuer = "https://accounts.google.com"

    def scope(self) -> list[str]:
        """Without ``offline_access``, which Google does not know."""
        return [scope for scope in super().scope() if scope != "offline_access"]

    def options(self, journey: Journey) -> dict[str, str]:
        """What ``offline_access`` means everywhere else."""
        offline = "offline_access" in self.settings.scope
        return super().options(journey) | ({"access_type": "offline"} if offline else {})

    async def issuers(self, endpoints: Endpoints) -> Collection[str]:
        """Google signs with either form."""
        return (self.issuer, self.issuer.removeprefix("https://"))

    def may_lack_nonce(self, claims: Mapping[str, Any]) -> bool:
        """Some of Google's libraries do not pass a nonce on."""
        return True


PROVIDER = Google

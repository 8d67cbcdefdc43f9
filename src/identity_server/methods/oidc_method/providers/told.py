"""Servers whose userinfo endpoint says more than their ID tokens."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from identity_server.methods.oidc_method.claims import Claims, claims_of
from identity_server.methods.oidc_method.providers.openid import OpenIdProvider
from identity_server.methods.oidc_method.providers.provider import Journey, Tokens
from identity_server.methods.oidc_method.refusals import ProviderRefused


class ToldByUserinfo(OpenIdProvider):
    """Who it is stands in the ID token, everything else at the userinfo endpoint."""

    async def claims(self, tokens: Tokens, answer: Mapping[str, str], journey: Journey) -> Claims:
        """Claims of the userinfo endpoint, about the subject of the ID token."""
        if not tokens.id_token:
            raise ProviderRefused("The provider sent no ID token.")
        endpoints = await self.endpoints()
        verified = await self.verified(tokens.id_token, endpoints, [self.settings.client_id], journey.nonce)
        told = await self.told(endpoints, tokens, verified)
        return claims_of(self.mended(told), issuer=str(verified.get("iss")))

    def mended(self, told: dict[str, Any]) -> dict[str, Any]:
        """The answer with what the vendor spells in its own way."""
        return told


def seconds(value: object) -> object:
    """A moment as the standard wants it, where a vendor sends a text."""
    if not isinstance(value, str):
        return value
    try:
        return int(datetime.fromisoformat(value).timestamp())
    except ValueError:
        return None

"""LINE: signs ID tokens with the client's secret unless it is asked for a public key's signature."""

from collections.abc import Mapping
from typing import Any

from identity_server.methods.oidc_method.providers.openid import OpenIdProvider


class Line(OpenIdProvider):
    """LINE Login 2.1."""

    issuer = "https://access.line.me"

    async def exchange(self, url: str, fields: Mapping[str, str], headers: Mapping[str, str]) -> Any:
        """Asks for tokens that LINE's published keys verify."""
        return await super().exchange(url, {**fields, "id_token_key_type": "JWK"}, headers)


PROVIDER = Line

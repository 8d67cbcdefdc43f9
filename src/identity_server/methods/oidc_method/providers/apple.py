"""Apple: the client secret is signed anew each time, and people's names come once, beside the token."""

import time
from collections.abc import Mapping
from typing import Any, Final

import orjson

from identity_server.errors import ApiError
from identity_server.methods.oidc_method.claims import Claims, claims_of
from identity_server.methods.oidc_method.providers.openid import AppOpenIdProvider
from identity_server.methods.oidc_method.providers.provider import Journey, Tokens

_SECRET_SECONDS: Final = 300
_LONGEST_NAME: Final = 200


class Apple(AppOpenIdProvider):
    """Sign in with Apple."""

    issuer = "https://appleid.apple.com"

    def options(self, journey: Journey) -> dict[str, str]:
        """Names and addresses are sent in a form only."""
        asks = {"email", "name"}.intersection(self.settings.scope)
        return super().options(journey) | ({"response_mode": "form_post"} if asks else {})

    async def client_secret(self) -> str:
        """A token that our key at Apple signs, good for five minutes.

        Raises:
            ApiError: 500 when the configured key cannot sign.
        """
        import jwt

        now = int(time.time())
        claims = {
            "iss": self.settings.apple_team_id,
            "sub": self.settings.client_id,
            "aud": self.issuer,
            "iat": now,
            "exp": now + _SECRET_SECONDS,
        }
        headers = {"kid": self.settings.apple_private_key_id}
        try:
            return jwt.encode(claims, self.settings.apple_private_key, algorithm="ES256", headers=headers)
        except (jwt.PyJWTError, ValueError, TypeError):
            raise ApiError(
                500, "apple_private_key must be an EC key (P-256) as PEM.", id="invalid_configuration"
            ) from None

    async def claims(self, tokens: Tokens, answer: Mapping[str, str], journey: Journey) -> Claims:
        """The token's claims, and the name that came with the first sign-in; the latter nobody has signed."""
        found = await super().claims(tokens, answer, journey)
        first, last = _names(answer.get("user", ""))
        told = {"given_name": first, "family_name": last, "last_name": last}
        return claims_of(found.raw, **{name: value for name, value in told.items() if value and name not in found.raw})

    def may_lack_nonce(self, claims: Mapping[str, Any]) -> bool:
        """On systems that do not support it, as the token itself says."""
        return claims.get("nonce_supported") is not True


def _names(user: str) -> tuple[str, str]:
    try:
        name = orjson.loads(user)["name"]
        return str(name.get("firstName") or "")[:_LONGEST_NAME], str(name.get("lastName") or "")[:_LONGEST_NAME]
    except (ValueError, KeyError, TypeError, AttributeError):
        return "", ""


PROVIDER = Apple

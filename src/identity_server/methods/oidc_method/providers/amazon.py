"""Login with Amazon: few scopes, and a header of its own."""

from collections.abc import Mapping
from typing import Final

from identity_server.errors import ApiError
from identity_server.methods.oidc_method.claims import Claims, claims_of
from identity_server.methods.oidc_method.discovery import Endpoints
from identity_server.methods.oidc_method.providers.oauth2 import OAuth2Provider
from identity_server.methods.oidc_method.providers.provider import Journey, Tokens
from identity_server.methods.oidc_method.web_calls import BadAnswer, as_object

_TOKEN: Final = "https://api.amazon.com/auth/o2/token"
_SCOPES: Final = ("profile", "profile:user_id", "postal_code")


class Amazon(OAuth2Provider):
    """Amazon."""

    fixed = Endpoints("https://www.amazon.com/ap/oa", _TOKEN)

    async def endpoints(self) -> Endpoints:
        """Amazon's, for a configuration that Amazon can follow.

        Raises:
            ApiError: 500 for scopes that there are not, and for discovery, which there is not.
        """
        unknown = [scope for scope in self.settings.scope if scope not in _SCOPES]
        if unknown:
            raise _unusable(f"the scope {unknown[0]!r} is unknown; allowed are {', '.join(_SCOPES)}")
        if self.settings.pkce == "auto":
            raise _unusable("pkce cannot be auto, since Amazon has no discovery; allowed are never and force")
        return self.fixed

    async def claims(self, tokens: Tokens, answer: Mapping[str, str], journey: Journey) -> Claims:
        """The customer."""
        headers = {"x-amz-access-token": tokens.access_token}
        try:
            user = as_object(await self.tools.web.get("https://api.amazon.com/user/profile", headers))
        except BadAnswer as error:
            raise self.refused(error) from error
        return claims_of(user, issuer=_TOKEN, subject=str(user.get("user_id") or ""), zoneinfo=user.get("postal_code"))


def _unusable(reason: str) -> ApiError:
    return ApiError(500, f"The provider amazon is configured wrongly: {reason}.", id="invalid_configuration")


PROVIDER = Amazon

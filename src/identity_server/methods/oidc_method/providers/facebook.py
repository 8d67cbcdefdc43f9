"""Facebook: calls with an access token carry a proof that they come from the app itself."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

from identity_server.methods.oidc_method.claims import Claims, claims_of
from identity_server.methods.oidc_method.discovery import Endpoints
from identity_server.methods.oidc_method.providers.oauth2 import OAuth2Provider
from identity_server.methods.oidc_method.providers.provider import Journey, Tokens

_FIELDS: Final = "id,name,first_name,last_name,middle_name,email,picture,birthday,gender"


class Facebook(OAuth2Provider):
    """Facebook; the Graph API without a version is the oldest that the app may use."""

    fixed = Endpoints("https://facebook.com/dialog/oauth", "https://graph.facebook.com/oauth/access_token")

    def scope(self) -> list[str]:
        """With ``openid``, as Kratos asks."""
        asked = super().scope()
        return asked if "openid" in asked else [*asked, "openid"]

    def options(self, journey: Journey) -> dict[str, str]:
        """Facebook's word for a new sign-in."""
        return {"auth_type": "reauthenticate"} if journey.refresh else {}

    async def claims(self, tokens: Tokens, answer: Mapping[str, str], journey: Journey) -> Claims:
        """The user; Facebook tells an address only once it was confirmed."""
        key, token = self.settings.client_secret.encode(), tokens.access_token.encode()
        proof = hmac.new(key, token, hashlib.sha256).hexdigest()
        user = await self.profile("https://graph.facebook.com/me", tokens, fields=_FIELDS, appsecret_proof=proof)
        picture = user.get("picture")
        data = picture.get("data") if isinstance(picture, dict) else None
        return claims_of(
            user,
            issuer="https://www.facebook.com",
            subject=str(user.get("id") or ""),
            given_name=user.get("first_name"),
            family_name=user.get("last_name"),
            nickname=user.get("name"),
            preferred_username=user.get("name"),
            picture=data.get("url") if isinstance(data, dict) else None,
            email_verified=bool(user.get("email")),
            birthdate=user.get("birthday"),
        )


PROVIDER = Facebook

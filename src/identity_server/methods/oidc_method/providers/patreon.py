"""Patreon: JSON:API, with the fields that are wanted named one by one."""

from collections.abc import Mapping
from typing import Final

from identity_server.methods.oidc_method.claims import Claims, claims_of
from identity_server.methods.oidc_method.discovery import Endpoints
from identity_server.methods.oidc_method.providers.oauth2 import OAuth2Provider
from identity_server.methods.oidc_method.providers.provider import Journey, Tokens
from identity_server.methods.oidc_method.web_calls import BadAnswer

_IDENTITY: Final = "https://www.patreon.com/api/oauth2/v2/identity"
_FIELDS: Final = "first_name,last_name,url,full_name,email,image_url,is_email_verified"


class Patreon(OAuth2Provider):
    """Patreon."""

    fixed = Endpoints("https://www.patreon.com/oauth2/authorize", "https://www.patreon.com/api/oauth2/token")

    def options(self, journey: Journey) -> dict[str, str]:
        """Asks nobody again who has agreed before."""
        return {"prompt": "consent" if journey.refresh else "none"}

    async def claims(self, tokens: Tokens, answer: Mapping[str, str], journey: Journey) -> Claims:
        """The user."""
        found = await self.profile(_IDENTITY, tokens, **{"fields[user]": _FIELDS})
        data = found.get("data")
        user = data.get("attributes") if isinstance(data, dict) else None
        if not isinstance(data, dict) or not isinstance(user, dict):
            raise self.refused(BadAnswer(200, found))
        return claims_of(
            found,
            issuer="https://www.patreon.com/",
            subject=str(data.get("id") or ""),
            name=user.get("full_name"),
            email=user.get("email"),
            email_verified=user.get("is_email_verified"),
            given_name=user.get("first_name"),
            family_name=user.get("last_name"),
            last_name=user.get("last_name"),
            picture=user.get("image_url"),
            profile=user.get("url"),
        )


PROVIDER = Patreon

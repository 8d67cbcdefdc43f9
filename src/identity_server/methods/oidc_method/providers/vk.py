"""VK: the address comes with the tokens, the user as a list of one."""

from collections.abc import Mapping
from typing import Final

from identity_server.methods.oidc_method.claims import Claims, claims_of
from identity_server.methods.oidc_method.discovery import Endpoints
from identity_server.methods.oidc_method.providers.oauth2 import OAuth2Provider
from identity_server.methods.oidc_method.providers.provider import Journey, Tokens
from identity_server.methods.oidc_method.web_calls import BadAnswer

_USERS: Final = "https://api.vk.com/method/users.get"
_GENDERS: Final = {1: "female", 2: "male"}


class Vk(OAuth2Provider):
    """VK."""

    fixed = Endpoints("https://oauth.vk.com/authorize", "https://oauth.vk.com/access_token")

    async def claims(self, tokens: Tokens, answer: Mapping[str, str], journey: Journey) -> Claims:
        """The user; VK wants the access token among the parameters."""
        found = await self.profile(
            _USERS, tokens, fields="photo_200,nickname,bdate,sex", access_token=tokens.access_token, v="5.103"
        )
        users = found.get("response")
        user = users[0] if isinstance(users, list) and users else None
        if not isinstance(user, dict):
            raise self.refused(BadAnswer(200, found))
        return claims_of(
            user,
            issuer=_USERS,
            subject=str(user.get("id") or ""),
            given_name=user.get("first_name"),
            family_name=user.get("last_name"),
            picture=user.get("photo_200"),
            email=tokens.extra.get("email"),
            gender=_GENDERS.get(user.get("sex") or 0),
            birthdate=user.get("bdate"),
        )


PROVIDER = Vk

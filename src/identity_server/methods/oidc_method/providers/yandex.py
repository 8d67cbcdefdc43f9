"""Yandex: a header of its own, and pictures by their ids."""

from collections.abc import Mapping
from typing import Final

from identity_server.methods.oidc_method.claims import Claims, claims_of
from identity_server.methods.oidc_method.discovery import Endpoints
from identity_server.methods.oidc_method.providers.oauth2 import OAuth2Provider
from identity_server.methods.oidc_method.providers.provider import Journey, Tokens

_INFO: Final = "https://login.yandex.ru/info"


class Yandex(OAuth2Provider):
    """Yandex ID."""

    fixed = Endpoints("https://oauth.yandex.com/authorize", "https://oauth.yandex.com/token")
    scheme = "OAuth"

    async def claims(self, tokens: Tokens, answer: Mapping[str, str], journey: Journey) -> Claims:
        """The user."""
        user = await self.profile(_INFO, tokens, format="json")
        phone, picture = user.get("default_phone"), user.get("default_avatar_id")
        shown = picture and user.get("is_avatar_empty") is not True
        return claims_of(
            user,
            issuer=_INFO,
            subject=str(user.get("id") or ""),
            given_name=user.get("first_name"),
            family_name=user.get("last_name"),
            name=user.get("real_name"),
            email=user.get("default_email"),
            phone_number=phone.get("number") if isinstance(phone, dict) else None,
            picture=f"https://avatars.yandex.net/get-yapic/{picture}/islands-200" if shown else None,
            gender=user.get("sex"),
            birthdate=user.get("birthday"),
        )


PROVIDER = Yandex

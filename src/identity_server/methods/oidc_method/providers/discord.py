"""Discord: asks nobody again who has agreed before, and knows two forms of names."""

from collections.abc import Mapping
from typing import Any, Final

from identity_server.methods.oidc_method.claims import Claims, claims_of
from identity_server.methods.oidc_method.discovery import Endpoints
from identity_server.methods.oidc_method.providers.oauth2 import OAuth2Provider
from identity_server.methods.oidc_method.providers.provider import Journey, Tokens

_ISSUER: Final = "https://discord.com/api/oauth2/"


class Discord(OAuth2Provider):
    """Discord."""

    fixed = Endpoints(f"{_ISSUER}authorize", f"{_ISSUER}token")

    def options(self, journey: Journey) -> dict[str, str]:
        """Discord knows no prompt for a new sign-in; consent is the next best."""
        return {"prompt": "consent" if journey.refresh else "none"}

    async def claims(self, tokens: Tokens, answer: Mapping[str, str], journey: Journey) -> Claims:
        """The user."""
        self.granted(tokens, " ")
        user = await self.profile("https://discord.com/api/users/@me", tokens)
        return claims_of(
            user,
            issuer=_ISSUER,
            subject=str(user.get("id") or ""),
            name=_name(user),
            nickname=user.get("username"),
            preferred_username=user.get("username"),
            picture=_picture(user),
            email_verified=user.get("verified"),
        )


def _name(user: Mapping[str, Any]) -> str:
    """``name#1234`` for accounts that still have a number; new ones have a name of their own."""
    number = str(user.get("discriminator") or "0")
    return f"{user.get('username')}#{number}" if number != "0" else str(user.get("username") or "")


def _picture(user: Mapping[str, Any]) -> str:
    avatar = str(user.get("avatar") or "")
    kind = "gif" if avatar.startswith("a_") else "png"
    return f"https://cdn.discordapp.com/avatars/{user.get('id')}/{avatar}.{kind}" if avatar else ""


PROVIDER = Discord

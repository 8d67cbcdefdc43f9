"""Lark and Feishu: scopes are part of the app, and the subject is the app's own id of a person."""

from collections.abc import Mapping
from typing import Final

from identity_server.methods.oidc_method.claims import Claims, claims_of
from identity_server.methods.oidc_method.discovery import Endpoints
from identity_server.methods.oidc_method.providers.oauth2 import OAuth2Provider
from identity_server.methods.oidc_method.providers.provider import Journey, Tokens

_OAUTH: Final = "https://passport.feishu.cn/suite/passport/oauth"


class Lark(OAuth2Provider):
    """Lark."""

    fixed = Endpoints(f"{_OAUTH}/authorize", f"{_OAUTH}/token")

    async def claims(self, tokens: Tokens, answer: Mapping[str, str], journey: Journey) -> Claims:
        """The user."""
        user = await self.profile(f"{_OAUTH}/userinfo", tokens)
        return claims_of(
            user,
            issuer=f"{_OAUTH}/userinfo",
            subject=str(user.get("open_id") or ""),
            nickname=user.get("name"),
            picture=user.get("avatar_url"),
            phone_number=user.get("mobile"),
        )


PROVIDER = Lark

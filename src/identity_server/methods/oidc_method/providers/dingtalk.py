"""DingTalk: tokens for JSON in words of its own, and a header of its own."""

from collections.abc import Mapping
from typing import Any, Final

from identity_server.methods.oidc_method.claims import Claims, claims_of
from identity_server.methods.oidc_method.discovery import Endpoints
from identity_server.methods.oidc_method.providers.oauth2 import OAuth2Provider
from identity_server.methods.oidc_method.providers.provider import Journey, Tokens
from identity_server.methods.oidc_method.web_calls import BadAnswer, as_object

_ME: Final = "https://api.dingtalk.com/v1.0/contact/users/me"


class DingTalk(OAuth2Provider):
    """DingTalk."""

    fixed = Endpoints("https://login.dingtalk.com/oauth2/auth", "https://api.dingtalk.com/v1.0/oauth2/userAccessToken")

    def options(self, journey: Journey) -> dict[str, str]:
        """DingTalk insists on this prompt."""
        return {"prompt": "consent"}

    def answered_code(self, answer: Mapping[str, str]) -> str:
        """DingTalk's name for the code."""
        return answer.get("authCode") or answer.get("code", "")

    async def exchange(self, url: str, fields: Mapping[str, str], headers: Mapping[str, str]) -> Any:
        """The tokens in the standard's words."""
        asked = {
            "clientId": self.settings.client_id,
            "clientSecret": self.settings.client_secret,
            "code": fields["code"],
            "grantType": "authorization_code",
        }
        found = as_object(await self.tools.web.post_json(url, asked))
        return {
            **found,
            "access_token": found.get("accessToken"),
            "refresh_token": found.get("refreshToken"),
        }

    async def claims(self, tokens: Tokens, answer: Mapping[str, str], journey: Journey) -> Claims:
        """The user."""
        try:
            user = as_object(await self.tools.web.get(_ME, {"x-acs-dingtalk-access-token": tokens.access_token}))
        except BadAnswer as error:
            raise self.refused(error) from error
        return claims_of(
            user,
            issuer=_ME,
            subject=str(user.get("openId") or ""),
            nickname=user.get("nick"),
            name=user.get("nick"),
            picture=user.get("avatarUrl"),
        )


PROVIDER = DingTalk

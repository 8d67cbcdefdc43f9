"""Slack's first OAuth2: failures come with the status 200, and workspaces vouch for addresses."""

from collections.abc import Mapping
from typing import Final

from identity_server.methods.oidc_method.claims import Claims, claims_of
from identity_server.methods.oidc_method.discovery import Endpoints
from identity_server.methods.oidc_method.providers.oauth2 import OAuth2Provider
from identity_server.methods.oidc_method.providers.provider import Journey, Tokens
from identity_server.methods.oidc_method.web_calls import BadAnswer

_ISSUER: Final = "https://slack.com/oauth/"


class Slack(OAuth2Provider):
    """Members of a workspace."""

    fixed = Endpoints(f"{_ISSUER}authorize", "https://slack.com/api/oauth.access")

    async def claims(self, tokens: Tokens, answer: Mapping[str, str], journey: Journey) -> Claims:
        """The member and the workspace."""
        self.granted(tokens, ",")
        found = await self.profile("https://slack.com/api/users.identity", tokens)
        user, team = found.get("user"), found.get("team")
        if found.get("ok") is not True or not isinstance(user, dict):
            raise self.refused(BadAnswer(200, found))
        return claims_of(
            found,
            issuer=_ISSUER,
            subject=str(user.get("id") or ""),
            name=user.get("name"),
            preferred_username=user.get("name"),
            nickname=user.get("name"),
            email=user.get("email"),
            email_verified=bool(user.get("email")),
            picture=user.get("image_512"),
            team=team.get("id") if isinstance(team, dict) else None,
        )


PROVIDER = Slack

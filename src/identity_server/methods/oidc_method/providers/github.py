"""GitHub: plain OAuth2; addresses come from an endpoint of their own, and people may grant less than was asked for."""

from collections.abc import Mapping
from typing import Any, Final

from identity_server.methods.oidc_method.claims import Claims, claims_of
from identity_server.methods.oidc_method.discovery import Endpoints
from identity_server.methods.oidc_method.providers.oauth2 import OAuth2Provider
from identity_server.methods.oidc_method.providers.provider import Journey, Tokens
from identity_server.methods.oidc_method.providers.told import seconds
from identity_server.methods.oidc_method.web_calls import BadAnswer

_TOKEN: Final = "https://github.com/login/oauth/access_token"
_API: Final = "https://api.github.com"
_EMAIL: Final = "user:email"


class GitHub(OAuth2Provider):
    """An OAuth app at GitHub."""

    fixed = Endpoints("https://github.com/login/oauth/authorize", _TOKEN)

    async def claims(self, tokens: Tokens, answer: Mapping[str, str], journey: Journey) -> Claims:
        """The user, with the primary address when it may be read."""
        granted = self.granted(tokens, ",")
        user = await self.profile(f"{_API}/user", tokens)
        return await self.described(user, tokens, with_email=_EMAIL in granted)

    async def described(self, user: dict[str, Any], tokens: Tokens, *, with_email: bool) -> Claims:
        """A user in the standard's words."""
        address = await self._address(tokens) if with_email else {}
        return claims_of(
            user,
            issuer=_TOKEN,
            subject=str(user.get("id") or ""),
            nickname=user.get("login"),
            website=user.get("blog"),
            picture=user.get("avatar_url"),
            profile=user.get("html_url"),
            updated_at=seconds(user.get("updated_at")),
            email=address.get("email"),
            email_verified=address.get("verified"),
        )

    async def _address(self, tokens: Tokens) -> dict[str, Any]:
        """The primary address, else the last one; the public one of the profile is not known to be verified."""
        try:
            found = await self.tools.web.bearer(f"{_API}/user/emails", tokens.access_token)
        except BadAnswer as error:
            raise self.refused(error) from error
        addresses = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
        primary = [each for each in addresses if each.get("primary") is True]
        return next(iter(primary or addresses[-1:]), {})


PROVIDER = GitHub

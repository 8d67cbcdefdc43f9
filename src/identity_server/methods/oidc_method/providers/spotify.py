"""Spotify: wants the client's secret in a header, and never says whether an address is verified."""

from collections.abc import Mapping
from typing import Final

from identity_server.methods.oidc_method.claims import Claims, claims_of
from identity_server.methods.oidc_method.discovery import Endpoints
from identity_server.methods.oidc_method.providers.oauth2 import OAuth2Provider
from identity_server.methods.oidc_method.providers.provider import Journey, Tokens

_TOKEN: Final = "https://accounts.spotify.com/api/token"


class Spotify(OAuth2Provider):
    """Spotify."""

    fixed = Endpoints("https://accounts.spotify.com/authorize", _TOKEN, basic=True)

    def options(self, journey: Journey) -> dict[str, str]:
        """Spotify's word for asking again."""
        return {"show_dialog": "true"} if journey.refresh else {}

    async def claims(self, tokens: Tokens, answer: Mapping[str, str], journey: Journey) -> Claims:
        """The user."""
        self.granted(tokens, " ")
        user = await self.profile("https://api.spotify.com/v1/me", tokens)
        images, links = user.get("images"), user.get("external_urls")
        first = images[0] if isinstance(images, list) and images else None
        return claims_of(
            user,
            issuer=_TOKEN,
            subject=str(user.get("id") or ""),
            name=user.get("display_name"),
            nickname=user.get("display_name"),
            picture=first.get("url") if isinstance(first, dict) else None,
            profile=links.get("spotify") if isinstance(links, dict) else None,
        )


PROVIDER = Spotify

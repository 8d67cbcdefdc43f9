"""LinkedIn before OpenID Connect: names, addresses and grants come from three endpoints."""

from collections.abc import Mapping
from typing import Any, Final

from identity_server.methods.oidc_method.claims import Claims, claims_of
from identity_server.methods.oidc_method.discovery import Endpoints
from identity_server.methods.oidc_method.providers.oauth2 import OAuth2Provider
from identity_server.methods.oidc_method.providers.provider import Journey, Tokens
from identity_server.methods.oidc_method.web_calls import BadAnswer, as_object

_OAUTH: Final = "https://www.linkedin.com/oauth/v2"
_ME: Final = "https://api.linkedin.com/v2/me"
_EMAIL: Final = "https://api.linkedin.com/v2/emailAddress"
_PICTURE: Final = "(id,localizedFirstName,localizedLastName,profilePicture(displayImage~:playableStreams))"


class LinkedIn(OAuth2Provider):
    """LinkedIn's version 2 API with ``r_liteprofile`` and ``r_emailaddress``."""

    fixed = Endpoints(f"{_OAUTH}/authorization", f"{_OAUTH}/accessToken")

    async def claims(self, tokens: Tokens, answer: Mapping[str, str], journey: Journey) -> Claims:
        """The member."""
        self.granted(Tokens(extra=await self._introspected(tokens)), ",")
        me = await self.profile(_ME, tokens, projection=_PICTURE)
        email = await self.profile(_EMAIL, tokens, q="members", projection="(elements*(handle~))")
        return claims_of(
            me,
            issuer="https://login.linkedin.com/",
            subject=str(me.get("id") or ""),
            name=me.get("localizedFirstName"),
            given_name=me.get("localizedFirstName"),
            last_name=me.get("localizedLastName"),
            family_name=me.get("localizedLastName"),
            email=_within(email, "elements", 0, "handle~", "emailAddress"),
            picture=_within(me, "profilePicture", "displayImage~", "elements", -1, "identifiers", 0, "identifier"),
        )

    async def _introspected(self, tokens: Tokens) -> dict[str, Any]:
        fields = {
            "client_id": self.settings.client_id,
            "client_secret": self.settings.client_secret,
            "token": tokens.access_token,
        }
        try:
            return as_object(await self.tools.web.post(f"{_OAUTH}/introspectToken", fields))
        except BadAnswer as error:
            raise self.refused(error) from error


def _within(value: Any, *path: str | int) -> Any:
    """What stands at a path; None where there is none."""
    try:
        for step in path:
            value = value[step]
    except (KeyError, IndexError, TypeError):
        return None
    return value


PROVIDER = LinkedIn

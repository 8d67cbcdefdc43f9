"""X: OAuth 1.0a (RFC 5849), so every request is signed, and there are no codes."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode

import orjson

from identity_server.methods.oidc_method import refusals
from identity_server.methods.oidc_method.claims import Claims, claims_of
from identity_server.methods.oidc_method.providers.provider import Journey, Provider, Tokens
from identity_server.methods.oidc_method.refusals import ProviderRefused

_API: Final = "https://api.twitter.com"
_ME: Final = f"{_API}/1.1/account/verify_credentials.json"
_OK: Final = 200


class X(Provider):
    """X, formerly Twitter."""

    async def authorization_url(self, journey: Journey) -> str:
        """The page of a request token; the callback carries our state, and a code so that it looks like any other."""
        callback = f"{journey.redirect_uri}?{urlencode({'state': journey.state, 'code': 'unused'})}"
        found = await self._form("/oauth/request_token", {"oauth_callback": callback}, "")
        if found.get("oauth_callback_confirmed") != "true" or not found.get("oauth_token"):
            raise refusals.unreachable(self.settings.id)
        return f"{_API}/oauth/authenticate?{urlencode({'oauth_token': found['oauth_token']})}"

    def refusal(self, answer: Mapping[str, str]) -> str:
        """X names the request token that was denied."""
        return "access_denied" if answer.get("denied") else super().refusal(answer)

    async def redeem(self, answer: Mapping[str, str], journey: Journey) -> Tokens:
        """An access token for the request token and its verifier."""
        token, verifier = answer.get("oauth_token", ""), answer.get("oauth_verifier", "")
        if not token or not verifier:
            raise ProviderRefused("The provider did not return a verifier.")
        found = await self._form("/oauth/access_token", {"oauth_token": token, "oauth_verifier": verifier}, "")
        if not found.get("oauth_token"):
            raise ProviderRefused("The provider did not accept the sign-in; try again.")
        return Tokens(found["oauth_token"], extra=found)

    async def claims(self, tokens: Tokens, answer: Mapping[str, str], journey: Journey) -> Claims:
        """The user, with the address where the app may read it."""
        query = {"include_email": "true"} if "email" in self.settings.scope else {}
        own = {"oauth_token": tokens.access_token}
        headers = self._signed("GET", _ME, query, own, str(tokens.extra.get("oauth_token_secret") or ""))
        url = f"{_ME}?{urlencode(query)}" if query else _ME
        status, body = await self.tools.web.raw("GET", url, headers, None)
        user = _object(body)
        if status != _OK or not user:
            raise ProviderRefused("The provider did not say who signed in.")
        return claims_of(
            user,
            issuer=_ME,
            subject=str(user.get("id_str") or ""),
            picture=user.get("profile_image_url_https"),
            preferred_username=user.get("screen_name"),
            website=user.get("url"),
        )

    async def _form(self, path: str, own: Mapping[str, str], secret: str) -> dict[str, str]:
        headers = self._signed("POST", _API + path, {}, own, secret)
        status, body = await self.tools.web.raw("POST", _API + path, headers, b"")
        return dict(parse_qsl(body.decode("utf-8", "replace"))) if status == _OK else {}

    def _signed(
        self, method: str, url: str, query: Mapping[str, str], own: Mapping[str, str], secret: str
    ) -> dict[str, str]:
        ours = {
            "oauth_consumer_key": self.settings.client_id,
            "oauth_nonce": secrets.token_hex(16),
            "oauth_signature_method": "HMAC-SHA1",
            "oauth_timestamp": str(int(self.tools.clock().timestamp())),
            "oauth_version": "1.0",
            **own,
        }
        key = f"{escaped(self.settings.client_secret)}&{escaped(secret)}"
        ours["oauth_signature"] = signature(method, url, {**query, **ours}, key)
        fields = ", ".join(f'{escaped(name)}="{escaped(value)}"' for name, value in sorted(ours.items()))
        return {"Authorization": f"OAuth {fields}", "Accept": "application/json"}


def escaped(text: str) -> str:
    """Percent-encoded as RFC 5849, 3.6, wants it."""
    return quote(text, safe="~")


def signature(method: str, url: str, parameters: Mapping[str, str], key: str) -> str:
    """The HMAC-SHA1 of a request (RFC 5849, 3.4); the method is the protocol's, not our choice."""
    pairs = sorted((escaped(name), escaped(value)) for name, value in parameters.items())
    text = "&".join((method, escaped(url), escaped("&".join(f"{name}={value}" for name, value in pairs))))
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha1).digest()).decode()


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = orjson.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


PROVIDER = X

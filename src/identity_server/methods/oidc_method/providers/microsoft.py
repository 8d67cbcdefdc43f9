"""Microsoft: one address for many tenants, each of which issues its own tokens."""

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from identity_server.methods.oidc_method import id_tokens
from identity_server.methods.oidc_method.claims import Claims, claims_of
from identity_server.methods.oidc_method.discovery import Endpoints
from identity_server.methods.oidc_method.providers.openid import OpenIdProvider
from identity_server.methods.oidc_method.providers.provider import Journey, Tokens
from identity_server.methods.oidc_method.refusals import ProviderRefused

_HOST: Final = "https://login.microsoftonline.com"
_ME: Final = "https://graph.microsoft.com/v1.0/me"
_ID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
#: The tenant of personal accounts.
_PERSONAL: Final = "9188040d-6c67-4c5b-b112-36a304b66dad"
_PLACEHOLDER: Final = "{tenantid}"


class Microsoft(OpenIdProvider):
    """Entra ID and personal accounts."""

    async def endpoints(self) -> Endpoints:
        """What Microsoft says about the tenant; for several tenants the issuer has a placeholder."""
        return await self.tools.discovery.endpoints(f"{_HOST}/{self.settings.microsoft_tenant}/v2.0", any_issuer=True)

    async def issuers(self, endpoints: Endpoints) -> Collection[str]:
        """Only of callbacks; tokens are checked against the tenant that they name."""
        return (endpoints.issuer,)

    async def verified(self, token: str, endpoints: Endpoints, audiences: list[str], nonce: str = "") -> dict[str, Any]:
        """The claims of a token of a tenant that may sign in here."""
        claims = await id_tokens.signed_claims(token, endpoints.jwks, self.tools.keys, self.algorithms(endpoints))
        issuer = endpoints.issuer.replace(_PLACEHOLDER, self._tenant(claims))
        now = self.tools.clock().timestamp()
        id_tokens.check(claims, issuers=(issuer,), audiences=audiences, nonce=nonce, now=now)
        return claims

    def _tenant(self, claims: Mapping[str, Any]) -> str:
        named, wanted = str(claims.get("tid")), self.settings.microsoft_tenant.lower()
        allowed = {"organizations": named != _PERSONAL, "consumers": named == _PERSONAL}.get(wanted, True)
        if _ID.fullmatch(wanted):
            allowed = named == wanted
        if not _ID.fullmatch(named) or not allowed:
            raise ProviderRefused("Accounts of this tenant cannot sign in here.")
        return named

    async def claims(self, tokens: Tokens, answer: Mapping[str, str], journey: Journey) -> Claims:
        """The token's claims, about the subject that the configuration names."""
        found = await super().claims(tokens, answer, journey)
        if self.settings.subject_source == "oid":
            return self._about(found, found.values.get("oid"))
        if self.settings.subject_source == "me":
            return self._about(found, (await self.profile(_ME, tokens)).get("id"))
        return found

    @staticmethod
    def _about(found: Claims, subject: object) -> Claims:
        if not isinstance(subject, str) or not subject:
            raise ProviderRefused("The provider did not say who signed in.")
        return claims_of(found.raw, issuer=found.issuer, subject=subject)


PROVIDER = Microsoft

"""What came back from a provider: who it is, and the tokens."""

from dataclasses import dataclass, field

from identity_server.methods.oidc_method.claims import Claims
from identity_server.methods.oidc_method.provider_settings import ProviderSettings
from identity_server.methods.oidc_method.providers.provider import Tokens
from identity_server.session.model import AAL1, AAL2, Authentication
from identity_server.times import Timestamp


@dataclass(frozen=True)
class Granted:
    """A provider's word about a person.

    Attributes:
        tokens: None when an app handed in an ID token.
    """

    settings: ProviderSettings
    claims: Claims
    tokens: Tokens | None = field(default=None, repr=False)

    def proof(self, now: Timestamp) -> Authentication:
        """What it counts for: two factors when the provider says that it asked for them, in words that we were told."""
        settings, claims = self.settings, self.claims
        strong = claims.acr in settings.aal2_acr_values or settings.aal2_amr_values.intersection(claims.amr)
        return Authentication(
            "oidc",
            AAL2 if strong else AAL1,
            now,
            provider=settings.id,
            organization=settings.organization_id or None,
            upstream_acr=claims.acr or None,
            upstream_amr=claims.amr or None,
        )

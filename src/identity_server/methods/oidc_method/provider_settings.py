"""A provider as it is configured."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from identity_server.services import Services

KEY = "selfservice.methods.oidc.config"
ALWAYS, NEVER = "force", "never"


@dataclass(frozen=True)
class ProviderSettings:
    """One entry of ``selfservice.methods.oidc.config.providers``.

    Attributes:
        vendor: which vendor's rules apply; ``generic`` for any OpenID Connect server.
        label: what buttons say; ``name`` is what sentences say.
        audiences: client ids that ID tokens of apps may be made for, beside ``client_id``.
        pkce: ``auto``, ``never`` or ``force``; empty, which is auto, when nobody chose.
        links_automatically: connect to an account with the same verified address without asking for its credential.
        updates_on_login: run the mapper at every login.
    """

    id: str
    vendor: str
    label: str
    client_id: str
    mapper_url: str
    name: str = ""
    client_secret: str = field(default="", repr=False)
    issuer_url: str = ""
    auth_url: str = ""
    token_url: str = ""
    scope: tuple[str, ...] = ()
    pkce: str = ""
    claims_source: str = "id_token"
    requested_claims: Mapping[str, Any] = field(default_factory=dict[str, Any])
    audiences: tuple[str, ...] = ()
    aal2_acr_values: frozenset[str] = frozenset()
    aal2_amr_values: frozenset[str] = frozenset()
    links_automatically: bool = False
    updates_on_login: bool = False
    organization_id: str = ""
    microsoft_tenant: str = ""
    subject_source: str = "userinfo"
    apple_team_id: str = ""
    apple_private_key_id: str = ""
    apple_private_key: str = field(default="", repr=False)
    net_id_token_origin_header: str = ""

    @classmethod
    def from_entry(cls, entry: Mapping[str, Any]) -> "ProviderSettings":
        """The settings behind a checked entry of the configuration."""

        def text(name: str, default: str = "") -> str:
            value = entry.get(name)
            return default if value is None else str(value)

        def texts(name: str) -> tuple[str, ...]:
            return tuple(str(item) for item in entry.get(name) or ())

        return cls(
            id=text("id"),
            vendor=text("provider"),
            label=text("label") or text("id"),
            name=text("label") or text("provider"),
            client_id=text("client_id"),
            mapper_url=text("mapper_url"),
            client_secret=text("client_secret"),
            issuer_url=text("issuer_url"),
            auth_url=text("auth_url"),
            token_url=text("token_url"),
            scope=texts("scope"),
            pkce=text("pkce"),
            claims_source=text("claims_source", "id_token"),
            requested_claims=entry.get("requested_claims") or {},
            audiences=texts("additional_id_token_audiences"),
            aal2_acr_values=frozenset(texts("aal2_acr_values")),
            aal2_amr_values=frozenset(texts("aal2_amr_values")),
            links_automatically=text("account_linking_mode") == "automatic",
            updates_on_login=text("update_identity_on_login") == "automatic",
            organization_id=text("organization_id"),
            microsoft_tenant=text("microsoft_tenant"),
            subject_source=text("subject_source", "userinfo"),
            apple_team_id=text("apple_team_id"),
            apple_private_key_id=text("apple_private_key_id"),
            apple_private_key=text("apple_private_key"),
            net_id_token_origin_header=text("net_id_token_origin_header"),
        )


def offered(providers: Mapping[str, ProviderSettings]) -> list[ProviderSettings]:
    """Those that forms show; one of an organization is for its members, who are sent to it otherwise."""
    return [each for each in providers.values() if not each.organization_id]


def configured(services: Services) -> dict[str, ProviderSettings]:
    """All providers by id, in the order in which they are configured."""
    found: dict[str, ProviderSettings] = {}
    for place, entry in enumerate(services.configuration.items(f"{KEY}.providers")):
        each = ProviderSettings.from_entry(entry)
        if not services.configuration.configured(f"{KEY}.providers.{place}.pkce"):
            each = replace(each, pkce="")
        found[each.id] = each
    return found

"""An identity with its credentials and addresses."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from identity_server.times import Timestamp

ACTIVE = "active"
INACTIVE = "inactive"
STATES = (ACTIVE, INACTIVE)

#: Credential types in Kratos' words, and one of ours, in the order in which they are shown.
CREDENTIAL_TYPES = (
    "password",
    "oidc",
    "totp",
    "lookup_secret",
    "webauthn",
    "code",
    "passkey",
    "saml",
    "deviceauthn",
    "link_recovery",
    "code_recovery",
    "api_key",
)


@dataclass
class Credential:
    """One kind of credential of an identity.

    Attributes:
        type: one of ``CREDENTIAL_TYPES``.
        identifiers: what the person types or the provider sends; shown as they stand here.
        config: Kratos' JSON for the type, such as ``{"hashed_password": …}``.
        version: version of ``config``'s form.
    """

    type: str
    identifiers: list[str] = field(default_factory=list)
    config: dict[str, Any] = field(default_factory=dict, repr=False)
    version: int = 0
    created_at: Timestamp = ""
    updated_at: Timestamp = ""


@dataclass
class Address:
    """An address through which a person can be reached.

    Attributes:
        via: ``email`` or ``sms``.
        status: ``pending``, ``sent`` or ``completed``; only of verifiable addresses, as are the next two.
    """

    id: str
    value: str
    via: str
    created_at: Timestamp
    updated_at: Timestamp
    verified: bool = False
    status: str = "pending"
    verified_at: Timestamp | None = None

    def verifiable_json(self) -> dict[str, Any]:
        """Kratos' JSON of a verifiable address."""
        shown: dict[str, Any] = {
            "id": self.id,
            "value": self.value,
            "verified": self.verified,
            "via": self.via,
            "status": self.status,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        }
        if self.verified_at:
            shown["verified_at"] = self.verified_at
        return shown

    def recovery_json(self) -> dict[str, Any]:
        """Kratos' JSON of a recovery address."""
        return {
            "id": self.id,
            "value": self.value,
            "via": self.via,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        }

    @classmethod
    def from_json(cls, shown: dict[str, Any]) -> "Address":
        """The address behind either JSON."""
        return cls(
            id=shown["id"],
            value=shown["value"],
            via=shown["via"],
            created_at=shown["created_at"],
            updated_at=shown["updated_at"],
            verified=shown.get("verified", False),
            status=shown.get("status", "pending"),
            verified_at=shown.get("verified_at"),
        )


@dataclass
class Identity:
    """A person or machine that can sign in.

    Attributes:
        traits: JSON object that fits the schema ``schema_id``.
        metadata_public, metadata_admin: any JSON; None stands for both null and never set.
        available_aal: ``aal0`` … ``aal2``, the level its credentials can reach; None before it was computed.
        loaded: the credentials as they were read, each in its stored form; None for an identity that was made here.
    """

    id: str
    schema_id: str
    traits: Any
    created_at: Timestamp
    updated_at: Timestamp
    state: str = ACTIVE
    state_changed_at: Timestamp = ""
    external_id: str | None = None
    organization_id: str | None = None
    metadata_public: Any = None
    metadata_admin: Any = None
    verifiable_addresses: list[Address] = field(default_factory=list)
    recovery_addresses: list[Address] = field(default_factory=list)
    credentials: dict[str, Credential] = field(default_factory=dict)
    available_aal: str | None = None
    loaded: Mapping[str, object] | None = field(default=None, repr=False, compare=False)

    @property
    def is_active(self) -> bool:
        """Whether the identity may sign in."""
        return self.state == ACTIVE

    def credential(self, kind: str) -> Credential | None:
        """The credential of a type, if there is one."""
        return self.credentials.get(kind)

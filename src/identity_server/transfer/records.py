"""What one row of an import may say: the body of a creation, and what an export adds to it."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from identity_server import times
from identity_server.errors import ApiError
from identity_server.identity.model import CREDENTIAL_TYPES
from identity_server.identity.payload import (
    LONGEST_SUBJECT,
    MOST_ADDRESSES,
    MOST_PROVIDERS,
    Body,
    ExternalId,
    Name,
    PasswordConfig,
    RecoveryAddressBody,
    Uuid,
    VerifiableAddressBody,
)
from identity_server.times import Timestamp

#: Deeper values cannot be written again: the JSON library stops at 254.
MOST_DEPTH = 200
#: Keys and codes that one credential may hold.
MOST_ENTRIES = 1000


def _stamp(text: str) -> Timestamp:
    try:
        return times.text(times.parse(text))
    except (ValueError, OverflowError):
        raise ValueError("this must be a time such as 2026-01-31T12:00:00Z") from None


def _known_type(text: str) -> str:
    if text not in CREDENTIAL_TYPES:
        raise ValueError(f"there is no such credential; allowed: {', '.join(CREDENTIAL_TYPES)}")
    return text


def _kept(text: str) -> Timestamp:
    """A time that is shown to others as it was written, in UTC at least."""
    stamp = _stamp(text)
    return text if text.endswith("Z") and "T" in text else stamp


Stamp = Annotated[str, AfterValidator(_stamp)]
Identifier = Annotated[Name, Field(max_length=2 * LONGEST_SUBJECT)]


class StoredCredential(Body):
    """A credential as an export shows it; an import needs no more than its configuration."""

    type: str | None = None
    identifiers: Annotated[list[Identifier], Field(max_length=MOST_ENTRIES)] | None = None
    config: dict[str, Any] | None = Field(default=None, repr=False)
    version: Annotated[int, Field(ge=0, le=1000)] | None = None
    created_at: Stamp | None = None
    updated_at: Stamp | None = None


class AddressRecord(VerifiableAddressBody):
    """What is known about an address to verify; it counts when a trait holds it as well."""

    verified_at: Annotated[str, AfterValidator(_kept)] | None = None
    created_at: Stamp | None = None
    updated_at: Stamp | None = None


class RecoveryAddressRecord(RecoveryAddressBody):
    """What is known about an address to recover an account with."""

    created_at: Stamp | None = None
    updated_at: Stamp | None = None


class Record(Body):
    """One row.

    Attributes:
        verified: whether all addresses of the traits count as verified.
        schema_url, available_aal: of an export; the server knows better and does not look at them.
    """

    id: Uuid | None = None
    schema_id: str | None = None
    schema_url: str | None = None
    external_id: ExternalId | None = None
    organization_id: Uuid | None = None
    region: str | None = None
    state: str | None = None
    state_changed_at: Stamp | None = None
    traits: Any = Field(default_factory=dict)
    metadata_public: Any = None
    metadata_admin: Any = None
    verifiable_addresses: Annotated[list[AddressRecord], Field(max_length=MOST_ADDRESSES)] | None = None
    recovery_addresses: Annotated[list[RecoveryAddressRecord], Field(max_length=MOST_ADDRESSES)] | None = None
    verified: bool | None = None
    credentials: dict[Annotated[str, AfterValidator(_known_type)], StoredCredential | None] | None = None
    available_aal: str | None = None
    created_at: Stamp | None = None
    updated_at: Stamp | None = None


class PasswordContent(PasswordConfig):
    """The configuration of a password; without a hash it is one that nobody has."""


class ProviderContent(Body):
    """One account at a provider, with what the provider gave."""

    subject: Name
    provider: Name
    organization: Name | None = None
    use_auto_link: bool | None = None
    initial_id_token: str | None = Field(default=None, repr=False)
    initial_access_token: str | None = Field(default=None, repr=False)
    initial_refresh_token: str | None = Field(default=None, repr=False)


class ProvidersContent(Body):
    """All accounts at providers."""

    providers: Annotated[list[ProviderContent], Field(max_length=MOST_PROVIDERS)] | None = None


class AuthenticatorContent(Body):
    """An authenticator app."""

    totp_url: str = Field(pattern=r"^otpauth://totp/", max_length=4096, repr=False)
    last_step: int | None = None


class BackupCode(Body):
    """A code that counts once."""

    code: str = Field(max_length=256, repr=False)
    used_at: str | None = None


class BackupCodesContent(Body):
    """All backup codes."""

    recovery_codes: Annotated[list[BackupCode], Field(max_length=MOST_ENTRIES)] | None = None


def refuse_deeper(value: Any, most: int = MOST_DEPTH) -> None:
    """Raises ApiError for a value that is nested too deep."""
    level = [value]
    for _ in range(most):
        level = [child for each in level for child in _children(each)]
        if not level:
            return
    raise ApiError(400, f"It is nested deeper than {most} levels.")


def _children(value: Any) -> list[Any]:
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [child for child in children if isinstance(child, (dict, list))]

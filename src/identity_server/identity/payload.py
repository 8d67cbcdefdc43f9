"""Bodies of the admin API: strict about types and members, lenient about the case of names as Go's decoder is."""

import unicodedata
import uuid
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from identity_server import times
from identity_server.errors import ApiError
from identity_server.identity.api_keys import MOST_KEYS
from identity_server.times import Timestamp

#: The longest id that an outside system may give an identity; the column and its index are sized for it.
LONGEST_EXTERNAL_ID = 64
#: Providers' subjects are indexed whole; OpenID Connect allows 255 characters.
LONGEST_SUBJECT = 512
MOST_ADDRESSES = 1000
MOST_PROVIDERS = 1000


def printable(text: str) -> str:
    """A name that databases, logs and people can hold: no control characters."""
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise ValueError("control characters are not allowed")
    return text


def _uuid(text: str) -> str:
    try:
        if len(text) != 36:
            raise ValueError(text)
        return str(uuid.UUID(text))
    except ValueError:
        raise ValueError("this must be a UUID of 36 characters") from None


def _moment(text: str) -> Timestamp:
    try:
        moment = times.text(times.parse(text))
        return moment.removesuffix(".000000Z") + "Z" if moment.endswith(".000000Z") else moment
    except (ValueError, OverflowError):
        raise ValueError("this must be a time such as 2026-01-31T12:00:00Z") from None


Uuid = Annotated[str, AfterValidator(_uuid)]
Moment = Annotated[str, AfterValidator(_moment)]
Name = Annotated[str, StringConstraints(max_length=LONGEST_SUBJECT), AfterValidator(printable)]
ExternalId = Annotated[str, StringConstraints(max_length=LONGEST_EXTERNAL_ID), AfterValidator(printable)]


class Body(BaseModel):
    """An object whose members are known; null stands for a member that is not there."""

    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _names_in_any_case(cls, value: Any) -> Any:
        if not isinstance(value, dict) or value.keys() <= cls.model_fields.keys():
            return value
        names = cls.model_fields
        return {key if key in names or key.lower() not in names else key.lower(): item for key, item in value.items()}


class PasswordConfig(Body):
    """A password in clear text or as a hash, or a mark that another system is asked at the first login."""

    hashed_password: str | None = Field(default=None, repr=False)
    password: str | None = Field(default=None, repr=False)
    use_password_migration_hook: bool | None = None


class PasswordBody(Body):
    """``credentials.password``."""

    config: PasswordConfig | None = None


class Provider(Body):
    """One account at an identity provider."""

    subject: Name | None = None
    provider: Name | None = None
    use_auto_link: bool | None = None
    organization: Name | None = None


class ProvidersConfig(Body):
    """All accounts at providers."""

    providers: Annotated[list[Provider], Field(max_length=MOST_PROVIDERS)] | None = None


class ProvidersBody(Body):
    """``credentials.oidc`` and ``credentials.saml``."""

    config: ProvidersConfig | None = None


class StoredApiKey(Body):
    """An API key as an export has it: its digest, not the key."""

    id: Uuid
    name: Name = ""
    key_hash: Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")] = Field(repr=False)
    created_at: Moment | None = None
    expires_at: Moment | None = None


class ApiKeysConfig(Body):
    """All API keys of an identity."""

    keys: Annotated[list[StoredApiKey], Field(max_length=MOST_KEYS)] | None = None


class ApiKeysBody(Body):
    """``credentials.api_key``; an addition to what Kratos has."""

    config: ApiKeysConfig | None = None


class CredentialsBody(Body):
    """What can be imported."""

    api_key: ApiKeysBody | None = None
    password: PasswordBody | None = None
    oidc: ProvidersBody | None = None
    saml: ProvidersBody | None = None


class VerifiableAddressBody(Body):
    """What is known about an address; it counts when a trait holds the address as well."""

    id: Uuid | None = None
    value: str | None = None
    via: str | None = None
    verified: bool | None = None
    status: str | None = None
    verified_at: Moment | None = None
    created_at: Moment | None = None
    updated_at: Moment | None = None


class RecoveryAddressBody(Body):
    """An address to recover an account with; it counts when a trait holds it as well."""

    id: Uuid | None = None
    value: str | None = None
    via: str | None = None
    created_at: Moment | None = None
    updated_at: Moment | None = None


class UpdateBody(Body):
    """What replaces an identity."""

    schema_id: str | None = None
    traits: Any = Field(default_factory=dict)
    credentials: CredentialsBody | None = None
    metadata_public: Any = None
    metadata_admin: Any = None
    state: str | None = None
    external_id: ExternalId | None = None
    region: str | None = None

    @property
    def shows_admin_metadata(self) -> bool:
        """Whether the answer has the member: null was said, or something is there."""
        return "metadata_admin" in self.model_fields_set


class CreateBody(UpdateBody):
    """What an identity is made from."""

    organization_id: Uuid | None = None
    verifiable_addresses: Annotated[list[VerifiableAddressBody], Field(max_length=MOST_ADDRESSES)] | None = None
    recovery_addresses: Annotated[list[RecoveryAddressBody], Field(max_length=MOST_ADDRESSES)] | None = None


class BatchItem(Body):
    """One identity of a batch, with the name that the answer calls it by."""

    create: CreateBody | None = None
    patch_id: Uuid | None = None


class BatchBody(Body):
    """Many identities to create."""

    identities: list[BatchItem | None] | None = None


B = TypeVar("B", bound=Body)


def read(model: type[B], value: Any, *, lenient: bool = False) -> B:
    """A body out of parsed JSON; null is the empty object.

    Args:
        lenient: leave out unknown members instead of refusing them.

    Raises:
        ApiError: 400 with every member that is wrong; no value is repeated, some are secrets.
    """
    try:
        return model.model_validate({} if value is None else value, extra="ignore" if lenient else "forbid")
    except ValidationError as error:
        raise ApiError(400, reason=_reason(error)) from None


def _reason(error: ValidationError) -> str:
    faults: list[str] = []
    for fault in error.errors(include_url=False, include_context=False, include_input=False)[:10]:
        place = ".".join(str(part) for part in fault["loc"])
        words = (
            "this member is unknown"
            if fault["type"] == "extra_forbidden"
            else fault["msg"].removeprefix("Value error, ")
        )
        faults.append(f"{place}: {words}" if place else words)
    return "; ".join(faults)

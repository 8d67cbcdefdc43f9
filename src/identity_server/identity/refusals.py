"""Why an identity was not taken, as the admin API says it."""

from identity_server.errors import ApiError, Conflict, bad_request
from identity_server.identity.manager import InvalidTraits
from identity_server.messages.validation import explain
from identity_server.schema.errors import UnknownSchema

EXTERNAL_ID = "external_id"


def invalid_traits(error: InvalidTraits) -> ApiError:
    """400 with every rule of the schema that the traits break."""
    return bad_request("\n".join(explain(violation) for violation in error.violations[:50]))


class UnknownSchemaRefused(ApiError):
    """400: the schema is not configured."""


def unknown_schema(error: UnknownSchema) -> UnknownSchemaRefused:
    """400: the schema is not configured."""
    return UnknownSchemaRefused(400, f"There is no identity schema with the id {error.schema_id[:200]!r}.")


def conflict(error: Conflict) -> ApiError:
    """409: another identity has one of the names."""
    what = "external id" if EXTERNAL_ID in error.constraint else "identifier or address"
    return ApiError(409, f"Another identity has this {what}.")


def unknown_state() -> ApiError:
    """400: neither active nor inactive."""
    return bad_request("The state must be 'active' or 'inactive'.")

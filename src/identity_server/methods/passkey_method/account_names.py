"""What a passkey is called in the browser: the trait that the schema marks, else what people sign in with."""

from typing import Any

from identity_server.schema.identity_schema import IdentitySchema


def of_traits(schema: IdentitySchema, traits: Any) -> str:
    """The name; empty when the traits hold none."""
    found = schema.extract(traits)
    identifiers = (name for kind in ("webauthn", "password") for name in found.identifiers.get(kind, ()))
    return found.passkey_display_name or next(identifiers, "") or next((value for _, value in found.code), "")


def field_of(schema: IdentitySchema) -> str:
    """The form's field that holds it; empty when there is none."""
    return schema.passkey_name_field

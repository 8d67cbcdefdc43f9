"""Naming one identity: by its id, or by its e-mail address."""

import uuid

import pydantic

from ..admin_client import Identity, NotFound
from ..values import Value
from .action import ActionContext, ActionError, Results


class NamedIdentity(Value):
    """Parameters that can name an identity, in two ways."""

    identity_id: str = ""
    email: str = ""

    @pydantic.field_validator("identity_id")
    @classmethod
    def _a_uuid(cls, given: str) -> str:
        try:
            return str(uuid.UUID(given)) if given else ""
        except ValueError:
            raise ValueError("identity-id must be a UUID; get-identity email=… shows it") from None


class OneIdentity(NamedIdentity):
    """Parameters that name one identity."""

    @pydantic.model_validator(mode="after")
    def _one_of_two(self) -> "OneIdentity":
        if bool(self.identity_id) == bool(self.email):
            raise ValueError("give either identity-id or email, and only one of them")
        return self


def find(context: ActionContext, chosen: OneIdentity) -> Identity:
    """The identity that the parameters name.

    Raises:
        ActionError: when there is none, or more than one.
    """
    if chosen.identity_id:
        try:
            return context.admin.identity(chosen.identity_id)
        except NotFound:
            raise ActionError(f"There is no identity {chosen.identity_id}") from None
    found = context.admin.identities_of(chosen.email)
    if not found:
        raise ActionError(f"There is no identity with the e-mail address {chosen.email}")
    if len(found) > 1:
        ids = ", ".join(str(one["id"]) for one in found)
        raise ActionError(f"Several identities sign in with {chosen.email}; give one of these as identity-id: {ids}")
    return found[0]


def shown(found: Identity) -> Results:
    """What an operator sees of an identity: all but its credentials."""
    return {key: value for key, value in found.items() if key != "credentials"}

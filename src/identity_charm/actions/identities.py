"""Creating, showing and deleting identities."""

from typing import Any

import pydantic

from .. import identity_schemas
from ..admin_client import AdminError, Conflict, Identity
from ..values import Value
from .action import ActionContext, ActionError, Results
from .passwords import from_secret
from .selection import OneIdentity, find, shown


class Account(Value):
    """Parameters of ``create-admin-account``."""

    username: str = pydantic.Field(min_length=1)
    email: str = pydantic.Field(min_length=1)
    password: pydantic.SecretStr = pydantic.SecretStr("")
    password_secret_id: str = ""
    name: str = ""
    phone_number: str = ""

    @pydantic.model_validator(mode="after")
    def _one_password(self) -> "Account":
        if self.password.get_secret_value() and self.password_secret_id:
            raise ValueError("give either password or password-secret-id, and only one of them")
        return self


def get_identity(context: ActionContext, params: OneIdentity) -> Results:
    """All of the identity but its credentials."""
    found = find(context, params)
    return shown(found)


def delete_identity(context: ActionContext, params: OneIdentity) -> Results:
    """``id`` of what was deleted."""
    found = find(context, params)
    context.admin.delete_identity(found["id"])
    return {"id": found["id"]}


def create_admin_account(context: ActionContext, params: Account) -> Results:
    """``identity-id``, and without a password ``recovery-link``, ``recovery-code`` and ``expires-at``."""
    password = params.password.get_secret_value()
    if params.password_secret_id:
        password = from_secret(context, params.password_secret_id)
    created = _create(context, params, password)
    results = {"identity-id": created["id"]}
    if password:
        return results
    try:
        return results | context.admin.recovery_code(created["id"])
    except AdminError as refused:
        raise ActionError(
            f"The account exists now, but the server made no recovery code: {refused.reason}; run reset-password",
            results,
        ) from None


def _create(context: ActionContext, params: Account, password: str) -> Identity:
    traits = {
        "username": params.username,
        "email": params.email,
        "name": params.name,
        "phone_number": params.phone_number,
    }
    body: dict[str, Any] = {
        "schema_id": identity_schemas.ADMIN,
        "traits": {key: value for key, value in traits.items() if value},
    }
    if password:
        body["credentials"] = {"password": {"config": {"password": password}}}
    try:
        return context.admin.create_identity(body)
    except Conflict:
        raise ActionError(f"An account with the name {params.username} or the address {params.email} exists") from None

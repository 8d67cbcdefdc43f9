"""Creating accounts of administrators."""

from typing import Any

import pydantic

from .. import administrators, identity_schemas
from ..admin_client import AdminError, Conflict, Identity
from ..fga_client import FgaError
from ..values import Value
from .action import ActionContext, ActionError, Results
from .passwords import from_secret


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


def create_admin_account(context: ActionContext, params: Account) -> Results:
    """``identity-id``, and without a password ``recovery-link``, ``recovery-code`` and ``expires-at``.

    With OpenFGA related, ``administrator`` says whether the account was made one of the Admin UI just now.
    """
    password = params.password.get_secret_value()
    if params.password_secret_id:
        password = from_secret(context, params.password_secret_id)
    try:
        created = _create(context, params, password)
    except Conflict:
        return _existing(context, params)
    results: Results = {"identity-id": created["id"]}
    if not password:
        results |= _recovery(context, created)
    return results | _appoint(context, params.email, results)


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
    return context.admin.create_identity(body)


def _recovery(context: ActionContext, created: Identity) -> Results:
    try:
        return dict(context.admin.recovery_code(created["id"]))
    except AdminError as refused:
        raise ActionError(
            f"The account exists now, but the server made no recovery code: {refused.reason}; run reset-password",
            {"identity-id": created["id"]},
        ) from None


def _appoint(context: ActionContext, email: str, reached: Results) -> Results:
    """Make the account an administrator of the Admin UI, where there is an OpenFGA to know."""
    if not context.store.related:
        return {}
    try:
        return {"administrator": administrators.appoint(context.store, context.reconciler.seen.peers, email)}
    except FgaError as refused:
        raise ActionError(
            f"The account exists, but is no administrator of the Admin UI yet: {refused}; it is tried again by itself",
            reached,
        ) from None


def _existing(context: ActionContext, params: Account) -> Results:
    """The action may be run again for an account that was made before there was an OpenFGA."""
    account = _same(context, params) if context.store.ready else None
    results: Results = {"identity-id": account["id"]} if account else {}
    if not account or not (appointed := _appoint(context, params.email, results))["administrator"]:
        raise ActionError(f"An account with the name {params.username} or the address {params.email} exists")
    context.log("The account existed and was left as it is, but is an administrator of the Admin UI now")
    return results | appointed


def _same(context: ActionContext, params: Account) -> Identity | None:
    """The account that these parameters would have made."""
    for found in context.admin.identities_of(params.email):
        names = {"username": params.username, "email": params.email}
        if found["schema_id"] == identity_schemas.ADMIN and names.items() <= found["traits"].items():
            return found
    return None

"""Creating accounts of administrators."""

from collections.abc import Callable, Sequence
from typing import Any

import pydantic

from .. import administrators, identity_schemas
from ..admin_client import AdminError, Conflict, Identity
from ..fga_client import FgaError
from ..values import Value
from .action import ActionContext, ActionError, Results
from .passwords import from_secret

#: What tells an account that this action made from one that somebody made who may sign up. Only operators write there.
MARK = {"created_by": "create-admin-account"}

Step = Callable[[ActionContext, Identity], Results]


class Account(Value):
    """Parameters of ``create-admin-account``."""

    username: str = pydantic.Field(min_length=1)
    email: str = pydantic.Field(min_length=1)
    password: pydantic.SecretStr = pydantic.SecretStr("")
    password_secret_id: str = ""
    name: str = ""
    phone_number: str = ""
    adopt: bool = False

    @pydantic.model_validator(mode="after")
    def _one_password(self) -> "Account":
        if self.password.get_secret_value() and self.password_secret_id:
            raise ValueError("give either password or password-secret-id, and only one of them")
        return self


def create_admin_account(context: ActionContext, params: Account) -> Results:
    """``identity-id``, and without a password ``recovery-link``, ``recovery-code`` and ``expires-at``.

    ``existed`` says that this action had made the account before; its password is left as it is then. With OpenFGA
    related, ``administrator`` says whether the account was made one of the Admin UI just now.
    """
    password = params.password.get_secret_value()
    if params.password_secret_id:
        password = from_secret(context, params.password_secret_id)
    try:
        account = _create(context, params, password)
    except Conflict:
        account = _existing(context, params)
        steps = [_appoint]
        results: Results = {"identity-id": account["id"], "existed": True}
    else:
        steps = [_appoint] if password else [_appoint, _recovery]
        results = {"identity-id": account["id"]}
    return _all(context, account, steps, results)


def _all(context: ActionContext, account: Identity, steps: Sequence[Step], results: Results) -> Results:
    """Every step is taken, whatever became of the one before."""
    refusals: list[str] = []
    for step in steps:
        try:
            results |= step(context, account)
        except ActionError as refused:
            refusals.append(str(refused))
    if refusals:
        raise ActionError(". ".join(refusals), results)
    return results


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
        "metadata_admin": MARK,
    }
    if password:
        body["credentials"] = {"password": {"config": {"password": password}}}
    return context.admin.create_identity(body)


def _recovery(context: ActionContext, account: Identity) -> Results:
    try:
        return dict(context.admin.recovery_code(account["id"]))
    except AdminError as refused:
        raise ActionError(
            f"The account exists now, but the server made no recovery code: {refused.reason}; run reset-password"
        ) from None


def _appoint(context: ActionContext, account: Identity) -> Results:
    """Make the account an administrator of the Admin UI, where there is an OpenFGA to know."""
    if not context.store.related:
        return {}
    try:
        return {"administrator": administrators.appoint(context.store, context.roll, account)}
    except FgaError as refused:
        raise ActionError(
            f"The account exists, but is no administrator of the Admin UI yet: {refused}; it is tried again by itself"
        ) from None


def _existing(context: ActionContext, params: Account) -> Identity:
    """The account that this action made before, or that the operator wants to be taken for it."""
    account = _same(context, params)
    if account is None:
        raise ActionError(
            f"An account with the name {params.username} or the address {params.email} exists, and is not an"
            " administrator's of this name and address: choose others, or delete it with delete-identity"
        )
    if not _made_here(account):
        # People may sign up with this schema too, where it is the default; whoever was first must not be appointed.
        if not params.adopt:
            raise ActionError(
                f"An account with the name {params.username} and the address {params.email} exists, but this action"
                " did not make it: look at it with get-identity, and add adopt=true if its owner may administer"
            )
        _mark(context, account)
    context.log("The account existed and was left as it is, its password too; reset-password gives it a new one")
    return account


def _same(context: ActionContext, params: Account) -> Identity | None:
    """The account that these parameters would have made."""
    for found in context.admin.identities_of(params.email):
        names = {"username": params.username, "email": params.email}
        if found["schema_id"] == identity_schemas.ADMIN and names.items() <= found["traits"].items():
            return found
    return None


def _made_here(account: Identity) -> bool:
    metadata = account.get("metadata_admin")
    return isinstance(metadata, dict) and MARK.items() <= metadata.items()


def _mark(context: ActionContext, account: Identity) -> None:
    metadata = account.get("metadata_admin")
    marked = {**metadata, **MARK} if isinstance(metadata, dict) else MARK
    context.admin.patch_identity(account["id"], [{"op": "add", "path": "/metadata_admin", "value": marked}])

"""Second factors, and accounts at external identity providers."""

from typing import Literal

import pydantic

from ..admin_client import NotFound
from .action import ActionContext, Results
from .selection import OneIdentity, find


class SecondFactor(OneIdentity):
    """Parameters of ``reset-identity-mfa``."""

    mfa_type: Literal["totp", "lookup_secret", "webauthn"]


class LinkedAccount(OneIdentity):
    """Parameters of ``unlink-oidc-account``."""

    credential_id: str = pydantic.Field(min_length=1)


def reset_identity_mfa(context: ActionContext, params: SecondFactor) -> Results:
    """``identity-id``, and whether there was anything to remove."""
    found = find(context, params)
    return _remove(context, found["id"], params.mfa_type)


def list_oidc_accounts(context: ActionContext, params: OneIdentity) -> Results:
    """``identifiers``, one a line."""
    found = context.admin.identity(find(context, params)["id"], include=["oidc"])
    identifiers = found.get("credentials", {}).get("oidc", {}).get("identifiers") or []
    if not identifiers:
        context.log(f"The identity {found['id']} has no linked accounts")
    return {"identity-id": found["id"], "identifiers": "\n".join(identifiers)}


def unlink_oidc_account(context: ActionContext, params: LinkedAccount) -> Results:
    """``identity-id``, and whether there was anything to remove."""
    found = find(context, params)
    return _remove(context, found["id"], "oidc", params.credential_id)


def _remove(context: ActionContext, identity_id: str, kind: str, identifier: str = "") -> Results:
    try:
        context.admin.delete_credential(identity_id, kind, identifier)
    except NotFound:
        context.log(f"The identity {identity_id} has no such credential: {identifier or kind}")
        return {"identity-id": identity_id, "removed": False}
    return {"identity-id": identity_id, "removed": True}

"""Showing and deleting identities."""

from .. import administrators, identity_schemas
from ..admin_client import AdminError, Identity, NotFound
from ..fga_client import FgaError
from .action import ActionContext, ActionError, Results
from .selection import OneIdentity, find, shown


def get_identity(context: ActionContext, params: OneIdentity) -> Results:
    """All of the identity but its credentials."""
    return shown(find(context, params))


def delete_identity(context: ActionContext, params: OneIdentity) -> Results:
    """``id`` of what was deleted."""
    found = find(context, params)
    dismissed = _dismiss(context, found)
    try:
        context.admin.delete_identity(found["id"])
    except NotFound:
        raise
    except AdminError:
        if dismissed:
            context.log("The account keeps its rights in the Admin UI, as long as it exists")
            administrators.reinstate(context.store, context.roll, context.admin, found)
        raise
    return {"id": found["id"]}


def _dismiss(context: ActionContext, found: Identity) -> bool:
    """Before the account goes: a later one with its address would inherit its rights."""
    if not administrators.email_of(found):
        return False
    try:
        return administrators.dismiss(context.store, context.roll, found)
    except FgaError as refused:
        if found["schema_id"] == identity_schemas.ADMIN or found["id"] in context.roll.everybody:
            raise ActionError(
                f"Nothing was deleted: the account may be an administrator of the Admin UI, but {refused}"
            ) from None
        context.log(f"Whether the account had rights in the Admin UI is not known: {refused}")
        return False

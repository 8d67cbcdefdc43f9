"""Showing and deleting identities."""

from .. import administrators
from ..admin_client import Identity
from ..fga_client import FgaError
from .action import ActionContext, ActionError, Results
from .selection import OneIdentity, find, shown


def get_identity(context: ActionContext, params: OneIdentity) -> Results:
    """All of the identity but its credentials."""
    return shown(find(context, params))


def delete_identity(context: ActionContext, params: OneIdentity) -> Results:
    """``id`` of what was deleted."""
    found = find(context, params)
    _dismiss(context, found)
    context.admin.delete_identity(found["id"])
    return {"id": found["id"]}


def _dismiss(context: ActionContext, found: Identity) -> None:
    """Before the account goes: a later one with its address would inherit its rights."""
    email = found["traits"].get("email")
    if not email:
        return
    try:
        administrators.dismiss(context.store, context.reconciler.seen.peers, str(email))
    except FgaError as refused:
        raise ActionError(
            f"Nothing was deleted: the account may be an administrator of the Admin UI, but {refused}"
        ) from None

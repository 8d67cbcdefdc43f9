"""Ending sessions."""

from .action import ActionContext, Results
from .selection import OneIdentity, find


def invalidate_identity_sessions(context: ActionContext, params: OneIdentity) -> Results:
    """``identity-id``, and whether any session was ``invalidated``."""
    found = find(context, params)
    ended = context.admin.delete_sessions(found["id"])
    context.log(f"The identity {found['id']} {'is signed out everywhere' if ended else 'has no sessions'}")
    return {"identity-id": found["id"], "invalidated": ended}

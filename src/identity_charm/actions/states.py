"""Letting an identity in, or keeping it out."""

from typing import Literal

from .action import ActionContext, Results
from .selection import OneIdentity, find


class NewState(OneIdentity):
    """Parameters of ``set-identity-state``."""

    state: Literal["active", "inactive"]


def set_identity_state(context: ActionContext, params: NewState) -> Results:
    """``identity-id`` and ``state``. Who becomes inactive is signed out everywhere."""
    found = find(context, params)
    changed = context.admin.patch_identity(found["id"], [{"op": "replace", "path": "/state", "value": params.state}])
    if params.state == "inactive":
        context.admin.delete_sessions(found["id"])
    return {"identity-id": found["id"], "state": changed["state"]}

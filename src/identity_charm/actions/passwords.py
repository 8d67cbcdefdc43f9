"""Setting a password, or letting the person choose a new one."""

import ops

from ..admin_client import Identity
from .action import ActionContext, ActionError, Results
from .selection import OneIdentity, find, shown

#: What a replacement clears when it is left out.
KEPT = ("schema_id", "state", "traits", "metadata_public", "metadata_admin", "external_id")


class NewPassword(OneIdentity):
    """Parameters of ``reset-password``."""

    password_secret_id: str = ""


def reset_password(context: ActionContext, params: NewPassword) -> Results:
    """The identity, or without a secret ``recovery-link``, ``recovery-code`` and ``expires-at``."""
    found = find(context, params)
    if not params.password_secret_id:
        return dict(context.admin.recovery_code(found["id"]))
    changed = _replace(context, found, from_secret(context, params.password_secret_id))
    # Who knew the old password may still hold a session.
    context.admin.delete_sessions(found["id"])
    return shown(changed)


def from_secret(context: ActionContext, secret_id: str) -> str:
    """The password that a Juju secret holds.

    Raises:
        ActionError: when it cannot be read or holds none.
    """
    try:
        content = context.charm.model.get_secret(id=secret_id).get_content(refresh=True)
    except (ops.SecretNotFoundError, ops.ModelError):
        raise ActionError(
            f"The secret {secret_id} cannot be read; grant it with: juju grant-secret NAME {context.charm.app.name}"
        ) from None
    if not content.get("password"):
        raise ActionError(f'The secret {secret_id} has no key "password"')
    return content["password"]


def _replace(context: ActionContext, found: Identity, password: str) -> Identity:
    body = {key: found[key] for key in KEPT if found.get(key) is not None}
    body["credentials"] = {"password": {"config": {"password": password}}}
    return context.admin.replace_identity(found["id"], body)

"""Keys: those the server signs with, and those that open the admin API."""

from collections.abc import Sequence
from typing import Literal

import pydantic

from .. import admin_keys, owned_secret, server_secrets
from ..situation import Situation
from ..values import Value
from .action import ActionContext, ActionError, Results

ONLY_THE_LEADER = "Only the leader may change keys; juju status marks it with a star"


class Rotation(Value):
    """Parameters of ``rotate-secrets``."""

    kind: Literal["all", "cookie", "cipher", "default", "pagination", "admin"] = "all"
    drop_old: bool = False


class NamedAdminKey(Value):
    """Parameters that name a key."""

    name: str

    @pydantic.field_validator("name")
    @classmethod
    def _usable(cls, name: str) -> str:
        if not admin_keys.usable_name(name):
            raise ValueError(
                f"a name has 3 to 63 of a-z, 0-9 and hyphens, starts with a letter, and is not {admin_keys.OWN}"
            )
        return name


class NewAdminKey(NamedAdminKey):
    """Parameters of ``create-admin-api-key``."""

    scope: Literal["all", "read", "write"] = "all"


class OldAdminKey(NamedAdminKey):
    """Parameters of ``remove-admin-api-key``."""

    open: bool = False


def rotate_secrets(context: ActionContext, params: Rotation) -> Results:
    """``rotated``: the kinds that got a new key, or ``dropped``: those that lost their old ones."""
    keys = context.reconciler.seen.keys
    if not context.reconciler.seen.leader:
        raise ActionError(ONLY_THE_LEADER)
    if keys is None:
        raise ActionError("There are no secrets yet; run the action again once the unit is active")
    kinds = server_secrets.KINDS if params.kind == "all" else (params.kind,)
    if params.drop_old:
        return _drop(context, keys, kinds)
    changed = keys.introduced(kinds)
    _save(context, changed)
    context.log("Each unit learns the new keys first; they come into use once all units have them")
    return {"rotated": ", ".join(kinds)}


def create_admin_api_key(context: ActionContext, params: NewAdminKey) -> Results:
    """``secret-id`` of a secret with the key under ``key``: the log of actions is for all to read."""
    if not context.reconciler.seen.leader:
        raise ActionError(ONLY_THE_LEADER)
    key = server_secrets.new_key() + server_secrets.new_key()
    scopes = admin_keys.SCOPES if params.scope == "all" else (params.scope,)
    model = context.charm.model
    if context.reconciler.seen.keyless:
        context.log("From now on the applications integrated over kratos-info need a key too, and they know of none")
    admin_keys.add(model, admin_keys.AdminKey(params.name, admin_keys.hashed(key), scopes))
    label = admin_keys.label_of(params.name)
    secret_id = owned_secret.write(model, label, {"key": key}, f"key for the admin API: {params.name}")
    context.reconciler.look_again()
    context.reconciler.run()
    return {"name": params.name, "secret-id": secret_id}


def remove_admin_api_key(context: ActionContext, params: OldAdminKey) -> Results:
    """``name`` of the key that opens nothing any more."""
    seen = context.reconciler.seen
    if not seen.leader:
        raise ActionError(ONLY_THE_LEADER)
    if _is_last(seen, params.name) and not params.open:
        raise ActionError(
            "Without this key the admin API would ask nobody for one, as kratos-info is integrated: set"
            " keyless_admin_api=never first, or add open=true"
        )
    if not admin_keys.remove(context.charm.model, params.name):
        raise ActionError(
            f"create-admin-api-key made no key {params.name}; those of the option admin_api_keys go with its secret"
        )
    context.reconciler.look_again()
    context.reconciler.run()
    return {"name": params.name}


def _is_last(seen: Situation, name: str) -> bool:
    """Whether callers would need no key without this one."""
    known = [key.name for key in seen.sources.admin_keys.keys] if seen.sources else []
    return seen.tolerates_keyless and known == [name]


def _drop(context: ActionContext, keys: server_secrets.ServerSecrets, kinds: Sequence[str]) -> Results:
    if keys.incoming:
        raise ActionError("New keys are on their way to all units; drop the old ones once they are in use")
    wanted = [kind for kind in kinds if kind in server_secrets.SHORT_LIVED]
    if not wanted:
        raise ActionError("Old cipher keys stay: what they encrypted lies in the database")
    _save(context, keys.retired(wanted))
    return {"dropped": ", ".join(wanted)}


def _save(context: ActionContext, changed: server_secrets.ServerSecrets) -> None:
    server_secrets.save(context.charm.model, changed)
    context.reconciler.seen.peers.announce_keys(changed.revision)
    context.reconciler.look_again()
    context.reconciler.run()

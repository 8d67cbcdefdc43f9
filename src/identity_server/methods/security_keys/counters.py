"""What a key's own counter tells: one that does not grow means that there is a copy (WebAuthn §6.1.1)."""

from typing import Any

import structlog

from identity_server.identity.model import Identity
from identity_server.methods.security_keys.ceremony import Use
from identity_server.methods.security_keys.stored_keys import StoredKey, config_changed, keys_of
from identity_server.services import Services

log = structlog.get_logger("security_keys")

#: So often at most other requests may change the same keys at the same time.
_TRIES = 10


async def counts(services: Services, identity: Identity, kind: str, key_id: bytes, use: Use) -> bool:
    """Notes a use of a key; False when the counter says that there is a copy of it, which is noted as well."""
    for _ in range(_TRIES):
        held = identity.credential(kind)
        key = next((each for each in keys_of(identity, kind) if each.id == key_id), None)
        if held is None or key is None:
            return False
        is_copy = _is_copy(key, use)
        entry = _noted(key, use, is_copy=is_copy)
        if is_copy:
            log.warning("a security key may have been copied", identity=identity.id, key=key.hex_id)
        config, now = config_changed(held.config, key_id, entry), services.now()
        if config == held.config:
            return not is_copy
        if await services.once.replace_config(identity.id, kind, held.config, config, now):
            held.config, held.updated_at = config, now
            return not is_copy
        identity = await services.identities.by_id(identity.id) or identity
    return False


def _is_copy(key: StoredKey, use: Use) -> bool:
    return bool(use.sign_count or key.sign_count) and use.sign_count <= key.sign_count


def _noted(key: StoredKey, use: Use, *, is_copy: bool) -> dict[str, Any]:
    authenticator: dict[str, Any] = dict(key.entry.get("authenticator") or {})
    if is_copy:
        return {**key.entry, "authenticator": {**authenticator, "clone_warning": True}}
    flags = {
        **(key.entry.get("flags") or {}),
        "user_present": True,
        "user_verified": use.user_verified,
        "backup_eligible": use.backup_eligible,
        "backup_state": use.backed_up,
    }
    return {**key.entry, "authenticator": {**authenticator, "sign_count": use.sign_count}, "flags": flags}

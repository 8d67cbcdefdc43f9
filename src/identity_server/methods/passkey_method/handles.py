"""User handles of passkeys: random, so that they tell nothing about their owner (WebAuthn §14.6.1)."""

from typing import Any

from identity_server import randomness
from identity_server.identity.model import Credential
from identity_server.times import Timestamp

METHOD = "passkey"
#: Most that WebAuthn allows.
_LENGTH = 64


def new() -> bytes:
    """A handle for keys that are about to be made."""
    return randomness.token(_LENGTH).encode()


def readable(handle: bytes) -> str:
    """The handle as an identifier; nothing for one that cannot be ours, whatever bytes a key may send."""
    try:
        text = handle[: _LENGTH + 1].decode()
    except UnicodeDecodeError:
        return ""
    # PostgreSQL refuses to be asked for zeros.
    return text if len(handle) <= _LENGTH and text.isprintable() else ""


def credential_with(known: Credential | None, config: dict[str, Any], handle: bytes, now: Timestamp) -> Credential:
    """The credential with a further key, found by the key's handle as well as by those of the keys before."""
    identifiers = list(known.identifiers) if known else []
    if handle.decode() not in identifiers:
        identifiers.append(handle.decode())
    return Credential(METHOD, identifiers, config, 1, known.created_at if known else now, now)

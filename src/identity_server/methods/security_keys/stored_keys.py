"""Keys as they are stored: Kratos' shape, so that its exports and tools know them."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from identity_server.identity.model import Credential, Identity
from identity_server.times import Timestamp


@dataclass(frozen=True)
class NewKey:
    """What a key said about itself when it was made.

    Attributes:
        public_key: in COSE's form.
        model: the AAGUID of its make; zeros when it does not tell.
        attestation: the form of its proof of make, ``none`` for no proof.
    """

    id: bytes
    public_key: bytes = field(repr=False)
    sign_count: int
    model: bytes
    attestation: str
    user_verified: bool
    backup_eligible: bool
    backed_up: bool
    transports: tuple[str, ...] = ()

    def entry(self, name: str, now: Timestamp, *, passwordless: bool) -> dict[str, Any]:
        """What is stored of it."""
        entry: dict[str, Any] = {
            "id": _text(self.id),
            "public_key": _text(self.public_key),
            "attestation_type": self.attestation,
            "authenticator": {"aaguid": _text(self.model), "sign_count": self.sign_count, "clone_warning": False},
            "display_name": name,
            "added_at": now,
            "is_passwordless": passwordless,
            "flags": {
                "user_present": True,
                "user_verified": self.user_verified,
                "backup_eligible": self.backup_eligible,
                "backup_state": self.backed_up,
            },
        }
        if self.transports:
            entry["transport"] = list(self.transports)
        return entry


@dataclass(frozen=True)
class StoredKey:
    """A stored key.

    Attributes:
        entry: as it is stored.
    """

    id: bytes
    public_key: bytes = field(repr=False)
    entry: dict[str, Any] = field(repr=False)

    @property
    def hex_id(self) -> str:
        """Its id as buttons that remove it have it."""
        return self.id.hex()

    @property
    def name(self) -> str:
        """What its owner calls it."""
        return str(self.entry.get("display_name") or "unnamed")

    @property
    def added_at(self) -> Timestamp:
        """When it was added."""
        return str(self.entry.get("added_at") or "1970-01-01T00:00:00Z")

    @property
    def is_passwordless(self) -> bool:
        """Whether it signs in by itself, rather than as a second factor."""
        return bool(self.entry.get("is_passwordless"))

    @property
    def transports(self) -> Sequence[str]:
        """How browsers reach it."""
        return tuple(self.entry.get("transport") or ())

    @property
    def sign_count(self) -> int:
        """How often it says it was used."""
        return int((self.entry.get("authenticator") or {}).get("sign_count") or 0)


def keys_of(identity: Identity | None, kind: str) -> list[StoredKey]:
    """An identity's keys of a credential type; entries that cannot be read are no keys."""
    credential = identity.credential(kind) if identity else None
    return [key for entry in _entries(credential) if (key := _key(entry)) is not None]


def user_handle(identity: Identity, kind: str) -> bytes:
    """The handle that the newest key of a type was made for; empty without any."""
    credential = identity.credential(kind)
    return _octets(str(credential.config.get("user_handle") or "")) if credential else b""


def config_with(credential: Credential | None, entry: dict[str, Any], handle: bytes) -> dict[str, Any]:
    """A credential's configuration with a further key."""
    return {"credentials": [*_entries(credential), entry], "user_handle": _text(handle)}


def config_without(credential: Credential, hex_id: str) -> dict[str, Any]:
    """A credential's configuration without a key."""
    kept = [entry for entry in _entries(credential) if _octets(str(entry.get("id") or "")).hex() != hex_id]
    return {**credential.config, "credentials": kept}


def config_changed(config: dict[str, Any], key_id: bytes, entry: dict[str, Any]) -> dict[str, Any]:
    """A configuration in which one key's entry is another."""
    entries = [entry if _octets(str(old.get("id") or "")) == key_id else old for old in config.get("credentials") or []]
    return {**config, "credentials": entries}


def _entries(credential: Credential | None) -> list[dict[str, Any]]:
    return list(credential.config.get("credentials") or []) if credential else []


def _key(entry: dict[str, Any]) -> StoredKey | None:
    key_id, public_key = _octets(str(entry.get("id") or "")), _octets(str(entry.get("public_key") or ""))
    return StoredKey(key_id, public_key, entry) if key_id and public_key else None


def _text(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def _octets(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""

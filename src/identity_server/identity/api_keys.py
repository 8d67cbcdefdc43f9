"""API keys of machine identities: what they are and how they are recognised. An addition to what Kratos has.

A key names itself by its id, so that one indexed statement finds it, and proves itself by a secret of 256 bits, of
which SHA-256 is kept: nobody guesses the secret from that, and comparing digests tells nothing about it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from identity_server import randomness
from identity_server.access.keys import digest
from identity_server.ciphers.comparison import compare
from identity_server.times import Timestamp

TYPE: Final = "api_key"
#: Tells keys from session tokens, and programs that look for leaked secrets what they found.
PREFIX: Final = "kratos_ik_"
#: Each session check by a key reads all keys of its identity.
MOST_KEYS: Final = 50
_FORM = re.compile(rf"{PREFIX}([0-9a-f]{{32}})_([A-Za-z0-9]{{43}})")


class TooManyKeys(Exception):
    """The identity has as many keys as it may."""


@dataclass(frozen=True)
class ApiKey:
    """A key as stored.

    Attributes:
        id: public; a part of the key itself.
        key_hash: SHA-256 of the whole key, in hexadecimal.
        expires_at: from when on it is refused; None for never.
        last_used_at: to the minute.
    """

    id: str
    name: str
    key_hash: str = field(repr=False)
    created_at: Timestamp
    expires_at: Timestamp | None = None
    last_used_at: Timestamp | None = None

    def opens_for(self, key: str, now: Timestamp) -> bool:
        """Whether this is the key, and its time is not over."""
        return compare(self.key_hash, digest(key)) and (self.expires_at is None or self.expires_at > now)

    def shown(self) -> dict[str, Any]:
        """What an operator sees of it."""
        return {
            "id": self.id,
            "name": self.name,
            "created_at": self.created_at,
            "expires_at": self.expires_at,
            "last_used_at": self.last_used_at,
        }

    def stored(self) -> dict[str, Any]:
        """Its entry in the credential's configuration."""
        return {
            "id": self.id,
            "name": self.name,
            "key_hash": self.key_hash,
            "created_at": self.created_at,
            "expires_at": self.expires_at,
        }


def made(name: str, now: Timestamp, expires_at: Timestamp | None = None) -> tuple[str, ApiKey]:
    """A new key, which is not kept, and what is kept of it."""
    key_id = randomness.new_id()
    key = f"{PREFIX}{UUID(key_id).hex}_{randomness.token(43)}"
    return key, ApiKey(key_id, name, digest(key), now, expires_at)


def id_in(key: str) -> str | None:
    """The id that a key names itself by; None for what is no key."""
    match = _FORM.fullmatch(key)
    return str(UUID(match[1])) if match else None


def of_config(config: Mapping[str, Any], uses: Mapping[str, Timestamp] | None = None) -> list[ApiKey]:
    """The keys in a credential's configuration.

    Args:
        uses: when keys were last used, by their ids.
    """
    return [
        ApiKey(
            entry["id"],
            entry["name"],
            entry["key_hash"],
            entry["created_at"],
            entry.get("expires_at"),
            (uses or {}).get(entry["id"]),
        )
        for entry in config.get("keys") or ()
    ]


def config_of(keys: Sequence[ApiKey]) -> dict[str, Any]:
    """The credential's configuration."""
    return {"keys": [key.stored() for key in keys]}

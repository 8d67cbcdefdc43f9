"""Admin keys: what they are, what they allow, how they are recognised. An addition to what Kratos has.

A key is random and long, so its SHA-256 is enough to keep: nobody guesses the key from it, and comparing digests tells
nothing about the key.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from identity_server import randomness, times
from identity_server.ciphers.comparison import compare
from identity_server.errors import ApiError
from identity_server.times import Timestamp

PREFIX = "kratos_ak_"
READ, WRITE = "read", "write"
EVERYTHING = (READ, WRITE)
READING_METHODS = ("GET", "HEAD", "OPTIONS")
#: What monitoring and Pebble's checks ask, without a key.
OPEN = ("/admin/health/", "/admin/version", "/admin/metrics/")


@dataclass(frozen=True)
class AdminKey:
    """A key.

    Attributes:
        key_hash: SHA-256 of the key, in hexadecimal.
        scopes: ``read``, ``write``, or one kind of resource such as ``identities:read``.
        expires_at: when it stops working; None for never.
        created_at: empty for keys of the configuration.
    """

    name: str
    key_hash: str = field(repr=False)
    scopes: Sequence[str] = EVERYTHING
    expires_at: Timestamp | None = None
    created_at: Timestamp = ""

    def is_expired(self, now: Timestamp) -> bool:
        """Whether its time is over."""
        return self.expires_at is not None and self.expires_at <= now

    def allows(self, resource: str, action: str) -> bool:
        """Whether it may read or write a kind of resource."""
        return action in self.scopes or f"{resource}:{action}" in self.scopes


def digest(key: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def new_key() -> str:
    """A key: 238 bits that nobody guesses."""
    return PREFIX + randomness.token(40)


def configured(entries: Iterable[Mapping[str, Any]]) -> list[AdminKey]:
    """The keys of ``serve.admin.auth.keys``."""
    return [
        AdminKey(
            name=str(entry["name"]),
            key_hash=digest(str(entry["key"])) if entry.get("key") else str(entry["key_hash"]).removeprefix("sha256:"),
            scopes=tuple(entry.get("scopes") or EVERYTHING),
            expires_at=times.text(times.parse(str(entry["expires_at"]))) if entry.get("expires_at") else None,
        )
        for entry in entries
    ]


def is_open(path: str) -> bool:
    """Whether an admin path needs no key."""
    return path.startswith(OPEN)


def resource_of(path: str) -> str:
    """The kind of resource that an admin path is about."""
    parts = path.split("/")
    return parts[2] if len(parts) > 2 else ""


def check(known: Sequence[AdminKey], authorization: str, method: str, path: str, now: Timestamp) -> AdminKey | None:
    """The key that a request carries; None when no key is known, so that everybody may.

    Raises:
        ApiError: 401 without a valid key, 403 with one that does not allow this.
    """
    if not known or is_open(path):
        return None
    scheme, _, sent = authorization.partition(" ")
    wanted = digest(sent.strip()) if scheme.lower() == "bearer" else ""
    found = [key for key in known if compare(key.key_hash, wanted)]
    if not found or found[0].is_expired(now):
        raise ApiError(
            401,
            "The admin API needs a valid key: send the header 'Authorization: Bearer KEY'.",
            headers={"www-authenticate": 'Bearer realm="admin"'},
        )
    action = READ if method in READING_METHODS else WRITE
    resource = resource_of(path)
    if not found[0].allows(resource, action):
        raise ApiError(403, f"The key {found[0].name!r} does not allow to {action} {resource}.")
    return found[0]

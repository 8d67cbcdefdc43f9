"""The keys the server signs and encrypts with. The leader makes them once; all units read them from one Juju secret.

A new key becomes known to every unit before any unit uses it: the leader appends it, waits until all units say that
they run with it, and only then puts it first. So no unit ever meets a signature it cannot check.
"""

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import ops

from . import owned_secret

LABEL = "server-secrets"
#: Where Canonical's charm keeps its one cookie key. Taking it over keeps people signed in when charms are switched.
FORMER_LABEL, FORMER_KEY = "cookie_secret", "cookiesecret"

#: What the server signs and encrypts with.
OF_THE_SERVER = ("cookie", "cipher", "default", "pagination")
KINDS = (*OF_THE_SERVER, "admin")
#: Those whose old values may go: what they signed is renewed or ends. What a cipher wrote stays in the database.
SHORT_LIVED = ("cookie", "default", "pagination", "admin")

NewKey = Callable[[], str]


def new_key() -> str:
    """A random key of 32 characters, which is what ciphers want."""
    return secrets.token_hex(16)


@dataclass(frozen=True)
class ServerSecrets:
    """Lists of keys: the first signs or encrypts, all verify or decrypt.

    Attributes:
        admin: the charm's own keys for the admin API; it shows the first.
        incoming: kinds whose last key waits until all units know it.
        revision: grows with every change.
    """

    cookie: Sequence[str] = field(repr=False)
    cipher: Sequence[str] = field(repr=False)
    default: Sequence[str] = field(repr=False)
    pagination: Sequence[str] = field(repr=False)
    admin: Sequence[str] = field(repr=False)
    incoming: Sequence[str] = ()
    revision: int = 1

    @classmethod
    def load(cls, model: ops.Model) -> "ServerSecrets | None":
        """What the leader made, or nothing yet."""
        content = owned_secret.read(model, LABEL)
        if not content:
            return None
        found: dict[str, Any] = {key: json.loads(text) for key, text in content.items()}
        # There was one admin key before it could be rotated.
        if isinstance(found["admin"], str):
            found["admin"] = [found["admin"]]
        return cls(**found)

    @classmethod
    def fresh(cls, cookie: str = "", make: NewKey = new_key) -> "ServerSecrets":
        """New keys, but for a cookie key that is in use already."""
        return cls([cookie or make()], [make()], [make()], [make()], admin=[make()])

    def of(self, kind: str) -> list[str]:
        """The keys of a kind."""
        return list(getattr(self, kind))

    def settings(self) -> dict[str, Any]:
        """``secrets`` and the cipher that uses them."""
        return {
            "secrets": {kind: self.of(kind) for kind in OF_THE_SERVER},
            "ciphers": {"algorithm": "xchacha20-poly1305"},
        }

    def introduced(self, kinds: Sequence[str], make: NewKey = new_key) -> "ServerSecrets":
        """With a new key for each of ``kinds`` that has none coming; it verifies, but does not sign yet."""
        fresh = [kind for kind in kinds if kind not in self.incoming]
        lists = {kind: [*self.of(kind), make()] for kind in fresh}
        return replace(self, **lists, incoming=(*self.incoming, *fresh), revision=self.revision + 1)

    def promoted(self) -> "ServerSecrets":
        """With the keys that were coming in use."""
        lists = {kind: [self.of(kind)[-1], *self.of(kind)[:-1]] for kind in self.incoming}
        return replace(self, **lists, incoming=(), revision=self.revision + 1)

    def retired(self, kinds: Sequence[str]) -> "ServerSecrets":
        """Without the old keys of ``kinds``: what they signed is void."""
        lists = {kind: self.of(kind)[:1] for kind in kinds}
        return replace(self, **lists, revision=self.revision + 1)

    def content(self) -> dict[str, str]:
        """As Juju keeps it."""
        names = (*KINDS, "incoming", "revision")
        return {name: json.dumps(getattr(self, name)) for name in names}


def ensure(model: ops.Model) -> bool:
    """Make the secret when it is missing; only the leader may. True when it was."""
    if owned_secret.read(model, LABEL):
        return False
    former = owned_secret.read(model, FORMER_LABEL).get(FORMER_KEY, "")
    save(model, ServerSecrets.fresh(former if len(former) >= 16 else ""))
    return True


def save(model: ops.Model, changed: ServerSecrets) -> None:
    """Hand the keys to all units. Only the leader may."""
    owned_secret.write(model, LABEL, changed.content(), "keys of the identity server")

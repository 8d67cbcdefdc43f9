"""Keys for the admin API: the operator's, those that an action made, and the charm's own.

Callers need one. Only while no operator has made a key, and applications are related that have none to show, is the
admin API open to all who reach it, as Kratos' is; the option ``keyless_admin_api`` says whether that may be at all.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import ops

from . import owned_secret

#: Names of keys that the action made, each with the SHA-256 and the scopes of the key; the key itself is not kept.
LABEL = "admin-api-keys"
OWN = "charm"
SCOPES = ("read", "write")
LEAST_CHARACTERS = 32


class AdminKeyError(ValueError):
    """The operator's keys cannot be used; the text says why."""


@dataclass(frozen=True)
class AdminKey:
    """A key that the server accepts."""

    name: str
    key_hash: str = field(repr=False)
    scopes: Sequence[str] = SCOPES

    def settings(self) -> dict[str, Any]:
        """An element of ``serve.admin.auth.keys``."""
        return {"name": self.name, "key_hash": self.key_hash, "scopes": list(self.scopes)}


@dataclass(frozen=True)
class AdminKeys:
    """All keys but the charm's own."""

    keys: Sequence[AdminKey] = ()

    @classmethod
    def load(cls, model: ops.Model, option: ops.Secret | None) -> "AdminKeys":
        """Read the operator's secret and ours.

        Raises:
            AdminKeyError: when the operator's secret cannot be read or a key in it is too short.
        """
        given = _given(model, option) if option else ()
        names = {key.name for key in given}
        return cls((*given, *(key for key in _made(model) if key.name not in names)))

    def settings(self, own: Sequence[str], *, keyless: bool) -> dict[str, Any]:
        """``serve.admin.auth``.

        Args:
            own: the charm's keys, with which its actions work in any case.
            keyless: whether applications that know of no keys may call while there are no others.
        """
        if keyless and not self.keys:
            return {}
        keys = [*(AdminKey(OWN, hashed(key)) for key in own), *self.keys]
        return {"serve": {"admin": {"auth": {"keys": [key.settings() for key in keys]}}}}


def add(model: ops.Model, key: AdminKey) -> None:
    """Remember a key that the action made. Only the leader may."""
    kept = {name: value for name, value in owned_secret.read(model, LABEL).items() if name != key.name}
    text = json.dumps({"hash": key.key_hash, "scopes": list(key.scopes)})
    owned_secret.write(model, LABEL, {**kept, key.name: text}, "names and hashes of keys for the admin API")


def remove(model: ops.Model, name: str) -> bool:
    """Forget a key that the action made, and its secret. Only the leader may. False when there is none."""
    kept = owned_secret.read(model, LABEL)
    if kept.pop(name, None) is None:
        return False
    if kept:
        owned_secret.write(model, LABEL, kept)
    else:
        owned_secret.remove(model, LABEL)
    owned_secret.remove(model, label_of(name))
    return True


def label_of(name: str) -> str:
    """The label of the secret that holds a key."""
    return f"admin-api-key-{name}"


def hashed(key: str) -> str:
    """What the server compares a key with."""
    return hashlib.sha256(key.encode()).hexdigest()


def usable_name(name: str) -> bool:
    """Whether a key may be called so, by Juju as a part of a secret and by the server in its log."""
    return bool(re.fullmatch(r"[a-z]([a-z0-9-]{1,61}[a-z0-9])", name)) and name != OWN


def _given(model: ops.Model, option: ops.Secret) -> Sequence[AdminKey]:
    try:
        content = option.get_content(refresh=True)
    except ops.ModelError:
        raise AdminKeyError(f"admin_api_keys: grant the secret with: juju grant-secret NAME {model.app.name}") from None
    for name, key in content.items():
        if name == OWN:
            raise AdminKeyError(f'admin_api_keys: the name "{OWN}" is taken')
        if len(key) < LEAST_CHARACTERS:
            raise AdminKeyError(f'admin_api_keys: the key "{name}" has less than {LEAST_CHARACTERS} characters')
    return [AdminKey(name, hashed(key)) for name, key in sorted(content.items())]


def _made(model: ops.Model) -> Sequence[AdminKey]:
    return [AdminKey(name, one["hash"], one["scopes"]) for name, one in _parsed(owned_secret.read(model, LABEL))]


def _parsed(content: Mapping[str, str]) -> Sequence[tuple[str, dict[str, Any]]]:
    return [(name, json.loads(text)) for name, text in sorted(content.items())]

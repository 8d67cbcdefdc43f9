"""The keys the server signs and encrypts with. The leader makes them once; all units read them from one Juju secret."""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import ops

LABEL = "server-secrets"
#: Where Canonical's charm keeps its one cookie key. Taking it over keeps people signed in when charms are switched.
FORMER_LABEL, FORMER_KEY = "cookie_secret", "cookiesecret"

KINDS = ("cookie", "cipher", "default", "pagination")


@dataclass(frozen=True)
class ServerSecrets:
    """Lists of keys: the first signs or encrypts, all verify or decrypt. A cipher key has exactly 32 characters."""

    cookie: tuple[str, ...] = field(repr=False)
    cipher: tuple[str, ...] = field(repr=False)
    default: tuple[str, ...] = field(repr=False)
    pagination: tuple[str, ...] = field(repr=False)

    @classmethod
    def load(cls, model: ops.Model) -> "ServerSecrets | None":
        """What the leader made, or nothing yet."""
        content = _content(model, LABEL)
        return cls(**{kind: tuple(json.loads(content[kind])) for kind in KINDS}) if content else None

    def settings(self) -> dict[str, Any]:
        """``secrets`` and the cipher that uses them."""
        return {
            "secrets": {kind: list(getattr(self, kind)) for kind in KINDS},
            "ciphers": {"algorithm": "xchacha20-poly1305"},
        }


def ensure(model: ops.Model, new_key: Callable[[], str] = lambda: secrets.token_hex(16)) -> bool:
    """Make the secret when it is missing; only the leader may. True when it was."""
    if _content(model, LABEL):
        return False
    former = _content(model, FORMER_LABEL).get(FORMER_KEY, "")
    keys = {kind: [new_key()] for kind in KINDS}
    if len(former) >= 16:
        keys["cookie"] = [former]
    model.app.add_secret({kind: json.dumps(values) for kind, values in keys.items()}, label=LABEL)
    return True


def _content(model: ops.Model, label: str) -> Mapping[str, str]:
    try:
        return model.get_secret(label=label).get_content(refresh=True)
    except ops.SecretNotFoundError:
        return {}

"""Backup codes as they are stored: Kratos' list, each code sealed when a cipher is configured.

They are kept readable, not hashed, because their owner may ask to see them again.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from identity_server.ciphers import at_rest
from identity_server.ciphers.cipher import Cipher
from identity_server.ciphers.comparison import compare
from identity_server.ciphers.errors import Unreadable
from identity_server.identity.model import Identity
from identity_server.times import Timestamp

METHOD: Final = "lookup_secret"
HOW_MANY: Final = 12
_LENGTH: Final = 8
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz0123456789"

log = structlog.get_logger("lookup_secret")


@dataclass(frozen=True)
class BackupCode:
    """One code.

    Attributes:
        used_at: when it was used; None while it still works.
    """

    code: str = field(repr=False)
    used_at: Timestamp | None = None


def new_codes() -> list[BackupCode]:
    """Twelve codes of eight letters and digits, 41 bits each."""
    return [BackupCode("".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))) for _ in range(HOW_MANY)]


def entries(identity: Identity | None) -> list[dict[str, Any]]:
    """An identity's codes as they are stored."""
    credential = identity.credential(METHOD) if identity else None
    return list(credential.config.get("recovery_codes") or []) if credential else []


def config_of(stored: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Kratos' configuration around stored codes."""
    return {"recovery_codes": list(stored)}


def seal(cipher: Cipher, codes: Sequence[BackupCode]) -> list[dict[str, Any]]:
    """Codes as they are stored."""
    return [{"code": at_rest.sealed(cipher, each.code), "used_at": each.used_at} for each in codes]


def unseal(cipher: Cipher, stored: Sequence[dict[str, Any]]) -> list[BackupCode]:
    """The codes behind what is stored; those that no secret opens any more are empty and match nothing."""
    return [BackupCode(_opened(cipher, str(each.get("code") or "")), each.get("used_at")) for each in stored]


def _opened(cipher: Cipher, stored: str) -> str:
    try:
        return at_rest.opened(cipher, stored)
    except Unreadable:
        log.error("a backup code cannot be read; is a cipher secret missing?")
        return ""


def find(codes: Sequence[BackupCode], typed: str) -> int | None:
    """The place of a code, whether or not it was used; all are compared, so that the time tells nothing."""
    found = [place for place, each in enumerate(codes) if compare(each.code, typed) and each.code]
    return found[0] if found else None

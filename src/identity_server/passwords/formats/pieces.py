"""Reading the pieces hash texts are made of."""

import base64
import binascii
import re
from typing import Protocol

from identity_server.passwords.errors import UnsupportedHash
from identity_server.passwords.limits import MIN_KEY_BYTES


class Hash(Protocol):
    """A parsed hash text."""

    @property
    def algorithm(self) -> str:
        """The name of the format, such as ``bcrypt`` or ``pbkdf2-sha256``."""
        ...

    def matches(self, password: bytes) -> bool:
        """Whether the hash was made from this password; in constant time for one hash."""
        ...


def fields(pattern: re.Pattern[str], text: str, name: str) -> dict[str, str]:
    """The named groups of a hash text.

    Raises:
        UnsupportedHash: when the text does not have that shape.
    """
    found = pattern.fullmatch(text)
    if found is None:
        raise UnsupportedHash(f"this {name} hash cannot be read")
    return found.groupdict(default="")


def number(text: str, name: str) -> int:
    """A positive decimal number. Its digits are counted first: a million of them would take minutes to convert."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 10) or int(text) == 0:
        raise UnsupportedHash(f"{name} must be a positive number")
    return int(text)


def decode(text: str, name: str) -> bytes:
    """Standard base64, with or without padding."""
    bare = text.rstrip("=")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise UnsupportedHash(f"{name} is not base64") from None


def key(text: str, name: str) -> bytes:
    """A derived key or digest in base64, long enough to mean something."""
    value = decode(text, name)
    if len(value) < MIN_KEY_BYTES:
        raise UnsupportedHash(f"{name} must have at least {MIN_KEY_BYTES} bytes")
    return value

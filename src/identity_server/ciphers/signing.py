"""Keys per purpose from a list of secrets: the first signs or seals, all verify or unseal.

A purpose is a short fixed name of what a token is for, such as ``csrf`` or ``page``. Every purpose has a key of its
own, so that a token made for one is worth nothing for another.
"""

import base64
import binascii
import hashlib
import hmac
import struct
import time
from collections.abc import Iterable

from identity_server.ciphers.aead import XChaCha20Poly1305
from identity_server.ciphers.comparison import compare
from identity_server.ciphers.errors import BadCipherSecret, BadToken, ExpiredToken

#: The first byte of a sealed token; another layout gets another number.
_VERSION = b"\x01"
_MADE_AT = struct.Struct(">Q")
#: A token comes from a cookie or a query; nobody has a longer one of ours.
_MOST_TEXT = 64 * 1024


class Keys:
    """A list of secrets and the keys derived from it. Its ``repr`` shows none of them.

    Raises:
        BadCipherSecret: the list is empty, or holds an empty secret.
    """

    def __init__(self, secrets: Iterable[str | bytes]) -> None:
        self._secrets = tuple(s.encode("utf-8", "surrogatepass") if isinstance(s, str) else s for s in secrets)
        if not self._secrets or not all(self._secrets):
            raise BadCipherSecret("signing needs at least one secret, and none may be empty")
        self._derived: dict[tuple[str, str], tuple[bytes, ...]] = {}

    def __repr__(self) -> str:
        return f"Keys({len(self._secrets)} secrets)"

    def derive(self, use: str, purpose: str) -> tuple[bytes, ...]:
        """32 bytes for each secret, in order. Purposes are few and fixed; their keys are kept."""
        keys = self._derived.get((use, purpose))
        if keys is None:
            label = f"identity-server/{use}/{purpose}".encode()
            keys = tuple(hmac.digest(secret, label, "sha256") for secret in self._secrets)
            self._derived[(use, purpose)] = keys
        return keys


def sign(purpose: str, message: str | bytes, keys: Keys) -> str:
    """An HMAC-SHA256 of the message under the first secret, in hexadecimal; the same for the same message."""
    return _mac(keys.derive("sign", purpose)[0], message)


def signatures(purpose: str, message: str | bytes, keys: Keys) -> tuple[str, ...]:
    """The HMACs under every secret, newest first: to look up what may have been stored before a rotation."""
    return tuple(_mac(key, message) for key in keys.derive("sign", purpose))


def is_signed(purpose: str, message: str | bytes, signature: str, keys: Keys) -> bool:
    """Whether any of the secrets signed this message for this purpose."""
    matches = [compare(mac, signature) for mac in signatures(purpose, message, keys)]
    return any(matches)


def seal(purpose: str, payload: bytes, keys: Keys, *, now: float | None = None) -> str:
    """An encrypted, authenticated token for cookies and queries: base64url without padding.

    Args:
        now: seconds since 1970; the current time by default. It goes into the token for ``max_age``.
    """
    made_at = _MADE_AT.pack(int(time.time() if now is None else now))
    sealed = XChaCha20Poly1305(keys.derive("seal", purpose)[0]).seal(made_at + payload, _VERSION)
    return base64.urlsafe_b64encode(_VERSION + sealed).rstrip(b"=").decode()


def unseal(purpose: str, text: str, keys: Keys, max_age: float | None = None, *, now: float | None = None) -> bytes:
    """The payload of a sealed token.

    Args:
        max_age: seconds that a token is good for; for ever by default.

    Raises:
        BadToken: not ours, made for another purpose, or changed.
        ExpiredToken: ours, but older than ``max_age``.
    """
    opened = _open(purpose, _octets(text), keys)
    (made_at,) = _MADE_AT.unpack_from(opened)
    if max_age is not None and (time.time() if now is None else now) - made_at >= max_age:
        raise ExpiredToken(made_at)
    return opened[_MADE_AT.size :]


def _open(purpose: str, octets: bytes, keys: Keys) -> bytes:
    if octets[:1] == _VERSION:
        for key in keys.derive("seal", purpose):
            opened = XChaCha20Poly1305(key).open(octets[1:], _VERSION)
            if opened is not None:
                return opened
    raise BadToken("not a token of this server for this purpose")


def _octets(text: str) -> bytes:
    if len(text) <= _MOST_TEXT and len(text) % 4 != 1:
        try:
            octets = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise BadToken("not a token of this server for this purpose") from None
        # The last character may carry unused bits; only the spelling that we wrote is a token.
        if compare(base64.urlsafe_b64encode(octets).rstrip(b"="), text):
            return octets
    raise BadToken("not a token of this server for this purpose")


def _mac(key: bytes, message: str | bytes) -> str:
    octets = message.encode("utf-8", "surrogatepass") if isinstance(message, str) else message
    return hmac.new(key, octets, hashlib.sha256).hexdigest()

"""What every cipher offers, and how the configured one is built.

The text forms are those of Kratos, so that what it stored can be read: hexadecimal of nonce, ciphertext and tag.
"""

import binascii
from collections.abc import Sequence
from typing import Protocol

from identity_server.ciphers.aead import AesGcm, Algorithm, XChaCha20Poly1305
from identity_server.ciphers.errors import BadCipherSecret, UnknownCipher, Unreadable

SECRET_BYTES = 32
_AEAD: dict[str, type[Algorithm]] = {"aes": AesGcm, "xchacha20-poly1305": XChaCha20Poly1305}
ALGORITHMS = ("noop", *_AEAD)


class Cipher(Protocol):
    """Turns bytes into text that only this server reads, and back. Nothing stays nothing: ``b""`` is ``""``."""

    def encrypt(self, message: bytes) -> str: ...

    def decrypt(self, text: str) -> bytes:
        """The bytes behind the text.

        Raises:
            Unreadable: damaged, forged, or encrypted with a secret that is no longer in the list.
        """
        ...

    def is_current(self, text: str) -> bool:
        """Whether the text is encrypted with the first secret, so that a rotation may drop the others."""
        ...


class NoopCipher:
    """No encryption, only hexadecimal."""

    def encrypt(self, message: bytes) -> str:
        return message.hex()

    def decrypt(self, text: str) -> bytes:
        return _unhex(text)

    def is_current(self, text: str) -> bool:
        return True


class ListCipher:
    """An authenticated cipher over a list of secrets: the first encrypts, all decrypt."""

    def __init__(self, keys: Sequence[Algorithm]) -> None:
        self._keys = tuple(keys)

    def encrypt(self, message: bytes) -> str:
        return self._keys[0].seal(message).hex() if message else ""

    def decrypt(self, text: str) -> bytes:
        sealed = _unhex(text)
        if not sealed:
            return b""
        for key in self._keys:
            opened = key.open(sealed)
            if opened is not None:
                return opened
        raise Unreadable("encrypted with none of the configured secrets, or damaged")

    def is_current(self, text: str) -> bool:
        try:
            sealed = _unhex(text)
        except Unreadable:
            return False
        return not sealed or self._keys[0].open(sealed) is not None


def build_cipher(algorithm: str, secrets: Sequence[str]) -> Cipher:
    """The configured cipher.

    Raises:
        UnknownCipher: ``algorithm`` is none of ``ALGORITHMS``.
        BadCipherSecret: no secret, or one that does not have exactly 32 bytes.
    """
    if algorithm == "noop":
        return NoopCipher()
    if algorithm not in _AEAD:
        raise UnknownCipher(algorithm, ALGORITHMS)
    if not secrets:
        raise BadCipherSecret(f"the cipher {algorithm} needs at least one secret of {SECRET_BYTES} bytes")
    return ListCipher([_AEAD[algorithm](_secret(secret, place)) for place, secret in enumerate(secrets)])


def _secret(secret: str, place: int) -> bytes:
    octets = secret.encode("utf-8", "surrogatepass")
    if len(octets) != SECRET_BYTES:
        raise BadCipherSecret(f"secret {place} must have exactly {SECRET_BYTES} bytes, but has {len(octets)}")
    return octets


def _unhex(text: str) -> bytes:
    try:
        return binascii.unhexlify(text)
    except ValueError:
        raise Unreadable("not hexadecimal") from None

"""The two authenticated ciphers, each over one key of 32 bytes: nonce, ciphertext and tag in a row."""

import os
from typing import Protocol

from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
)
from nacl.exceptions import CryptoError

_TAG = 16


class Algorithm(Protocol):
    """One key of one cipher."""

    def __init__(self, key: bytes) -> None: ...

    def seal(self, message: bytes, context: bytes = b"") -> bytes:
        """Encrypt; ``context`` is authenticated with it but not stored."""
        ...

    def open(self, sealed: bytes, context: bytes = b"") -> bytes | None:
        """The message, or None when key, context or text do not fit."""
        ...


class AesGcm:
    """AES-256-GCM, 12 bytes of nonce."""

    _NONCE = 12

    def __init__(self, key: bytes) -> None:
        # Loaded by who uses it: the library costs a worker 6 MB.
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._refused = InvalidTag
        self._cipher = AESGCM(key)

    def seal(self, message: bytes, context: bytes = b"") -> bytes:
        nonce = os.urandom(self._NONCE)
        return nonce + self._cipher.encrypt(nonce, message, context)

    def open(self, sealed: bytes, context: bytes = b"") -> bytes | None:
        if len(sealed) < self._NONCE + _TAG:
            return None
        try:
            return self._cipher.decrypt(sealed[: self._NONCE], sealed[self._NONCE :], context)
        except self._refused:
            return None


class XChaCha20Poly1305:
    """XChaCha20-Poly1305. Its nonce of 24 bytes never repeats by chance, however many messages a key sees."""

    _NONCE = 24

    def __init__(self, key: bytes) -> None:
        self._key = key

    def seal(self, message: bytes, context: bytes = b"") -> bytes:
        nonce = os.urandom(self._NONCE)
        return nonce + crypto_aead_xchacha20poly1305_ietf_encrypt(message, context, nonce, self._key)

    def open(self, sealed: bytes, context: bytes = b"") -> bytes | None:
        if len(sealed) < self._NONCE + _TAG:
            return None
        nonce, rest = sealed[: self._NONCE], sealed[self._NONCE :]
        try:
            return crypto_aead_xchacha20poly1305_ietf_decrypt(rest, context, nonce, self._key)
        except CryptoError:
            return None

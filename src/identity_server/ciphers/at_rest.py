"""Texts in the database: sealed when a cipher is configured, plain when none is; a mark tells which."""

from .cipher import Cipher, NoopCipher
from .errors import Unreadable

_MARK = "sealed:"


def sealed(cipher: Cipher, text: str) -> str:
    """What is stored of a text."""
    return text if isinstance(cipher, NoopCipher) else _MARK + cipher.encrypt(text.encode())


def opened(cipher: Cipher, stored: str) -> str:
    """The text behind what is stored, whichever cipher was configured when it was.

    Raises:
        Unreadable: when none of the configured secrets opens it.
    """
    if not stored.startswith(_MARK):
        return stored
    if isinstance(cipher, NoopCipher):
        raise Unreadable("sealed, but no cipher is configured")
    return cipher.decrypt(stored.removeprefix(_MARK)).decode()


def is_current(cipher: Cipher, stored: str) -> bool:
    """Whether it is stored as it would be now, so that a rotation may drop older secrets."""
    if isinstance(cipher, NoopCipher):
        return True
    return stored.startswith(_MARK) and cipher.is_current(stored.removeprefix(_MARK))

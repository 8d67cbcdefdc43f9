"""What can go wrong with ciphers, signatures and seals. No message carries a secret or what it protects."""

from collections.abc import Sequence


class CipherError(ValueError):
    """The base of all errors here."""


class UnknownCipher(CipherError):
    """The configuration names a cipher that does not exist.

    Attributes:
        allowed: the names that do.
    """

    def __init__(self, name: str, allowed: Sequence[str]) -> None:
        self.allowed = tuple(allowed)
        super().__init__(f"there is no cipher {name!r}; choose one of {', '.join(allowed)}")


class BadCipherSecret(CipherError):
    """A secret is missing or has the wrong length."""


class Unreadable(CipherError):
    """A stored text was not encrypted with any of the secrets, or is damaged."""


class BadToken(CipherError):
    """A token that this server did not make for this purpose, or that was changed."""


class ExpiredToken(BadToken):
    """A genuine token that is too old.

    Attributes:
        made_at: seconds since 1970 when it was made.
    """

    def __init__(self, made_at: int) -> None:
        self.made_at = made_at
        super().__init__("the token is too old")

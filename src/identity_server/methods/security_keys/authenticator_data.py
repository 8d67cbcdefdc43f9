"""What authenticators say, byte by byte (WebAuthn Level 3, §6.1)."""

import hashlib
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Final

PRESENT, VERIFIED, BACKUP_ELIGIBLE, BACKED_UP, ATTESTED, EXTENDED = 0x01, 0x04, 0x08, 0x10, 0x40, 0x80
#: Digest of the relying party, flags, counter.
_HEADER: Final = 37
_MODEL: Final = 16
#: CTAP 2.1 has no longer ids; databases and buttons carry them.
_LONGEST_ID: Final = 1023
#: Maps of numbers and texts are all there is.
_DEEPEST: Final = 8


class Damaged(ValueError):
    """Bytes that no authenticator makes."""


@dataclass(frozen=True)
class AuthenticatorData:
    """What stands in front of everything else.

    Attributes:
        site: the digest of the relying party's id.
        sign_count: how often the key was used, in its own count; 0 when it does not count.
        rest: what follows.
    """

    site: bytes
    flags: int
    sign_count: int
    rest: bytes = field(default=b"", repr=False)

    def is_for(self, site: str) -> bool:
        """Whether it was made for a relying party."""
        return self.site == hashlib.sha256(site.encode()).digest()

    def has(self, flag: int) -> bool:
        """Whether a flag is set."""
        return bool(self.flags & flag)


@dataclass(frozen=True)
class NewKeyData:
    """What follows when a key was made.

    Attributes:
        model: the AAGUID of the authenticator's make.
        public_key: in COSE's form.
    """

    model: bytes
    id: bytes
    public_key: bytes = field(repr=False)


def read(data: bytes) -> AuthenticatorData:
    """The data of an answer.

    Raises:
        Damaged: when it is none.
    """
    if len(data) < _HEADER:
        raise Damaged("the authenticator's data are cut off")
    found = AuthenticatorData(data[:32], data[32], int.from_bytes(data[33:_HEADER], "big"), data[_HEADER:])
    if found.rest and not found.has(ATTESTED | EXTENDED):
        raise Damaged("something stands behind the authenticator's data")
    return found


def new_key(data: AuthenticatorData) -> NewKeyData:
    """The key that was made.

    Raises:
        Damaged: when there is none, or more than one.
    """
    size = int.from_bytes(data.rest[_MODEL : _MODEL + 2], "big")
    start = _MODEL + 2 + size
    if not data.has(ATTESTED) or not 0 < size <= _LONGEST_ID or len(data.rest) <= start:
        raise Damaged("the authenticator's data hold no key")
    behind = data.rest[start:]
    length = _length_of_first(behind)
    if length < len(behind) and not data.has(EXTENDED):
        raise Damaged("something stands behind the key")
    return NewKeyData(data.rest[:_MODEL], data.rest[_MODEL + 2 : start], behind[:length])


def cbor(data: bytes) -> Any:
    """A value in CBOR.

    Raises:
        Damaged: when it is none, or not all of it.
    """
    import cbor2

    try:
        return cbor2.loads(data, allow_duplicate_keys=False, max_depth=_DEEPEST)
    except (cbor2.CBORError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise Damaged("the authenticator's data are not CBOR") from error


def _length_of_first(data: bytes) -> int:
    import cbor2

    stream = BytesIO(data)
    try:
        cbor2.CBORDecoder(stream, read_size=1, allow_duplicate_keys=False, max_depth=_DEEPEST).decode()
    except (cbor2.CBORError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise Damaged("the key is not CBOR") from error
    return stream.tell()

"""Reading any hash text, stored or imported."""

from collections.abc import Callable

from identity_server.passwords.errors import UnsupportedHash
from identity_server.passwords.formats import (
    argon2_hash,
    bcrypt_hash,
    crypt_hash,
    digest_hash,
    hmac_hash,
    pbkdf2_hash,
    scrypt_hash,
)
from identity_server.passwords.formats.pieces import Hash
from identity_server.passwords.limits import DEFAULT_LIMITS, MAX_HASH_TEXT, Limits

_FORMATS: tuple[Callable[[str, Limits], Hash | None], ...] = (
    crypt_hash.parse,
    bcrypt_hash.parse,
    argon2_hash.parse,
    pbkdf2_hash.parse,
    scrypt_hash.parse,
    digest_hash.parse_ldap,
    digest_hash.parse_sha,
    digest_hash.parse_md5,
    hmac_hash.parse,
)


def parse(text: str, limits: Limits = DEFAULT_LIMITS) -> Hash:
    """The hash that a text describes.

    Raises:
        UnsupportedHash: no known format, or parts of it missing or broken.
        HashTooCostly: well-formed, but a cost parameter is above its limit.
    """
    if len(text) > MAX_HASH_TEXT:
        raise UnsupportedHash(f"a hash may have at most {MAX_HASH_TEXT} characters")
    for read in _FORMATS:
        found = read(text, limits)
        if found is not None:
            return found
    raise UnsupportedHash("the hash is of no known format")

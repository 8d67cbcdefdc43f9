"""PBKDF2: ``$pbkdf2-<digest>$i=<iterations>,l=<length>$<salt>$<key>``, with what Kratos makes of the digests.

``sha224`` and ``sha384`` mean SHA3-224 and SHA3-384, an unknown digest means SHA-256, and the length of the key
is that of the key, whatever ``l`` says.
"""

import hashlib
import re
from dataclasses import dataclass, field

from identity_server.ciphers.comparison import compare
from identity_server.passwords.formats.pieces import decode, fields, key, number
from identity_server.passwords.limits import Limits, at_most

_PREFIX = re.compile(r"\$pbkdf2-sha\d{1,3}\$", re.ASCII)
_PATTERN = re.compile(r"\$pbkdf2-(?P<digest>sha\d{1,3})\$i=(?P<i>\d+),l=\d+\$(?P<salt>[^$]*)\$(?P<key>[^$]+)", re.ASCII)
_DIGESTS = {"sha1": "sha1", "sha224": "sha3_224", "sha256": "sha256", "sha384": "sha3_384", "sha512": "sha512"}


@dataclass(frozen=True)
class Pbkdf2Hash:
    """``digest`` as hashlib names it."""

    algorithm: str
    digest: str
    iterations: int
    salt: bytes = field(repr=False)
    key: bytes = field(repr=False)

    def matches(self, password: bytes) -> bool:
        made = hashlib.pbkdf2_hmac(self.digest, password, self.salt, self.iterations, len(self.key))
        return compare(made, self.key)


def parse(text: str, limits: Limits) -> Pbkdf2Hash | None:
    if not _PREFIX.match(text):
        return None
    found = fields(_PATTERN, text, "pbkdf2")
    digest = _DIGESTS.get(found["digest"], "sha256")
    iterations = number(found["i"], "pbkdf2 iterations")
    secret = key(found["key"], "pbkdf2 key")
    blocks = -(-len(secret) // hashlib.new(digest).digest_size)
    at_most(limits.pbkdf2_work // blocks, iterations, "pbkdf2 iterations")
    return Pbkdf2Hash(f"pbkdf2-{found['digest']}", digest, iterations, decode(found["salt"], "pbkdf2 salt"), secret)

"""HMAC of the password under a key: ``$hmac-<digest>$<base64 of the hex digest>$<base64 of the key>``."""

import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass, field

from identity_server.ciphers.comparison import compare
from identity_server.passwords.errors import UnsupportedHash
from identity_server.passwords.formats.md4 import DIGEST_BYTES, hmac_md4
from identity_server.passwords.formats.pieces import decode, fields
from identity_server.passwords.limits import Limits

_PREFIX = re.compile(r"\$hmac-(md4|md5|sha1|sha224|sha256|sha384|sha512)\$")
_PATTERN = re.compile(r"\$hmac-(?P<digest>\w+)\$(?P<mac>[^$]+)\$(?P<key>[^$]+)", re.ASCII)


@dataclass(frozen=True)
class HmacHash:
    algorithm: str
    digest: str
    mac: bytes = field(repr=False)
    key: bytes = field(repr=False)

    def matches(self, password: bytes) -> bool:
        made = hmac_md4(self.key, password) if self.digest == "md4" else hmac.digest(self.key, password, self.digest)
        return compare(made, self.mac)


def parse(text: str, limits: Limits) -> HmacHash | None:
    if not _PREFIX.match(text):
        return None
    found = fields(_PATTERN, text, "hmac")
    digest = found["digest"]
    try:
        mac = binascii.unhexlify(decode(found["mac"], "hmac digest"))
    except ValueError:
        raise UnsupportedHash("hmac digest must be base64 of hexadecimal digits") from None
    size = DIGEST_BYTES if digest == "md4" else hashlib.new(digest, usedforsecurity=False).digest_size
    if len(mac) != size:
        raise UnsupportedHash(f"hmac-{digest} digest must have {size} bytes")
    return HmacHash(f"hmac-{digest}", digest, mac, decode(found["key"], "hmac key"))

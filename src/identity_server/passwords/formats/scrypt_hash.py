"""scrypt, plain and as Firebase uses it.

``$scrypt$ln=<N>,r=,p=$<salt>$<key>``: ``ln`` is N itself.
``$firescrypt$ln=<log2 N>,r=,p=$<salt>$<hash>$<salt separator>$<signer key>``: here it is the logarithm.
"""

import hashlib
import re
from dataclasses import dataclass, field

from identity_server.ciphers.comparison import compare
from identity_server.passwords.errors import HashTooCostly, UnsupportedHash
from identity_server.passwords.formats.pieces import decode, fields, key, number
from identity_server.passwords.limits import Limits, at_most

_COSTS = r"ln=(?P<ln>\d+),r=(?P<r>\d+),p=(?P<p>\d+)\$(?P<salt>[^$]*)\$(?P<key>[^$]+)"
_SCRYPT = re.compile(rf"\$scrypt\${_COSTS}", re.ASCII)
_FIRESCRYPT = re.compile(rf"\$firescrypt\${_COSTS}\$(?P<separator>[^$]*)\$(?P<signer>[^$]+)", re.ASCII)
_FIREBASE_KEY_BYTES = 32


@dataclass(frozen=True)
class Costs:
    """``n`` is a power of two."""

    n: int
    r: int
    p: int

    def derive(self, password: bytes, salt: bytes, length: int) -> bytes:
        room = 128 * self.r * (self.n + self.p + 2) + 2**20
        return hashlib.scrypt(password, salt=salt, n=self.n, r=self.r, p=self.p, maxmem=room, dklen=length)


@dataclass(frozen=True)
class ScryptHash:
    costs: Costs
    salt: bytes = field(repr=False)
    key: bytes = field(repr=False)
    algorithm: str = "scrypt"

    def matches(self, password: bytes) -> bool:
        return compare(self.costs.derive(password, self.salt, len(self.key)), self.key)


@dataclass(frozen=True)
class FirebaseHash:
    """The derived key encrypts the project's signer key (AES-CTR from a zero counter); the result is the hash."""

    costs: Costs
    salt: bytes = field(repr=False)
    key: bytes = field(repr=False)
    signer: bytes = field(repr=False)
    algorithm: str = "firescrypt"

    def matches(self, password: bytes) -> bool:
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        derived = self.costs.derive(password, self.salt, _FIREBASE_KEY_BYTES)
        encryptor = Cipher(algorithms.AES(derived), modes.CTR(bytes(16))).encryptor()
        return compare(encryptor.update(self.signer) + encryptor.finalize(), self.key)


def parse(text: str, limits: Limits) -> ScryptHash | FirebaseHash | None:
    if text.startswith("$scrypt$"):
        return _scrypt(text, limits)
    if text.startswith("$firescrypt$"):
        return _firescrypt(text, limits)
    return None


def _scrypt(text: str, limits: Limits) -> ScryptHash:
    found = fields(_SCRYPT, text, "scrypt")
    n = number(found["ln"], "scrypt ln")
    if n < 2 or n & (n - 1):
        raise UnsupportedHash("scrypt ln must be N itself, a power of two")
    secret = key(found["key"], "scrypt key")
    return ScryptHash(_costs(n, found, limits), decode(found["salt"], "scrypt salt"), secret)


def _firescrypt(text: str, limits: Limits) -> FirebaseHash:
    found = fields(_FIRESCRYPT, text, "firescrypt")
    logarithm = number(found["ln"], "firescrypt ln")
    if logarithm > limits.scrypt_n.bit_length() - 1:
        raise HashTooCostly("firescrypt ln", limits.scrypt_n.bit_length() - 1, logarithm)
    secret, signer = key(found["key"], "firescrypt hash"), key(found["signer"], "firescrypt signer key")
    if len(secret) != len(signer):
        raise UnsupportedHash("firescrypt hash must be as long as its signer key")
    salt = decode(found["salt"], "firescrypt salt") + decode(found["separator"], "firescrypt salt separator")
    return FirebaseHash(_costs(2**logarithm, found, limits), salt, secret, signer)


def _costs(n: int, found: dict[str, str], limits: Limits) -> Costs:
    r, p = number(found["r"], "scrypt r"), number(found["p"], "scrypt p")
    at_most(limits.scrypt_n, n, "scrypt N")
    at_most(limits.scrypt_r, r, "scrypt r")
    at_most(limits.scrypt_p, p, "scrypt p")
    return Costs(n, r, p)

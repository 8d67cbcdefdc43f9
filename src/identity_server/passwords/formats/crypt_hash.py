"""The crypt(3) family: ``$md5-crypt$salt$hash``, ``$sha256-crypt$rounds=N$salt$hash`` and ``$sha512-crypt$…``.

After Ulrich Drepper's specification of SHA-crypt (2008) and the MD5-crypt of FreeBSD, which is its ancestor.
"""

import hashlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from identity_server.ciphers.comparison import compare
from identity_server.passwords.formats.pieces import fields, number
from identity_server.passwords.limits import Limits, at_most

_ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_PREFIX = re.compile(r"\$(md5|sha256|sha512)-crypt\$")
_MD5 = re.compile(r"\$md5-crypt\$(?P<salt>[!-#%-~]{0,8})\$(?P<hash>[./0-9A-Za-z]{22})", re.ASCII)
_SHA = re.compile(
    r"\$sha(256|512)-crypt\$(rounds=(?P<rounds>\d+)\$)?(?P<salt>[!-#%-~]{0,16})\$(?P<hash>[./0-9A-Za-z]+)", re.ASCII
)
_TEXT_LENGTH = {"sha256": 43, "sha512": 86}
_MD5_ROUNDS = 1000
_SHA_DEFAULT_ROUNDS = 5000
_SHA_LEAST_ROUNDS = 1000
#: The rounds run over the password again and again: a long one multiplies their cost. crypt(3) itself stops here.
_MOST_PASSWORD = 511
#: These digests are too small for hashlib to let other threads run; so many rounds take well under a millisecond.
_BREATH = 256

Digest = Callable[[bytes], bytes]


@dataclass(frozen=True)
class CryptHash:
    """``rounds`` is 1000 for MD5-crypt, always."""

    algorithm: str
    digest: str
    rounds: int
    salt: bytes = field(repr=False)
    text: str = field(repr=False)

    def matches(self, password: bytes) -> bool:
        """A password over the limit costs as much as one within, and never matches."""
        known = password[:_MOST_PASSWORD]
        made = _md5(known, self.salt) if self.digest == "md5" else _sha(self.digest, known, self.salt, self.rounds)
        return compare(made, self.text) and len(password) <= _MOST_PASSWORD


def parse(text: str, limits: Limits) -> CryptHash | None:
    prefix = _PREFIX.match(text)
    if prefix is None:
        return None
    if prefix[1] == "md5":
        found = fields(_MD5, text, "md5-crypt")
        return CryptHash("md5-crypt", "md5", _MD5_ROUNDS, found["salt"].encode(), found["hash"])
    return _parse_sha(prefix[1], text, limits)


def _parse_sha(digest: str, text: str, limits: Limits) -> CryptHash:
    name = f"{digest}-crypt"
    found = fields(_SHA, text, name)
    fields(re.compile(rf".{{{_TEXT_LENGTH[digest]}}}"), found["hash"], name)
    rounds = number(found["rounds"], f"{name} rounds") if found["rounds"] else _SHA_DEFAULT_ROUNDS
    at_most(limits.crypt_rounds, rounds, f"{name} rounds")
    return CryptHash(name, digest, max(rounds, _SHA_LEAST_ROUNDS), found["salt"].encode(), found["hash"])


def _md5(password: bytes, salt: bytes) -> str:
    def digest(data: bytes) -> bytes:
        return hashlib.md5(data, usedforsecurity=False).digest()

    mixed = digest(password + salt + password)
    start = password + b"$1$" + salt + _repeat(mixed, len(password))
    bits = len(password)
    while bits:
        start += b"\0" if bits & 1 else password[:1]
        bits >>= 1
    result = _stretch(digest, digest(start), password, salt, _MD5_ROUNDS)
    triples = [(0, 6, 12), (1, 7, 13), (2, 8, 14), (3, 9, 15), (4, 10, 5)]
    return "".join(_four(result, *triple) for triple in triples) + _encode(result[11], 2)


def _sha(name: str, password: bytes, salt: bytes, rounds: int) -> str:
    def digest(data: bytes) -> bytes:
        return hashlib.new(name, data).digest()

    mixed = digest(password + salt + password)
    start = password + salt + _repeat(mixed, len(password))
    bits = len(password)
    while bits:
        start += mixed if bits & 1 else password
        bits >>= 1
    first = digest(start)
    long_password = _repeat(digest(password * len(password)), len(password))
    long_salt = _repeat(digest(salt * (16 + first[0])), len(salt))
    return _sha_text(_stretch(_plain(name), first, long_password, long_salt, rounds))


def _plain(name: str) -> Digest:
    make = getattr(hashlib, name)
    return lambda data: make(data).digest()


def _stretch(digest: Digest, state: bytes, password: bytes, salt: bytes, rounds: int) -> bytes:
    """The loop all three share. What surrounds the state in a round repeats every 42 rounds (2 x 3 x 7)."""
    around: list[tuple[bytes, bytes]] = []
    for turn in range(42):
        middle = (salt if turn % 3 else b"") + (password if turn % 7 else b"")
        around.append((password + middle, b"") if turn % 2 else (b"", middle + password))
    for turn in range(rounds):
        before, after = around[turn % 42]
        state = digest(before + state + after)
        if turn % _BREATH == 0:
            time.sleep(0)
    return state


def _sha_text(result: bytes) -> str:
    """crypt's base64 of the digest, its bytes in the order of the specification."""
    third = len(result) // 3
    triple = (0, third, 2 * third)
    text = ""
    for _ in range(third):
        text += _four(result, *triple)
        a, b, c = (index + 1 for index in triple)
        triple = (c, a, b) if len(result) == 32 else (b, c, a)
    return text + (_encode(result[31] << 8 | result[30], 3) if len(result) == 32 else _encode(result[63], 2))


def _four(result: bytes, high: int, middle: int, low: int) -> str:
    return _encode(result[high] << 16 | result[middle] << 8 | result[low], 4)


def _encode(value: int, length: int) -> str:
    return "".join(_ALPHABET[value >> 6 * place & 63] for place in range(length))


def _repeat(data: bytes, length: int) -> bytes:
    return (data * (length // len(data) + 1))[:length]

"""Argon2: ``$argon2id$v=19$m=<KiB>,t=<passes>,p=<lanes>$<salt>$<key>``, and argon2i alike."""

import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

from argon2.exceptions import HashingError
from argon2.low_level import ARGON2_VERSION, Type, hash_secret_raw

from identity_server.ciphers.comparison import compare
from identity_server.passwords.errors import UnsupportedHash
from identity_server.passwords.formats.pieces import decode, fields, key, number
from identity_server.passwords.limits import Limits, at_most

_TYPES = {"argon2id": Type.ID, "argon2i": Type.I}
_PATTERN = re.compile(
    r"\$argon2id?\$v=(?P<v>\d+)\$m=(?P<m>\d+),t=(?P<t>\d+),p=(?P<p>\d+)\$(?P<salt>[^$]+)\$(?P<key>[^$]+)", re.ASCII
)
_MIN_SALT = 8
_MOST_KEY = 512


@dataclass(frozen=True)
class Argon2Hash:
    """``memory`` in KiB."""

    algorithm: str
    memory: int
    iterations: int
    parallelism: int
    salt: bytes = field(repr=False)
    key: bytes = field(repr=False)

    def matches(self, password: bytes) -> bool:
        with memory_needed():
            made = hash_secret_raw(
                password,
                self.salt,
                time_cost=self.iterations,
                memory_cost=self.memory,
                parallelism=self.parallelism,
                hash_len=len(self.key),
                type=_TYPES[self.algorithm],
                version=ARGON2_VERSION,
            )
        return compare(made, self.key)


@contextmanager
def memory_needed() -> Generator[None]:
    """Turns a refusal of memory into Python's own error: it says nothing about the password.

    Raises:
        MemoryError: when the machine does not grant the memory of a hash, or its threads.
    """
    try:
        yield
    except HashingError as error:
        raise MemoryError(str(error)) from error


def parse(text: str, limits: Limits) -> Argon2Hash | None:
    algorithm = next((name for name in _TYPES if text.startswith(f"${name}$")), None)
    if algorithm is None:
        return None
    found = fields(_PATTERN, text, algorithm)
    if number(found["v"], "argon2 version") != ARGON2_VERSION:
        raise UnsupportedHash(f"argon2 version must be {ARGON2_VERSION}")
    memory = number(found["m"], "argon2 memory")
    iterations = number(found["t"], "argon2 iterations")
    parallelism = number(found["p"], "argon2 parallelism")
    at_most(limits.argon2_memory, memory, "argon2 memory")
    at_most(limits.argon2_iterations, iterations, "argon2 iterations")
    at_most(limits.argon2_parallelism, parallelism, "argon2 parallelism")
    if memory < 8 * parallelism:
        raise UnsupportedHash("argon2 memory must be at least 8 KiB a lane")
    salt, secret = decode(found["salt"], "argon2 salt"), key(found["key"], "argon2 key")
    if len(salt) < _MIN_SALT:
        raise UnsupportedHash(f"argon2 salt must have at least {_MIN_SALT} bytes")
    at_most(_MOST_KEY, len(secret), "argon2 key length")
    return Argon2Hash(algorithm, memory, iterations, parallelism, salt, secret)

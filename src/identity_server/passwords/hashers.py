"""The configured way to hash new passwords."""

import os
from dataclasses import dataclass, replace
from typing import Protocol

import bcrypt
from argon2.low_level import Type, hash_secret

from identity_server.passwords.errors import HashError, PasswordTooLong
from identity_server.passwords.formats.argon2_hash import memory_needed
from identity_server.passwords.formats.bcrypt_hash import BCRYPT_MAX_BYTES
from identity_server.passwords.hashes import parse
from identity_server.passwords.limits import DEFAULT_LIMITS, MAX_PASSWORD_BYTES, Limits


class Hasher(Protocol):
    """Makes hash texts of one kind and cost."""

    @property
    def algorithm(self) -> str:
        """The name that parsed hashes of this kind carry."""
        ...

    @property
    def longest(self) -> int:
        """The most bytes a password may have."""
        ...

    @property
    def limits(self) -> Limits:
        """The bounds for stored and imported hashes, widened to what this hasher itself writes."""
        ...

    def hash(self, password: bytes) -> str:
        """The hash text of a password.

        Raises:
            PasswordTooLong: it has more bytes than ``longest``.
        """
        ...


@dataclass(frozen=True)
class BcryptHasher:
    """Writes ``$2a$<cost>$…``. ``cost`` is 4 to 31; each step doubles the work."""

    cost: int = 12
    algorithm: str = "bcrypt"
    longest: int = BCRYPT_MAX_BYTES

    @property
    def limits(self) -> Limits:
        return replace(DEFAULT_LIMITS, bcrypt_cost=max(self.cost, DEFAULT_LIMITS.bcrypt_cost))

    def hash(self, password: bytes) -> str:
        _refuse_longer(password, self.longest)
        return bcrypt.hashpw(password, bcrypt.gensalt(self.cost, prefix=b"2a")).decode()


def default_parallelism() -> int:
    """Two lanes a processor."""
    return 2 * (os.cpu_count() or 1)


@dataclass(frozen=True)
class Argon2Hasher:
    """Writes ``$argon2id$v=19$m=…,t=…,p=…$…$…``.

    Attributes:
        memory: KiB.
        parallelism: lanes; 0 for two a processor.
        salt_length: bytes.
        key_length: bytes.
    """

    memory: int = 128 * 1024
    iterations: int = 1
    parallelism: int = 0
    salt_length: int = 16
    key_length: int = 32
    algorithm: str = "argon2id"
    longest: int = MAX_PASSWORD_BYTES

    @property
    def lanes(self) -> int:
        return self.parallelism or default_parallelism()

    @property
    def limits(self) -> Limits:
        return replace(
            DEFAULT_LIMITS,
            argon2_memory=max(self.memory, DEFAULT_LIMITS.argon2_memory),
            argon2_iterations=max(self.iterations, DEFAULT_LIMITS.argon2_iterations),
            argon2_parallelism=max(self.lanes, DEFAULT_LIMITS.argon2_parallelism),
        )

    def hash(self, password: bytes) -> str:
        _refuse_longer(password, self.longest)
        with memory_needed():
            return hash_secret(
                password,
                os.urandom(self.salt_length),
                time_cost=self.iterations,
                memory_cost=max(self.memory, 8 * self.lanes),
                parallelism=self.lanes,
                hash_len=self.key_length,
                type=Type.ID,
            ).decode()


def needs_rehash(hasher: Hasher, text: str) -> bool:
    """Whether a stored hash is of another algorithm than the hasher's; other costs alone are no reason."""
    try:
        return parse(text, hasher.limits).algorithm != hasher.algorithm
    except HashError:
        return True


def _refuse_longer(password: bytes, limit: int) -> None:
    if len(password) > limit:
        raise PasswordTooLong(limit, len(password))

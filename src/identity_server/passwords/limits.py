"""Upper bounds of what checking one password may cost."""

from dataclasses import dataclass

from identity_server.passwords.errors import HashTooCostly

#: Longer than any hash a real system writes; keeps parsing and comparing cheap.
MAX_HASH_TEXT = 4096
#: Far above what people or password managers type (NIST SP 800-63B-4 asks for 64 and more); stops megabytes of it.
MAX_PASSWORD_BYTES = 4096
#: A shorter key or digest could be found by guessing, and an empty one would match every password.
MIN_KEY_BYTES = 8


@dataclass(frozen=True)
class Limits:
    """The highest cost parameters taken, at import and whenever a password is compared.

    Attributes:
        argon2_memory: KiB.
        pbkdf2_work: iterations times the blocks of output they are spent on.
        scrypt_n: N itself, not its logarithm.
    """

    bcrypt_cost: int = 15
    argon2_memory: int = 2**20
    argon2_iterations: int = 10
    argon2_parallelism: int = 16
    pbkdf2_work: int = 10_000_000
    scrypt_n: int = 2**17
    scrypt_r: int = 8
    scrypt_p: int = 10
    crypt_rounds: int = 1_000_000


DEFAULT_LIMITS = Limits()


def at_most(limit: int, actual: int, parameter: str) -> None:
    """Raise HashTooCostly when ``actual`` is above ``limit``."""
    if actual > limit:
        raise HashTooCostly(parameter, limit, actual)

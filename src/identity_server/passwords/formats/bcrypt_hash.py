"""bcrypt: ``$2a$cost$salt+hash``, and the letters b, y, z or none."""

import re
from dataclasses import dataclass, field

import bcrypt

from identity_server.ciphers.comparison import compare
from identity_server.passwords.errors import UnsupportedHash
from identity_server.passwords.limits import Limits, at_most

#: bcrypt looks at no more bytes than these.
BCRYPT_MAX_BYTES = 72
BCRYPT_MIN_COST = 4
_PATTERN = re.compile(r"\$2[abyz]?\$(?P<cost>\d\d)\$(?P<rest>[./A-Za-z0-9]{53})", re.ASCII)


@dataclass(frozen=True)
class BcryptHash:
    """``text`` is in the spelling the library reads; the letters differ in old bugs that none of us has."""

    text: bytes = field(repr=False)
    algorithm: str = "bcrypt"

    def matches(self, password: bytes) -> bool:
        """A password over the limit costs the same and never matches: its tail would go unchecked."""
        made = bcrypt.hashpw(password[:BCRYPT_MAX_BYTES], self.text)
        return compare(made, self.text) and len(password) <= BCRYPT_MAX_BYTES


def parse(text: str, limits: Limits) -> BcryptHash | None:
    found = _PATTERN.fullmatch(text)
    if found is None:
        return None
    cost = int(found["cost"])
    if cost < BCRYPT_MIN_COST:
        raise UnsupportedHash(f"bcrypt cost must be at least {BCRYPT_MIN_COST}")
    at_most(limits.bcrypt_cost, cost, "bcrypt cost")
    return BcryptHash(f"$2b${cost:02}${found['rest']}".encode())

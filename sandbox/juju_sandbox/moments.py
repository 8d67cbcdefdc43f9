"""Time and identifiers as Juju writes them."""

import secrets
import time
from datetime import UTC, datetime

_XID_ALPHABET = "0123456789abcdefghijklmnopqrstuv"


def now() -> str:
    """This moment in RFC 3339, whole seconds, UTC."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds_of(moment: str) -> float:
    """The Unix time of an RFC 3339 moment."""
    return datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp()


def xid() -> str:
    """A secret's identifier: twenty characters over 0-9a-v that sort by time (four bytes seconds, eight random)."""
    number = int(time.time()) << 64 | secrets.randbits(64)
    # 96 bits are 19.2 characters: four zero bits at the end fill the twentieth.
    number <<= 4
    return "".join(_XID_ALPHABET[number >> shift & 31] for shift in range(95, -1, -5))

"""Identifiers and tokens that nobody can guess."""

import secrets
import uuid
from datetime import UTC, datetime, timedelta

ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
NIL_UUID = "00000000-0000-0000-0000-000000000000"


def new_id() -> str:
    """A random (version 4) UUID in its canonical text form."""
    return str(uuid.uuid4())


def ordered_id(moment: datetime, place: int = 0) -> str:
    """A UUID (version 7 of RFC 9562) that sorts as time does, to the microsecond.

    Args:
        place: 0 … 3, orders ids of the same microsecond.
    """
    milliseconds, microseconds = divmod((moment - _EPOCH) // _MICROSECOND, 1000)
    value = milliseconds << 80 | 7 << 76 | (microseconds * 4 + min(place, 3)) << 64 | 2 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=value))


def is_uuid(text: str) -> bool:
    """Whether a text is a UUID in one of the forms that the standard library reads, 36 characters long."""
    try:
        return len(text) == 36 and bool(uuid.UUID(text))
    except ValueError:
        return False


def token(length: int = 32) -> str:
    """``length`` characters out of 62: 32 of them carry 190 bits."""
    return "".join(secrets.choice(ALPHANUMERIC) for _ in range(length))


def session_token() -> str:
    """A session token in Kratos' form."""
    return "ory_st_" + token()


def below(limit: int) -> int:
    """A number from 0 to below a limit."""
    return secrets.randbelow(limit)


def numeric_code(digits: int = 6) -> str:
    """A one-time code of decimal digits."""
    return str(secrets.randbelow(10**digits)).zfill(digits)

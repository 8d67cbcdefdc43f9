"""The text formats that configuration values may be asked to have."""

import re
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from identity_server.configuration.measures import duration

_UNPRINTABLE = re.compile(r"[\s\x00-\x1f\x7f]")
_EMAIL = re.compile(r"[^@\s\x00-\x1f<>,;:\"]+@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
_HOST = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*\.?")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


def is_uri_reference(text: str) -> bool:
    """No white space, no control characters, and brackets only around an address."""
    if _UNPRINTABLE.search(text):
        return False
    try:
        _ = urlsplit(text).port
    except ValueError:
        # Kratos lets a wildcard stand for a port.
        return bool(re.search(r":\*(/|$)", text))
    return True


def is_uri(text: str) -> bool:
    """A reference with a scheme."""
    return is_uri_reference(text) and bool(re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", text))


def is_uuid(text: str) -> bool:
    """Any UUID in its usual spelling."""
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def is_date_time(text: str) -> bool:
    """RFC 3339 with an offset."""
    if not _TIME.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text.upper().replace("Z", "+00:00"))
    except ValueError:
        return False
    return True


def is_duration(text: str) -> bool:
    """A span that can be told in Go's way."""
    try:
        duration(text)
    except ValueError:
        return False
    return True


FORMATS: dict[str, Callable[[str], bool]] = {
    "uri": is_uri,
    "uri-reference": is_uri_reference,
    "email": lambda text: bool(_EMAIL.fullmatch(text)),
    "hostname": lambda text: len(text) <= 253 and bool(_HOST.fullmatch(text)),
    "uuid": is_uuid,
    "date-time": is_date_time,
    "go-duration": is_duration,
}

"""The values of the keyword ``format`` that are checked; others are notes to the reader, as the standard has it."""

import ipaddress
from collections.abc import Callable
from datetime import date, time
from functools import lru_cache
from string import ascii_letters, digits
from typing import Final

import re2

from .errors import DocumentError
from .patterns import check, found
from .phones import e164

#: RFC 5321 §4.5.3.1: a local part and a whole path hold no more.
LONGEST_LOCAL_PART: Final = 64
LONGEST_ADDRESS: Final = 254
LONGEST_HOST: Final = 253
LONGEST_LABEL: Final = 63
#: Compiled patterns are kept; somebody's megabytes shall not be.
LONGEST_REGEX: Final = 1000

_LABEL: Final = frozenset(ascii_letters + digits + "-")
# Atoms as in RFC 5322, other alphabets as in RFC 6531. No quoted form: it would carry blanks, commas and angle brackets
# into mail headers.
_ATOM: Final = frozenset(ascii_letters + digits + "!#$%&'*+/=?^_`{|}~-")
_LOCAL_PART = r"^[\pL\pN\pM!#$%&'*+/=?^_`{|}~-]+(?:\.[\pL\pN\pM!#$%&'*+/=?^_`{|}~-]+)*$"
_TIME = r"^(\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?([Zz]|[+-]\d{2}:\d{2})?$"
_DATE_TIME = r"^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$"
_URI = r"^[A-Za-z][A-Za-z0-9+.-]*:[!#$%&'()*+,./0-9:;=?@A-Z\[\]_a-z~-]*$"
_URI_REFERENCE = r"^[!#$%&'()*+,./0-9:;=?@A-Z\[\]_a-z~-]*$"
_IRI = r'^[A-Za-z][A-Za-z0-9+.-]*:[^\s\pC<>"{}|\\^`]*$'
_UUID = r"^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$"
_JSON_POINTER = r"^(?:/(?:[^~/]|~[01])*)*$"


def is_hostname(text: str) -> bool:
    """RFC 1123, without internationalised labels."""
    labels = text.removesuffix(".").split(".")
    return len(text) <= LONGEST_HOST and all(map(_is_label, labels))


def _is_label(text: str) -> bool:
    return 0 < len(text) <= LONGEST_LABEL and _LABEL.issuperset(text) and text[0] != "-" != text[-1]


@lru_cache(maxsize=64)  # the same address is an identifier, to be verified and to recover by: three looks in a row
def is_email(text: str) -> bool:
    """A bare address: no display name, no comment, no quoted local part; the domain in ASCII."""
    local, at, domain = text.rpartition("@")
    if not at or len(text) > LONGEST_ADDRESS or not 0 < len(local) <= LONGEST_LOCAL_PART:
        return False
    return _is_local_part(local) and not domain.endswith(".") and is_hostname(domain)


def _is_local_part(text: str) -> bool:
    if text.isascii():
        return all(part and _ATOM.issuperset(part) for part in text.split("."))
    return found(_LOCAL_PART, text)


def is_phone_number(text: str) -> bool:
    """A number that can exist, in international form, with or without blanks."""
    return e164(text) is not None


def is_date(text: str) -> bool:
    """RFC 3339 full-date."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return found(r"^\d{4}-\d{2}-\d{2}$", text)


def is_time(text: str) -> bool:
    """RFC 3339 full-time; seconds and offset may be missing, because that is what a browser's time field sends."""
    match = re2.match(_TIME, text) if text.isascii() else None
    if match is None:
        return False
    hour, minute, second, offset = match.groups()
    return int(hour) < 24 and int(minute) < 60 and int(second or 0) <= 60 and _is_offset(str(offset or "Z"))


def _is_offset(text: str) -> bool:
    if text in "Zz":
        return True
    try:
        time.fromisoformat(text[1:])
    except ValueError:
        return False
    return True


def is_date_time(text: str) -> bool:
    """RFC 3339 date-time."""
    return found(_DATE_TIME, text) and is_date(text[:10]) and is_time(text[11:])


def _is_address(kind: Callable[[str], object]) -> Callable[[str], bool]:
    def test(text: str) -> bool:
        try:
            kind(text)
        except ValueError:
            return False
        return "%" not in text  # a zone names an interface of one machine

    return test


def _is_regex(text: str) -> bool:
    if len(text) > LONGEST_REGEX:
        return False
    try:
        check(text)
    except DocumentError:
        return False
    return True


FORMATS: Final[dict[str, Callable[[str], bool]]] = {
    "date": is_date,
    "date-time": is_date_time,
    "email": is_email,
    "hostname": is_hostname,
    "idn-email": is_email,
    "ip-address": _is_address(ipaddress.IPv4Address),
    "ipv4": _is_address(ipaddress.IPv4Address),
    "ipv6": _is_address(ipaddress.IPv6Address),
    "iri": lambda text: found(_IRI, text),
    "json-pointer": lambda text: found(_JSON_POINTER, text),
    "no-validate": lambda _: True,
    "regex": _is_regex,
    "tel": is_phone_number,
    "time": is_time,
    "uri": lambda text: found(_URI, text),
    "uri-reference": lambda text: found(_URI_REFERENCE, text),
    "uuid": lambda text: found(_UUID, text),
}


def fits(name: str, text: str) -> bool:
    """Whether a text has a format; any text has an unknown one."""
    test = FORMATS.get(name)
    return test is None or test(text)

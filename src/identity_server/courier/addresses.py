"""Which recipients and subjects are let into a message.

The rules are narrower than RFC 5321: quoted local parts, comments, routes and address literals are refused, because
each has been used to smuggle a second recipient or a header past a check (CVE-2024-41953, CVE-2025-7962).
"""

import re

from identity_server.courier.errors import InvalidRecipient

LONGEST_EMAIL = 254
LONGEST_LOCAL_PART = 64
LONGEST_SUBJECT = 900

# Letters beyond ASCII are allowed (RFC 6531); controls, spaces and separators of any script are not.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u00a1-\U0010ffff]+"
_LABEL = r"[A-Za-z0-9\u00a1-\U0010ffff](?:[A-Za-z0-9\-\u00a1-\U0010ffff]*[A-Za-z0-9\u00a1-\U0010ffff])?"
_EMAIL = re.compile(rf"(?P<local>{_ATOM}(?:\.{_ATOM})*)@(?P<domain>{_LABEL}(?:\.{_LABEL})*)")
_TELEPHONE = re.compile(r"\+?[0-9][0-9 ()./\-]{2,39}")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+\-.^_`|~]+")


def valid_email(text: str) -> str:
    """The address, unchanged.

    Raises:
        InvalidRecipient: when it is not exactly one plain e-mail address.
    """
    found = _EMAIL.fullmatch(text) if len(text) <= LONGEST_EMAIL and text.isprintable() and " " not in text else None
    if not found or len(found["local"]) > LONGEST_LOCAL_PART or "=?" in text:
        raise InvalidRecipient("the recipient must be one e-mail address such as name@example.com")
    return text


def on_the_wire(text: str) -> str:
    """A checked address with its domain in ASCII, so that only a local part beyond ASCII needs SMTPUTF8.

    Raises:
        InvalidRecipient: when it is no address, or its domain no domain.
    """
    local, _, domain = valid_email(text).rpartition("@")
    try:
        return f"{local}@{domain if domain.isascii() else domain.encode('idna').decode()}"
    except UnicodeError:
        raise InvalidRecipient("the domain of the recipient cannot be written in ASCII") from None


def valid_telephone(text: str) -> str:
    """The number, unchanged.

    Raises:
        InvalidRecipient: when it is no telephone number.
    """
    if not _TELEPHONE.fullmatch(text):
        raise InvalidRecipient("the recipient must be a telephone number such as +4915112345678")
    return text


def one_line(subject: str) -> str:
    """A subject without line breaks and controls, each run of which becomes one space (header injection)."""
    spaced = "".join(char if char.isprintable() else " " for char in subject)
    return " ".join(spaced.split())[:LONGEST_SUBJECT]


def valid_header(name: str, value: str) -> tuple[str, str]:
    """A header of the operator's, unchanged.

    Raises:
        ValueError: when the name is no token of RFC 5322 or the value holds a line break or another control.
    """
    if not _HEADER_NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no header name: letters, digits and hyphens are allowed")
    if not all(char.isprintable() or char == "\t" for char in value):
        raise ValueError(f"the value of the header {name} must be one line without control characters")
    return name, value

"""The canonical form of identifiers and addresses.

Names that look or type alike must be one name: otherwise a stranger signs up as somebody else's twin. Both what is
stored (and held unique) and what is looked up goes through here.
"""

import unicodedata
from functools import lru_cache
from typing import Final

import re2

from .phones import e164

#: Characters of an identifier; longer ones are no names.
LONGEST: Final = 1024
#: And its bytes: PostgreSQL's index rows end at 2704.
MOST_BYTES: Final = 2048

# Unicode's Default_Ignorable_Code_Point, as far as it is not category Cf already, and the blank Braille pattern.
_IGNORABLE: Final = (
    "\\x{034F}\\x{115F}-\\x{1160}\\x{17B4}-\\x{17B5}\\x{180B}-\\x{180F}\\x{2065}\\x{2800}\\x{3164}\\x{FE00}-\\x{FE0F}\\x{FFA0}"
    "\\x{FFF0}-\\x{FFF8}\\x{E0000}-\\x{E0FFF}"
)
_INVISIBLE = re2.compile(rf"[\p{{Cf}}{_IGNORABLE}]+")

#: Controls, half surrogates, line and paragraph separators; private ones, which show as anything or nothing;
#: unassigned ones, whose form a later Unicode may change.
_REFUSED: Final = frozenset(("Cc", "Cn", "Co", "Cs", "Zl", "Zp"))
#: The one blank that composition leaves alone.
_OGHAM_BLANK: Final = "\u1680"


class NotCanonical(ValueError):
    """A text that cannot name anybody."""


@lru_cache(maxsize=64)
def text(value: str) -> str:
    """Trimmed, composed and width-folded (NFKC), without invisible characters; letters keep their case.

    Raises:
        NotCanonical: control or unassigned characters, or too long.
    """
    if len(value) > LONGEST:
        raise NotCanonical(f"longer than {LONGEST} characters")
    value = value.strip()
    if value.isascii() and value.isprintable():
        return value
    try:
        value = _INVISIBLE.sub("", value).strip()
    except UnicodeEncodeError:
        raise NotCanonical("half of a surrogate pair is not allowed") from None
    _refuse_controls(value)
    return _bounded(_settled(value))


def _bounded(value: str) -> str:
    if len(value.encode("utf-8")) > MOST_BYTES:
        raise NotCanonical(f"longer than {MOST_BYTES} bytes")
    return value


def _refuse_controls(value: str) -> None:
    for character in value:
        if unicodedata.category(character) in _REFUSED:
            raise NotCanonical(f"the character U+{ord(character):04X} is not allowed")


def _settled(value: str) -> str:
    # Dropping a character may bring two together that compose, and composing may end in a blank.
    previous = None
    while value != previous:
        previous = value
        value = unicodedata.normalize("NFKC", _INVISIBLE.sub("", value.replace(_OGHAM_BLANK, " "))).strip()
    return value


def identifier(value: str, *, phone: bool = True) -> str:
    """The form under which an identifier is stored, held unique and looked up.

    Args:
        value: as somebody typed it.
        phone: whether an international telephone number becomes E.164; ``+49 151 12345678`` is then
            ``+4915112345678``.

    Raises:
        NotCanonical: control or unassigned characters, or too long.
    """
    name = text(value)
    name = name.lower() if name.isascii() else _bounded(_folded(name))
    return (e164(name) or name) if phone else name


def _folded(name: str) -> str:
    previous = None
    while name != previous:
        previous = name
        name = _settled(name.casefold())
    return name


def address(via: str, value: str) -> str:
    """The form of an address (``email`` or ``sms``), to which mail is also sent.

    In lower case rather than case-folded: ``straße@`` and ``strasse@`` are two mailboxes, though one identifier.

    Raises:
        NotCanonical: control or unassigned characters, or too long.
    """
    if via == "sms":
        return e164(text(value)) or text(value)
    name = text(value)
    return name.lower() if name.isascii() else _bounded(_lowered(name))


def _lowered(name: str) -> str:
    previous = None
    while name != previous:
        previous = name
        name = _settled(name.lower())
    return name

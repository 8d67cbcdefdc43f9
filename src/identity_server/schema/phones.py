"""Telephone numbers in international form."""

from functools import lru_cache
from typing import Final

#: Longer texts are no numbers, and are not worth the parser's time.
LONGEST: Final = 64


def e164(text: str) -> str | None:
    """A number that can exist, written with its country, in E.164; None for anything else and for extensions."""
    if len(text) > LONGEST or not text.lstrip().startswith(("+", "＋")) or "@" in text:
        return None
    return _parsed(text)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> str | None:
    # Its tables are large, and most schemas know no telephone numbers.
    import phonenumbers

    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return None
    if number.extension or not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

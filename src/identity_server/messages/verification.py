"""Messages of the verification of addresses."""

from . import ids
from .message import Message, plain


def link_sent() -> Message:
    """A link is on its way."""
    return plain(ids.VERIFICATION_LINK_SENT)


def verified() -> Message:
    """The address is verified."""
    return plain(ids.ADDRESS_VERIFIED)


def code_sent() -> Message:
    """A code is on its way."""
    return plain(ids.VERIFICATION_CODE_SENT)

"""Messages and labels of the recovery."""

from datetime import datetime

from . import ids
from .message import Message, compose, moment, plain, rfc3339


def link_sent() -> Message:
    """A link is on its way, if the address is known."""
    return plain(ids.RECOVERY_LINK_SENT)


def code_sent() -> Message:
    """A code is on its way, if the address is known."""
    return plain(ids.RECOVERY_CODE_SENT)


def give_address() -> Message:
    """The address must be given in full."""
    return plain(ids.GIVE_RECOVERY_ADDRESS)


def choose_address() -> Message:
    """There are several addresses."""
    return plain(ids.CHOOSE_RECOVERY_ADDRESS)


def back() -> Message:
    """The button back to the addresses."""
    return plain(ids.RECOVERY_BACK)


def recovered(privileged_until: datetime) -> Message:
    """The account is open, and its credentials may be changed until then."""
    return compose(
        ids.RECOVERED,
        privilegedSessionExpiresAt=rfc3339(privileged_until),
        **moment("privileged_session_expires_at", privileged_until),
    )


def code_sent_to(masked_address: str) -> Message:
    """A code is on its way to an address that is shown in parts."""
    return compose(ids.RECOVERY_CODE_SENT_TO, masked_address=masked_address)

"""Labels of fields and buttons that several forms share."""

from . import ids
from .message import Message, compose, plain


def password() -> Message:
    """A password."""
    return plain(ids.PASSWORD)


def save() -> Message:
    """The button that stores a change."""
    return plain(ids.SAVE)


def submit() -> Message:
    """A button."""
    return plain(ids.SUBMIT)


def verify_code() -> Message:
    """The field of the first time-based code."""
    return plain(ids.VERIFY_CODE)


def email() -> Message:
    """An e-mail address."""
    return plain(ids.EMAIL)


def resend_code() -> Message:
    """The button that asks for another code."""
    return plain(ids.RESEND_CODE)


def proceed() -> Message:
    """The button or link that goes on."""
    return plain(ids.CONTINUE)


def recovery_code() -> Message:
    """The field of a recovery code."""
    return plain(ids.RECOVERY_CODE)


def verification_code() -> Message:
    """The field of a verification code."""
    return plain(ids.VERIFICATION_CODE)


def registration_code() -> Message:
    """The field of a sign-up code."""
    return plain(ids.REGISTRATION_CODE)


def login_code() -> Message:
    """The field of a sign-in code."""
    return plain(ids.LOGIN_CODE)


def login_and_link() -> Message:
    """The button that signs in and adds a provider."""
    return plain(ids.LOGIN_AND_LINK)


def captcha() -> Message:
    """A captcha."""
    return plain(ids.CAPTCHA)


def recovery_address() -> Message:
    """Any address to recover with."""
    return plain(ids.RECOVERY_ADDRESS)


def phone() -> Message:
    """A telephone number."""
    return plain(ids.PHONE)


def text(shown: str) -> Message:
    """A text that is nothing but itself, such as an address."""
    return Message(ids.TEXT, shown, "info")


def trait(name: str, title: str) -> Message:
    """A trait with its title in the schema; the name is that of its node."""
    return compose(ids.TRAIT, name=name, title=title)


def identifier(name: str = "", title: str = "") -> Message:
    """What people sign in with.

    Args:
        name: the only trait that identifies an account; empty when there are several.
        title: its title in the schema; empty when it has none.
    """
    return trait(name, title) if name and title else plain(ids.IDENTIFIER)

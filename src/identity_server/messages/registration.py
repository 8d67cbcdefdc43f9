"""Messages and labels of the sign-up form."""

from . import ids
from .message import Message, compose, plain


def sign_up() -> Message:
    """The button of a sign-up."""
    return plain(ids.SIGN_UP)


def proceed() -> Message:
    """The button that completes a sign-up begun elsewhere."""
    return plain(ids.CONTINUE_REGISTRATION)


def sign_up_with_security_key() -> Message:
    """The button of security keys."""
    return plain(ids.SIGN_UP_WITH_SECURITY_KEY)


def code_sent() -> Message:
    """A code is on its way."""
    return plain(ids.REGISTRATION_CODE_SENT)


def send_code() -> Message:
    """The button that asks for a code."""
    return plain(ids.SEND_REGISTRATION_CODE)


def sign_up_with_passkey() -> Message:
    """The button of passkeys."""
    return plain(ids.SIGN_UP_WITH_PASSKEY)


def back() -> Message:
    """The button back to the details."""
    return plain(ids.REGISTRATION_BACK)


def choose_credential() -> Message:
    """The details are fine; a credential is needed."""
    return plain(ids.CHOOSE_CREDENTIAL)


def sign_up_with(provider: str, provider_id: str) -> Message:
    """The button of a provider."""
    return compose(ids.SIGN_UP_WITH_PROVIDER, provider=provider, provider_id=provider_id)

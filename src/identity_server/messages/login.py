"""Messages and labels of the login form."""

from collections.abc import Sequence

from . import ids
from .message import Message, compose, plain


def sign_in() -> Message:
    """The button of a sign-in that confirms an open session."""
    return plain(ids.SIGN_IN)


def confirm_identity() -> Message:
    """The session is open, but too old for what was asked."""
    return plain(ids.CONFIRM_IDENTITY)


def second_factor_needed() -> Message:
    """The first factor is done."""
    return plain(ids.SECOND_FACTOR_NEEDED)


def verify_second_factor() -> Message:
    """The button below a second factor."""
    return plain(ids.VERIFY_SECOND_FACTOR)


def authenticator_code_label() -> Message:
    """The field of a time-based code."""
    return plain(ids.AUTHENTICATOR_CODE_LABEL)


def backup_code_label() -> Message:
    """The field of a backup code."""
    return plain(ids.BACKUP_CODE_LABEL)


def use_security_key() -> Message:
    """The button of security keys."""
    return plain(ids.USE_SECURITY_KEY)


def use_authenticator() -> Message:
    """The button of time-based codes."""
    return plain(ids.USE_AUTHENTICATOR)


def use_backup_code() -> Message:
    """The button of backup codes."""
    return plain(ids.USE_BACKUP_CODE)


def continue_with_security_key() -> Message:
    """The button that goes on to the security key."""
    return plain(ids.CONTINUE_WITH_SECURITY_KEY)


def prepare_security_key() -> Message:
    """The browser is about to ask for the key."""
    return plain(ids.PREPARE_SECURITY_KEY)


def proceed() -> Message:
    """The button that starts the browser's dialogue."""
    return plain(ids.CONTINUE_LOGIN)


def code_sent() -> Message:
    """A code is on its way."""
    return plain(ids.LOGIN_CODE_SENT)


def send_code() -> Message:
    """The button that asks for a code."""
    return plain(ids.SEND_LOGIN_CODE)


def sign_in_and_link() -> Message:
    """The button that signs in and adds a provider."""
    return plain(ids.SIGN_IN_AND_LINK)


def request_second_factor_code() -> Message:
    """A code is needed as a second factor."""
    return plain(ids.REQUEST_SECOND_FACTOR_CODE)


def second_factor_code_hint() -> Message:
    """Where the code will go."""
    return plain(ids.SECOND_FACTOR_CODE_HINT)


def use_passkey() -> Message:
    """The button of passkeys."""
    return plain(ids.USE_PASSKEY)


def use_password() -> Message:
    """The button of the password."""
    return plain(ids.USE_PASSWORD)


def sign_in_with(provider: str, provider_id: str) -> Message:
    """The button of a provider."""
    return compose(ids.SIGN_IN_WITH_PROVIDER, provider=provider, provider_id=provider_id)


def confirm_with(provider: str) -> Message:
    """The button of a provider that confirms an open session."""
    return compose(ids.CONFIRM_WITH_PROVIDER, provider=provider)


def send_code_to(address: str, channel: str) -> Message:
    """The button that sends a code to one of several addresses; the channel is ``email`` or ``sms``."""
    return compose(ids.SEND_CODE_TO, address=address, channel=channel)


def sign_in_to_link(
    identifier: str,
    provider: str,
    login_url: str,
    credential_types: Sequence[str] = (),
    providers: Sequence[str] = (),
) -> Message:
    """A provider's account shares an identifier with an account here, which must sign in to be connected."""
    return compose(
        ids.SIGN_IN_TO_LINK,
        available_credential_types=list(credential_types),
        available_providers=list(providers),
        duplicateIdentifier=identifier,
        duplicate_identifier=identifier,
        newLoginUrl=login_url,
        new_login_url=login_url,
        provider=provider,
    )

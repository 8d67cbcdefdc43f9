"""Messages and labels of the settings."""

from collections.abc import Sequence
from datetime import datetime

from . import ids
from .message import Message, compose, moment, plain


def saved() -> Message:
    """A change is stored."""
    return plain(ids.SETTINGS_SAVED)


def unlink_authenticator() -> Message:
    """The button that removes the authenticator app."""
    return plain(ids.UNLINK_AUTHENTICATOR)


def authenticator_qr_label() -> Message:
    """The QR code of the shared secret."""
    return plain(ids.AUTHENTICATOR_QR_LABEL)


def authenticator_secret_label() -> Message:
    """The shared secret in letters."""
    return plain(ids.AUTHENTICATOR_SECRET_LABEL)


def reveal_backup_codes() -> Message:
    """The button that shows the codes."""
    return plain(ids.REVEAL_BACKUP_CODES)


def regenerate_backup_codes() -> Message:
    """The button that makes new codes."""
    return plain(ids.REGENERATE_BACKUP_CODES)


def backup_codes_label() -> Message:
    """The list of codes."""
    return plain(ids.BACKUP_CODES_LABEL)


def confirm_backup_codes() -> Message:
    """The button that stores new codes."""
    return plain(ids.CONFIRM_BACKUP_CODES)


def disable_backup_codes() -> Message:
    """The button that removes the codes."""
    return plain(ids.DISABLE_BACKUP_CODES)


def add_security_key() -> Message:
    """The button that adds a security key."""
    return plain(ids.ADD_SECURITY_KEY)


def security_key_name() -> Message:
    """The field of a key's name."""
    return plain(ids.SECURITY_KEY_NAME)


def add_passkey() -> Message:
    """The button that adds a passkey."""
    return plain(ids.ADD_PASSKEY)


def link_provider(provider: str) -> Message:
    """The button that connects a provider."""
    return compose(ids.LINK_PROVIDER, provider=provider)


def unlink_provider(provider: str) -> Message:
    """The button that disconnects a provider."""
    return compose(ids.UNLINK_PROVIDER, provider=provider)


def authenticator_secret(secret: str) -> Message:
    """The secret shared with an authenticator app."""
    return compose(ids.AUTHENTICATOR_SECRET, secret=secret)


def backup_code(secret: str) -> Message:
    """One unused backup code."""
    return compose(ids.BACKUP_CODE, secret=secret)


def backup_code_used(at: datetime) -> Message:
    """One used backup code."""
    return compose(ids.BACKUP_CODE_USED_AT, **moment("used_at", at))


def backup_codes(codes: Sequence[Message]) -> Message:
    """All backup codes, used ones included."""
    return compose(ids.BACKUP_CODES, secrets=[each.to_json() for each in codes])


def remove_security_key(display_name: str, added_at: datetime) -> Message:
    """The button that removes one security key."""
    return compose(ids.REMOVE_SECURITY_KEY, display_name=display_name, **moment("added_at", added_at))


def remove_passkey(display_name: str, added_at: datetime) -> Message:
    """The button that removes one passkey."""
    return compose(ids.REMOVE_PASSKEY, display_name=display_name, **moment("added_at", added_at))

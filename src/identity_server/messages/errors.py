"""What went wrong."""

from collections.abc import Sequence
from datetime import datetime

from . import ids
from .message import Message, compose, moment, plain


def wrong_credentials() -> Message:
    """Identifier or password do not match; which of them is not told."""
    return plain(ids.WRONG_CREDENTIALS)


def account_exists() -> Message:
    """An identifier is taken."""
    return plain(ids.ACCOUNT_EXISTS)


def wrong_authenticator_code() -> Message:
    """A time-based code or a key's answer does not fit."""
    return plain(ids.WRONG_AUTHENTICATOR_CODE)


def identifiers_missing() -> Message:
    """The traits hold no identifier."""
    return plain(ids.IDENTIFIERS_MISSING)


def address_not_verified() -> Message:
    """Signing in needs a verified address."""
    return plain(ids.ADDRESS_NOT_VERIFIED)


def no_authenticator() -> Message:
    """There is no authenticator app."""
    return plain(ids.NO_AUTHENTICATOR)


def backup_code_used() -> Message:
    """Each backup code works once."""
    return plain(ids.BACKUP_CODE_USED)


def no_security_key() -> Message:
    """There is no security key."""
    return plain(ids.NO_SECURITY_KEY)


def no_backup_codes() -> Message:
    """There are no backup codes."""
    return plain(ids.NO_BACKUP_CODES)


def no_such_security_key_user() -> Message:
    """No account, or one without a security key."""
    return plain(ids.NO_SUCH_SECURITY_KEY_USER)


def wrong_backup_code() -> Message:
    """No such backup code."""
    return plain(ids.WRONG_BACKUP_CODE)


def account_exists_at_link() -> Message:
    """A provider's account belongs to somebody who has an account."""
    return plain(ids.ACCOUNT_EXISTS_AT_LINK)


def password_too_similar() -> Message:
    """The password resembles an identifier."""
    return plain(ids.PASSWORD_TOO_SIMILAR)


def no_code_sign_in() -> Message:
    """No account, or one without codes."""
    return plain(ids.NO_CODE_SIGN_IN)


def traits_changed() -> Message:
    """The traits differ from those the code was sent for."""
    return plain(ids.TRAITS_CHANGED)


def account_not_found() -> Message:
    """No account, or one without a method to sign in."""
    return plain(ids.ACCOUNT_NOT_FOUND)


def captcha_failed() -> Message:
    """The captcha was not solved."""
    return plain(ids.CAPTCHA_FAILED)


def password_unchanged() -> Message:
    """The new password is the old one."""
    return plain(ids.PASSWORD_UNCHANGED)


def no_login_strategy() -> Message:
    """No method feels meant."""
    return plain(ids.NO_LOGIN_STRATEGY)


def no_registration_strategy() -> Message:
    """No method feels meant."""
    return plain(ids.NO_REGISTRATION_STRATEGY)


def no_settings_strategy() -> Message:
    """No method feels meant."""
    return plain(ids.NO_SETTINGS_STRATEGY)


def no_recovery_strategy() -> Message:
    """No method feels meant."""
    return plain(ids.NO_RECOVERY_STRATEGY)


def no_verification_strategy() -> Message:
    """No method feels meant."""
    return plain(ids.NO_VERIFICATION_STRATEGY)


def login_retried() -> Message:
    """The flow has succeeded before."""
    return plain(ids.LOGIN_RETRIED)


def registration_retried() -> Message:
    """The flow has succeeded before."""
    return plain(ids.REGISTRATION_RETRIED)


def recovery_retried() -> Message:
    """The flow has succeeded before."""
    return plain(ids.RECOVERY_RETRIED)


def verification_retried() -> Message:
    """The flow has succeeded before."""
    return plain(ids.VERIFICATION_RETRIED)


def wrong_login_code() -> Message:
    """Wrong or used."""
    return plain(ids.WRONG_LOGIN_CODE)


def wrong_registration_code() -> Message:
    """Wrong or used."""
    return plain(ids.WRONG_REGISTRATION_CODE)


def wrong_recovery_code() -> Message:
    """Wrong or used."""
    return plain(ids.WRONG_RECOVERY_CODE)


def wrong_verification_code() -> Message:
    """Wrong or used."""
    return plain(ids.WRONG_VERIFICATION_CODE)


def wrong_recovery_token() -> Message:
    """Wrong or used."""
    return plain(ids.WRONG_RECOVERY_TOKEN)


def wrong_verification_token() -> Message:
    """Wrong or used."""
    return plain(ids.WRONG_VERIFICATION_TOKEN)


def recovery_token_missing() -> Message:
    """A link without its token."""
    return plain(ids.RECOVERY_TOKEN_MISSING)


def verification_token_missing() -> Message:
    """A link without its token."""
    return plain(ids.VERIFICATION_TOKEN_MISSING)


def linked_credentials_differ() -> Message:
    """Another account signed in than the one to link to."""
    return plain(ids.LINKED_CREDENTIALS_DIFFER)


def address_unknown() -> Message:
    """No account has the address."""
    return plain(ids.ADDRESS_UNKNOWN)


def recovery_failed() -> Message:
    """The flow is in a state that knows no such step."""
    return plain(ids.RECOVERY_FAILED)


def verification_failed() -> Message:
    """The flow is in a state that knows no such step."""
    return plain(ids.VERIFICATION_FAILED)


def no_method_available() -> Message:
    """Everything is switched off."""
    return plain(ids.NO_METHOD_AVAILABLE)


def invalid(reason: str) -> Message:
    """Anything else, with the reason."""
    return compose(ids.INVALID, reason=reason)


def required(name: str) -> Message:
    """A field is missing; the last part of its name."""
    return compose(ids.REQUIRED, property=name)


def not_an_email(value: str) -> Message:
    """A text that is no e-mail address."""
    return compose(ids.NOT_AN_EMAIL, value=value)


def not_a_phone_number(value: str) -> Message:
    """A text that is no international telephone number."""
    return compose(ids.NOT_A_PHONE_NUMBER, value=value)


def account_exists_with_hints(
    identifier: str, credential_types: Sequence[str] = (), providers: Sequence[str] = ()
) -> Message:
    """An identifier is taken; how its owner signs in."""
    return compose(
        ids.ACCOUNT_EXISTS_WITH_HINTS,
        available_credential_types=list(credential_types),
        available_oidc_providers=list(providers),
        credential_identifier_hint=identifier,
    )


def password_refused(reason: str) -> Message:
    """Any other rule for passwords."""
    return compose(ids.PASSWORD_REFUSED, reason=reason)


def password_too_short(min_length: int, actual_length: int) -> Message:
    """Fewer characters than configured."""
    return compose(ids.PASSWORD_TOO_SHORT, min_length=min_length, actual_length=actual_length)


def password_too_long(max_length: int, actual_length: int) -> Message:
    """More bytes than the hash takes."""
    return compose(ids.PASSWORD_TOO_LONG, max_length=max_length, actual_length=actual_length)


def password_breached(breaches: int) -> Message:
    """The password was seen in data breaches, that many times."""
    return compose(ids.PASSWORD_BREACHED, breaches=breaches)


def login_expired(at: datetime) -> Message:
    """The flow ended then."""
    return compose(ids.LOGIN_EXPIRED, **moment("expired_at", at))


def registration_expired(at: datetime) -> Message:
    """The flow ended then."""
    return compose(ids.REGISTRATION_EXPIRED, **moment("expired_at", at))


def settings_expired(at: datetime) -> Message:
    """The flow ended then."""
    return compose(ids.SETTINGS_EXPIRED, **moment("expired_at", at))


def recovery_expired(at: datetime) -> Message:
    """The flow ended then."""
    return compose(ids.RECOVERY_EXPIRED, **moment("expired_at", at))


def verification_expired(at: datetime) -> Message:
    """The flow ended then."""
    return compose(ids.VERIFICATION_EXPIRED, **moment("expired_at", at))


def system_error(reason: str) -> Message:
    """A fault of the server or its configuration."""
    return compose(ids.SYSTEM_ERROR, reason=reason)


def too_many_attempts(retry_after: int) -> Message:
    """The budget of attempts is used up; seconds until there is a new one."""
    return compose(ids.TOO_MANY_ATTEMPTS, retry_after=retry_after)

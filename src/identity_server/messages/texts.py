"""The type, the English text and the context of every message.

A text may name members of its context in braces. A translation is another table with the same numbers and members.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from . import ids

Kind = Literal["info", "success", "error"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One message as the table has it.

    Attributes:
        kind: its type.
        text: with ``{member}`` where a member of the context goes.
        members: the context's members; none means that the message has no context.
    """

    kind: Kind
    text: str
    members: tuple[str, ...] = ()


def _info(text: str, *members: str) -> Entry:
    return Entry("info", text, members)


def _success(text: str, *members: str) -> Entry:
    return Entry("success", text, members)


def _error(text: str, *members: str) -> Entry:
    return Entry("error", text, members)


_EXPIRED: Final = ("expired_at", "expired_at_unix")
_ADDED: Final = ("added_at", "added_at_unix", "display_name")

TABLE: Final[Mapping[int, Entry]] = {
    ids.SIGN_IN: _info("Sign in"),
    ids.SIGN_IN_WITH_PROVIDER: _info("Sign in with {provider}", "provider", "provider_id"),
    ids.CONFIRM_IDENTITY: _info("Before you go on, please show that it is you."),
    ids.SECOND_FACTOR_NEEDED: _info("One more step: please use your second factor."),
    ids.VERIFY_SECOND_FACTOR: _info("Check"),
    ids.AUTHENTICATOR_CODE_LABEL: _info("Code from your authenticator app"),
    ids.BACKUP_CODE_LABEL: _info("Backup code"),
    ids.USE_SECURITY_KEY: _info("Use a security key"),
    ids.USE_AUTHENTICATOR: _info("Use the authenticator app"),
    ids.USE_BACKUP_CODE: _info("Use a backup code"),
    ids.CONTINUE_WITH_SECURITY_KEY: _info("Go on with a security key"),
    ids.PREPARE_SECURITY_KEY: _info("Have your security key or fingerprint reader at hand, then go on."),
    ids.CONTINUE_LOGIN: _info("Go on"),
    ids.LOGIN_CODE_SENT: _info(
        "We have sent you a code. Nothing there? Check how you wrote the address and ask again."
    ),
    ids.SEND_LOGIN_CODE: _info("Send me a code to sign in"),
    ids.SIGN_IN_TO_LINK: _info(
        "{duplicate_identifier} already belongs to an account here. Sign in to it once, and {provider} is added to it.",
        "available_credential_types",
        "available_providers",
        "duplicateIdentifier",
        "duplicate_identifier",
        "newLoginUrl",
        "new_login_url",
        "provider",
    ),
    ids.SIGN_IN_AND_LINK: _info("Sign in and add it"),
    ids.CONFIRM_WITH_PROVIDER: _info("Confirm with {provider}", "provider"),
    ids.REQUEST_SECOND_FACTOR_CODE: _info("Ask for a code to go on."),
    ids.SECOND_FACTOR_CODE_HINT: _info("We will send you a code."),
    ids.USE_PASSKEY: _info("Use a passkey"),
    ids.USE_PASSWORD: _info("Sign in with the password"),
    ids.SEND_CODE_TO: _info("Send a code to {address}", "address", "channel"),
    ids.SIGN_UP: _info("Create account"),
    ids.SIGN_UP_WITH_PROVIDER: _info("Create account with {provider}", "provider", "provider_id"),
    ids.CONTINUE_REGISTRATION: _info("Go on"),
    ids.SIGN_UP_WITH_SECURITY_KEY: _info("Create account with a security key"),
    ids.REGISTRATION_CODE_SENT: _info(
        "We have sent you a code. Nothing there? Check how you wrote the address and start again."
    ),
    ids.SEND_REGISTRATION_CODE: _info("Send me a code to create the account"),
    ids.SIGN_UP_WITH_PASSKEY: _info("Create account with a passkey"),
    ids.REGISTRATION_BACK: _info("Back"),
    ids.CHOOSE_CREDENTIAL: _info("How do you want to sign in from now on?"),
    ids.SETTINGS_SAVED: _success("Saved."),
    ids.LINK_PROVIDER: _info("Connect {provider}", "provider"),
    ids.UNLINK_PROVIDER: _info("Disconnect {provider}", "provider"),
    ids.UNLINK_AUTHENTICATOR: _info("Remove the authenticator app"),
    ids.AUTHENTICATOR_QR_LABEL: _info("Scan this with your authenticator app"),
    ids.AUTHENTICATOR_SECRET: _info("{secret}", "secret"),
    ids.REVEAL_BACKUP_CODES: _info("Show the backup codes"),
    ids.REGENERATE_BACKUP_CODES: _info("Make new backup codes"),
    ids.BACKUP_CODE: _info("{secret}", "secret"),
    ids.BACKUP_CODES_LABEL: _info("Your backup codes. Keep them where only you can find them."),
    ids.CONFIRM_BACKUP_CODES: _info("I have kept them"),
    ids.ADD_SECURITY_KEY: _info("Add a security key"),
    ids.SECURITY_KEY_NAME: _info("Name for the security key"),
    ids.BACKUP_CODE_USED_AT: _info("used on {used_at}", "used_at", "used_at_unix"),
    ids.BACKUP_CODES: _info("{secrets}", "secrets"),
    ids.DISABLE_BACKUP_CODES: _info("Remove the backup codes"),
    ids.AUTHENTICATOR_SECRET_LABEL: _info("Cannot scan? Type this into your authenticator app."),
    ids.REMOVE_SECURITY_KEY: _info("Remove the security key “{display_name}”", *_ADDED),
    ids.ADD_PASSKEY: _info("Add a passkey"),
    ids.REMOVE_PASSKEY: _info("Remove the passkey “{display_name}”", *_ADDED),
    ids.RECOVERED: _success(
        "Welcome back. Set a new password or another way to sign in now: without it you are locked out again.",
        "privilegedSessionExpiresAt",
        "privileged_session_expires_at",
        "privileged_session_expires_at_unix",
    ),
    ids.RECOVERY_LINK_SENT: _info(
        "If this address belongs to an account, a link is on its way. Nothing there? Check how you wrote the address, "
        "and whether it is the one you signed up with."
    ),
    ids.RECOVERY_CODE_SENT: _info(
        "If this address belongs to an account, a code is on its way. Nothing there? Check how you wrote the address, "
        "and whether it is the one you signed up with."
    ),
    ids.RECOVERY_CODE_SENT_TO: _info(
        "A code is on its way to {masked_address}. Nothing there? Check how you wrote the address.", "masked_address"
    ),
    ids.GIVE_RECOVERY_ADDRESS: _info("Please write the address in full."),
    ids.CHOOSE_RECOVERY_ADDRESS: _info("Where shall the code go?"),
    ids.RECOVERY_BACK: _info("Back"),
    ids.TEXT: _info("{text}"),
    ids.PASSWORD: _info("Password"),
    ids.TRAIT: _info("{title}", "name", "title"),
    ids.SAVE: _info("Save"),
    ids.IDENTIFIER: _info("Name, e-mail or phone"),
    ids.SUBMIT: _info("Send"),
    ids.VERIFY_CODE: _info("Code from the app"),
    ids.EMAIL: _info("E-mail"),
    ids.RESEND_CODE: _info("Send another code"),
    ids.CONTINUE: _info("Continue"),
    ids.RECOVERY_CODE: _info("Recovery code"),
    ids.VERIFICATION_CODE: _info("Verification code"),
    ids.REGISTRATION_CODE: _info("Sign-up code"),
    ids.LOGIN_CODE: _info("Sign-in code"),
    ids.LOGIN_AND_LINK: _info("Sign in and add"),
    ids.CAPTCHA: _info("Are you human?"),
    ids.RECOVERY_ADDRESS: _info("Your e-mail address or phone number"),
    ids.PHONE: _info("Phone"),
    ids.VERIFICATION_LINK_SENT: _info(
        "A link is on its way to you. Nothing there? Check how you wrote the address, and ask for another."
    ),
    ids.ADDRESS_VERIFIED: _success("Thank you, this address is yours."),
    ids.VERIFICATION_CODE_SENT: _info(
        "A code is on its way to you. Nothing there? Check how you wrote the address, and ask for another."
    ),
    ids.INVALID: _error("{reason}", "reason"),
    ids.REQUIRED: _error("Please fill in {property}.", "property"),
    ids.TOO_SHORT: _error(
        "At least {min_length} characters, please; these are {actual_length}.", "min_length", "actual_length"
    ),
    ids.PATTERN_MISMATCH: _error("This must have the form {pattern}.", "pattern"),
    ids.PASSWORD_REFUSED: _error("This password cannot be used: {reason}.", "reason"),
    ids.WRONG_CREDENTIALS: _error("That did not match. Check what you typed: the name or address, and the password."),
    ids.ACCOUNT_EXISTS: _error("Somebody has an account with this name or address already."),
    ids.WRONG_AUTHENTICATOR_CODE: _error("This code is not right. Wait for the next one and try again."),
    ids.IDENTIFIERS_MISSING: _error("Please give a name or an address to sign in with."),
    ids.ADDRESS_NOT_VERIFIED: _error("Your address is not confirmed yet. Look for our message to it."),
    ids.NO_AUTHENTICATOR: _error("You have not set up an authenticator app."),
    ids.BACKUP_CODE_USED: _error("This backup code has been used; each works once."),
    ids.NO_SECURITY_KEY: _error("You have not set up a security key."),
    ids.NO_BACKUP_CODES: _error("You have no backup codes."),
    ids.NO_SUCH_SECURITY_KEY_USER: _error("There is no such account, or it has no security key."),
    ids.WRONG_BACKUP_CODE: _error("This is none of your backup codes."),
    ids.TOO_LONG: _error(
        "At most {max_length} characters, please; these are {actual_length}.", "max_length", "actual_length"
    ),
    ids.BELOW_MINIMUM: _error("This must be {minimum} or more, and is {actual}.", "minimum", "actual"),
    ids.NOT_ABOVE_MINIMUM: _error("This must be more than {minimum}, and is {actual}.", "minimum", "actual"),
    ids.ABOVE_MAXIMUM: _error("This must be {maximum} or less, and is {actual}.", "maximum", "actual"),
    ids.NOT_BELOW_MAXIMUM: _error("This must be less than {maximum}, and is {actual}.", "maximum", "actual"),
    ids.NOT_A_MULTIPLE: _error("{actual} is not a multiple of {base}.", "base", "actual"),
    ids.TOO_MANY_ITEMS: _error(
        "At most {max_items} entries, please; these are {actual_items}.", "max_items", "actual_items"
    ),
    ids.TOO_FEW_ITEMS: _error(
        "At least {min_items} entries, please; these are {actual_items}.", "min_items", "actual_items"
    ),
    ids.ITEMS_NOT_UNIQUE: _error(
        "The entries {index_a} and {index_b}, counted from 0, are the same.", "index_a", "index_b"
    ),
    ids.WRONG_TYPE: _error(
        "This must be of the type {allowed_types}, and is {actual_type}.", "allowed_types", "actual_type"
    ),
    ids.ACCOUNT_EXISTS_AT_LINK: _error(
        "An account with this name or address exists; sign in to it to connect this one."
    ),
    ids.ACCOUNT_EXISTS_WITH_HINTS: _error(
        "{credential_identifier_hint} belongs to an account already. Sign in instead.",
        "available_credential_types",
        "available_oidc_providers",
        "credential_identifier_hint",
    ),
    ids.NOT_THE_CONSTANT: _error("This must be {expected}.", "expected"),
    ids.NOT_A_HIDDEN_CONSTANT: _error("This is not the one value that is allowed."),
    ids.PASSWORD_TOO_SIMILAR: _error("This password is too much like your name or address."),
    ids.PASSWORD_TOO_SHORT: _error(
        "A password has at least {min_length} characters; this one has {actual_length}.", "min_length", "actual_length"
    ),
    ids.PASSWORD_TOO_LONG: _error(
        "A password has at most {max_length} characters; this one has {actual_length}.", "max_length", "actual_length"
    ),
    ids.PASSWORD_BREACHED: _error("This password is known from data breaches; please choose another.", "breaches"),
    ids.NO_CODE_SIGN_IN: _error("There is no such account, or it does not sign in with codes."),
    ids.TRAITS_CHANGED: _error("These are not the details that the code was sent for. Please start again."),
    ids.ACCOUNT_NOT_FOUND: _error("There is no such account, or it has no way to sign in."),
    ids.CAPTCHA_FAILED: _error("Please try the captcha again."),
    ids.PASSWORD_UNCHANGED: _error("This is the password you have."),
    ids.NOT_AN_EMAIL: _error("This is not an e-mail address.", "value"),
    ids.NOT_A_PHONE_NUMBER: _error("This is not a telephone number with its country, as in +49 30 123456.", "value"),
    ids.LOGIN_EXPIRED: _error("This took too long. Please sign in again.", *_EXPIRED),
    ids.NO_LOGIN_STRATEGY: _error("The form does not say how to sign in. Please fill it in again."),
    ids.NO_REGISTRATION_STRATEGY: _error("The form does not say how to create the account. Please fill it in again."),
    ids.NO_SETTINGS_STRATEGY: _error("The form does not say what to change. Please fill it in again."),
    ids.NO_RECOVERY_STRATEGY: _error("The form does not say how to recover the account. Please fill it in again."),
    ids.NO_VERIFICATION_STRATEGY: _error("The form does not say how to confirm the address. Please fill it in again."),
    ids.LOGIN_RETRIED: _error("This sign-in is finished already. Please start again."),
    ids.WRONG_LOGIN_CODE: _error("This code is wrong or has been used. Please try again."),
    ids.LINKED_CREDENTIALS_DIFFER: _error("These are not the accounts that were to be connected."),
    ids.ADDRESS_UNKNOWN: _error("This address is not known here."),
    ids.REGISTRATION_EXPIRED: _error("This took too long. Please create the account again.", *_EXPIRED),
    ids.REGISTRATION_RETRIED: _error("This sign-up is finished already. Please start again."),
    ids.WRONG_REGISTRATION_CODE: _error("This code is wrong or has been used. Please try again."),
    ids.SETTINGS_EXPIRED: _error("This took too long. Please open the settings again.", *_EXPIRED),
    ids.RECOVERY_RETRIED: _error("This recovery is finished already. Please start again."),
    ids.RECOVERY_FAILED: _error("The recovery cannot go on from here. Please start again."),
    ids.RECOVERY_TOKEN_MISSING: _error("The link is not complete. Please copy all of it."),
    ids.WRONG_RECOVERY_TOKEN: _error("This link is wrong or has been used. Please ask for another."),
    ids.RECOVERY_EXPIRED: _error("This took too long. Please start the recovery again.", *_EXPIRED),
    ids.WRONG_RECOVERY_CODE: _error("This code is wrong or has been used. Please try again."),
    ids.WRONG_VERIFICATION_TOKEN: _error("This link is wrong or has been used. Please ask for another."),
    ids.VERIFICATION_RETRIED: _error("This address is confirmed already. Please start again for another."),
    ids.VERIFICATION_FAILED: _error("The confirmation cannot go on from here. Please start again."),
    ids.VERIFICATION_TOKEN_MISSING: _error("The link is not complete. Please copy all of it."),
    ids.VERIFICATION_EXPIRED: _error("This took too long. Please ask for another confirmation.", *_EXPIRED),
    ids.WRONG_VERIFICATION_CODE: _error("This code is wrong or has been used. Please try again."),
    ids.SYSTEM_ERROR: _error("Something went wrong here: {reason}", "reason"),
    ids.NO_METHOD_AVAILABLE: _error("There is no way to sign in. Please ask whoever runs this site."),
    ids.TOO_MANY_ATTEMPTS: _error("Too many attempts. Try again in {retry_after} seconds.", "retry_after"),
}

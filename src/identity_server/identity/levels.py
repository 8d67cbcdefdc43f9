"""Which assurance level an identity's credentials can reach."""

from collections.abc import Callable
from dataclasses import dataclass

from identity_server.identity.model import Credential, Identity


@dataclass(frozen=True)
class Factors:
    """What the configuration makes of a credential.

    Attributes:
        code_is_first: one-time codes sign in by themselves (``methods.code.passwordless_enabled``).
        code_is_second: one-time codes are a second factor (``methods.code.mfa_enabled``).
    """

    code_is_first: bool = False
    code_is_second: bool = False

    @property
    def creates_code_credential(self) -> bool:
        """Whether identities get a code credential from their addresses."""
        return self.code_is_first or self.code_is_second


def _keys(credential: Credential, *, passwordless: bool) -> int:
    keys = credential.config.get("credentials") or []
    return sum(1 for key in keys if bool(key.get("is_passwordless")) is passwordless)


def _password(credential: Credential) -> int:
    usable = credential.config.get("hashed_password") or credential.config.get("use_password_migration_hook")
    return 1 if usable and credential.identifiers else 0


_FIRST: dict[str, Callable[[Credential], int]] = {
    "password": _password,
    "oidc": lambda credential: len(credential.config.get("providers") or []),
    "saml": lambda credential: len(credential.config.get("providers") or []),
    "webauthn": lambda credential: _keys(credential, passwordless=True),
    "passkey": lambda credential: len(credential.config.get("credentials") or []),
}
_SECOND: dict[str, Callable[[Credential], int]] = {
    "totp": lambda credential: 1 if credential.config.get("totp_url") else 0,
    "lookup_secret": lambda credential: 1 if credential.config.get("recovery_codes") else 0,
    "webauthn": lambda credential: _keys(credential, passwordless=False),
}


def first_factors(identity: Identity, factors: Factors) -> int:
    """How many first factors an identity has; with codes for signing in, everybody has one more."""
    counted = sum(count(identity.credentials[kind]) for kind, count in _FIRST.items() if kind in identity.credentials)
    return counted + int(factors.code_is_first)


def second_factors(identity: Identity, factors: Factors) -> int:
    """How many second factors an identity has."""
    counted = sum(count(identity.credentials[kind]) for kind, count in _SECOND.items() if kind in identity.credentials)
    code = identity.credentials.get("code")
    if factors.code_is_second and code is not None:
        counted += len(code.config.get("addresses") or [])
    return counted


def available_aal(identity: Identity, factors: Factors) -> str:
    """The highest level within reach: two as soon as one second factor exists, even without a first one."""
    if second_factors(identity, factors):
        return "aal2"
    code = identity.credentials.get("code")
    has_code = factors.code_is_first and code is not None and bool(code.config.get("addresses"))
    return "aal1" if first_factors(identity, Factors()) or has_code else "aal0"

"""This site as a security key knows it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from identity_server.configuration import Configuration

DISCOURAGED: Final = "discouraged"
REQUIRED: Final = "required"
#: What go-webauthn waits with and without a check of the person.
_LONG: Final = timedelta(minutes=5)
_SHORT: Final = timedelta(minutes=2)
_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True)
class RelyingParty:
    """What the configuration says about one of the two methods.

    Attributes:
        id: the domain that keys are bound to.
        name: the site's name as a person reads it.
        origins: where a browser may be when it uses a key.
        attachment: ``platform`` or ``cross-platform``; empty for any.
        resident_key: whether a key must be found without its user being named; empty when it does not matter.
        user_verification: whether the authenticator checks the person.
        attestation: how much proof of the authenticator's make is asked for.
    """

    id: str
    name: str
    origins: tuple[str, ...]
    attachment: str = ""
    resident_key: str = ""
    user_verification: str = DISCOURAGED
    attestation: str = "none"
    registration_timeout: timedelta = _SHORT
    login_timeout: timedelta = _SHORT

    @property
    def verifies_users(self) -> bool:
        """Whether an answer without a check of the person is refused."""
        return self.user_verification == REQUIRED


def for_security_keys(configuration: Configuration) -> RelyingParty:
    """The relying party of ``webauthn``."""
    key = "selfservice.methods.webauthn.config.rp"
    single = configuration.text(f"{key}.origin")
    return RelyingParty(
        id=configuration.text(f"{key}.id") or "",
        name=configuration.text(f"{key}.display_name") or "",
        origins=_origins([single] if single else configuration.texts(f"{key}.origins"), key, configuration),
    )


def for_passkeys(configuration: Configuration) -> RelyingParty:
    """The relying party of ``passkey``."""
    key = "selfservice.methods.passkey.config"
    verification = configuration.text(f"{key}.authenticator_selection.user_verification") or "preferred"
    usual = _SHORT if verification == DISCOURAGED else _LONG
    return RelyingParty(
        id=configuration.text(f"{key}.rp.id") or "",
        name=configuration.text(f"{key}.rp.display_name") or "",
        origins=_origins(configuration.texts(f"{key}.rp.origins"), f"{key}.rp", configuration),
        attachment=configuration.text(f"{key}.authenticator_selection.attachment") or "platform",
        resident_key=configuration.text(f"{key}.authenticator_selection.resident_key") or REQUIRED,
        user_verification=verification,
        attestation=configuration.text(f"{key}.attestation.preference") or "none",
        registration_timeout=configuration.duration(f"{key}.timeouts.registration") or usual,
        login_timeout=configuration.duration(f"{key}.timeouts.login") or usual,
    )


def _origins(configured: list[str], key: str, configuration: Configuration) -> tuple[str, ...]:
    """The origins without what follows them; unset, the relying party's domain over the scheme of this server."""
    if configured:
        return tuple(_origin(text) for text in configured)
    return (_origin(f"{urlsplit(configuration.public_base_url).scheme}://{configuration.text(f'{key}.id')}"),)


def _origin(text: str) -> str:
    """An origin as browsers write it: in lower case, without a port that the scheme implies, and without a path."""
    parts = urlsplit(text)
    if not parts.hostname:
        return text  # applications on Android are called android:apk-key-hash:… as a whole
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    implied = parts.port is None or parts.port == _PORTS.get(parts.scheme)
    return f"{parts.scheme}://{host}" if implied else f"{parts.scheme}://{host}:{parts.port}"

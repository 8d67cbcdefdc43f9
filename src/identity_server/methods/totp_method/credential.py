"""The secret that an authenticator app shares, and which code it shows when.

Stored as the app's own address (``otpauth://…``), as Kratos does, sealed when a cipher is configured.
"""

import base64
import secrets
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qs, quote, urlsplit

import structlog

from identity_server.ciphers import at_rest
from identity_server.ciphers.comparison import compare
from identity_server.ciphers.errors import Unreadable
from identity_server.configuration import Configuration
from identity_server.identity.model import Identity
from identity_server.services import Services

METHOD: Final = "totp"
#: The step of the last code that counted; of this server alone, and never shown.
LAST_STEP: Final = "last_step"
_SECRET_BYTES: Final = 20
_PERIOD: Final = 30
#: How many steps a clock may be off, in either direction (RFC 6238 §5.2).
_SKEW: Final = 1
_PLAIN: Final = "$&+,/:;=@"
#: Characters of a name; more would not fit into a QR code that a camera can read.
_LONGEST: Final = 128

log = structlog.get_logger("totp")


def new_url(issuer: str, account: str) -> str:
    """The address of a new secret of 160 bits: six digits every thirty seconds (RFC 6238, SHA-1)."""
    secret = base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode()
    site = issuer[:_LONGEST]
    label = quote(f"{site}:{account[:_LONGEST]}", safe=_PLAIN)
    return f"otpauth://totp/{label}?algorithm=SHA1&digits=6&issuer={quote(site)}&period={_PERIOD}&secret={secret}"


def secret_of(url: str) -> str:
    """The secret as a person types it into an app."""
    return parse_qs(urlsplit(url).query).get("secret", [""])[0]


def issuer(services: Services) -> str:
    """The name of this site in the app."""
    configured = services.configuration.text("selfservice.methods.totp.config.issuer")
    return configured or urlsplit(services.public_url).hostname or ""


def codes_count_once(configuration: Configuration) -> bool:
    """Whether a code counts once (RFC 6238 §5.2); Kratos takes it again, so unless set development does too."""
    reuse = configuration.get("selfservice.methods.totp.config.allow_code_reuse")
    return not configuration.dev if reuse is None else not reuse


def matching_step(url: str, code: str, moment: datetime) -> int | None:
    """The number of the step whose code it is, or None; codes of neighbouring steps count as well."""
    import pyotp
    from pyotp.totp import TOTP

    try:
        app = pyotp.parse_uri(url)
        if not isinstance(app, TOTP):
            return None
        current = int(moment.timestamp()) // app.interval
        steps = range(current - _SKEW, current + _SKEW + 1)
        matching = [step for step in steps if compare(app.generate_otp(step), "".join(code.split()))]
    except (ValueError, ZeroDivisionError):
        # An address from elsewhere may hold anything.
        return None
    return matching[0] if matching else None


def stored_url(services: Services, identity: Identity | None) -> str:
    """The address that an identity's app was set up with; nothing without an app, or when no secret opens it."""
    credential = identity.credential(METHOD) if identity else None
    stored = str(credential.config.get("totp_url") or "") if credential else ""
    try:
        return at_rest.opened(services.cipher, stored)
    except Unreadable:
        log.error("an authenticator cannot be read; is a cipher secret missing?", identity=identity and identity.id)
        return ""


def has_app(identity: Identity | None) -> bool:
    """Whether an authenticator app is set up."""
    credential = identity.credential(METHOD) if identity else None
    return bool(credential and credential.config.get("totp_url"))


def config_of(services: Services, url: str, step: int) -> dict[str, Any]:
    """What is stored of an app whose code of a step counted."""
    config: dict[str, Any] = {"totp_url": at_rest.sealed(services.cipher, url)}
    if codes_count_once(services.configuration):
        config[LAST_STEP] = step
    return config

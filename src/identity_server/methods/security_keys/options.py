"""What the browser is given for its dialogue, in the shape and with the values of Kratos."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from identity_server.methods.security_keys.challenges import Challenge, encoded
from identity_server.methods.security_keys.relying_party import REQUIRED, RelyingParty
from identity_server.methods.security_keys.stored_keys import StoredKey

#: COSE algorithms (RFC 9053): ECDSA, RSA PKCS #1 v1.5 and PSS with SHA-256, -384, -512, and EdDSA.
ALGORITHMS: Final = (-7, -35, -36, -257, -258, -259, -37, -38, -39, -8)


def creation(party: RelyingParty, challenge: Challenge, name: str, known: Sequence[StoredKey] = ()) -> dict[str, Any]:
    """Options for ``navigator.credentials.create``.

    Args:
        name: what the browser calls the account; the site's name when it is not known yet.
        known: keys that the person has; their authenticators refuse to make another.
    """
    shown = name or party.name
    public: dict[str, Any] = {
        "rp": {"name": party.name, "id": party.id},
        "user": {"name": shown, "displayName": shown, "id": encoded(challenge.user)},
        "challenge": encoded(challenge.value),
        "pubKeyCredParams": [{"type": "public-key", "alg": number} for number in ALGORITHMS],
        "timeout": _milliseconds(party.registration_timeout),
        "authenticatorSelection": _selection(party),
    }
    if party.attestation != "none":
        public["attestation"] = party.attestation
    if known:
        public["excludeCredentials"] = [_descriptor(key) for key in known]
    return {"publicKey": public}


def request(party: RelyingParty, challenge: Challenge, allowed: Sequence[StoredKey] = ()) -> dict[str, Any]:
    """Options for ``navigator.credentials.get``; without allowed keys, for any that the authenticator finds itself."""
    public: dict[str, Any] = {
        "challenge": encoded(challenge.value),
        "timeout": _milliseconds(party.login_timeout),
        "rpId": party.id,
        "userVerification": party.user_verification,
    }
    if allowed:
        public["allowCredentials"] = [_descriptor(key) for key in allowed]
    return {"publicKey": public}


def _selection(party: RelyingParty) -> dict[str, Any]:
    selection: dict[str, Any] = {"userVerification": party.user_verification}
    if party.resident_key:
        selection["requireResidentKey"] = party.resident_key == REQUIRED
        selection["residentKey"] = party.resident_key
    if party.attachment:
        selection["authenticatorAttachment"] = party.attachment
    return selection


def _descriptor(key: StoredKey) -> dict[str, Any]:
    shown: dict[str, Any] = {"type": "public-key", "id": encoded(key.id)}
    if key.transports:
        shown["transports"] = list(key.transports)
    return shown


def _milliseconds(span: timedelta) -> int:
    return round(span.total_seconds() * 1000)

"""The messages there are, the data that each has, and the names of that data in templates.

Data is stored and handed to HTTP services under JSON names (``recovery_code``); templates use Go's (``.RecoveryCode``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from identity_server.courier.message import MessageType

Name = Literal[
    "recovery_valid",
    "recovery_invalid",
    "recovery_code_valid",
    "recovery_code_invalid",
    "verification_valid",
    "verification_invalid",
    "verification_code_valid",
    "verification_code_invalid",
    "login_code_valid",
    "registration_code_valid",
    "verifiable_address_changed",
    "stub",
]

#: Go's name of each member of the data, and what a template finds where the data has none: Go's zero value.
GO_NAMES: Mapping[str, str] = {
    "to": "To",
    "recovery_url": "RecoveryURL",
    "recovery_code": "RecoveryCode",
    "verification_url": "VerificationURL",
    "verification_code": "VerificationCode",
    "login_code": "LoginCode",
    "registration_code": "RegistrationCode",
    "identity": "Identity",
    "traits": "Traits",
    "request_url": "RequestURL",
    "request_url_domain": "RequestURLDomain",
    "transient_payload": "TransientPayload",
    "expires_in_minutes": "ExpiresInMinutes",
    "oauth2_login_request": "OAuth2LoginRequest",
    "changed_at": "ChangedAt",
    "subject": "Subject",
    "body": "Body",
    "html_body": "HTMLBody",
}
_ZERO: Mapping[str, Any] = {
    "identity": None,
    "traits": None,
    "transient_payload": None,
    "oauth2_login_request": None,
    "expires_in_minutes": 0,
}


@dataclass(frozen=True, slots=True)
class TemplateType:
    """A kind of message.

    Attributes:
        name: ``template_type`` of its messages.
        folder: its files below ``courier.template_override_path``.
        option: its key below ``courier.templates``.
        data: JSON names of its data besides ``to``.
        code: the JSON name of its code, if it has one.
        sms: whether it can be an SMS.
    """

    name: Name
    folder: str
    option: tuple[str, ...]
    data: tuple[str, ...]
    code: str = ""
    sms: bool = False

    def fields(self, message_type: MessageType) -> frozenset[str]:
        """The names that templates of the type may use."""
        extra = ("request_url_domain",) if message_type == "sms" else ()
        # An SMS keeps a recovery code as verification_code; either name works in either template.
        both = ("verification_code",) if self.code == "recovery_code" else ()
        return frozenset(GO_NAMES[name] for name in ("to", *self.data, *extra, *both))


_FLOW = ("request_url", "transient_payload")
_KNOWN = ("identity", *_FLOW, "expires_in_minutes")
_OAUTH = ("oauth2_login_request",)


def _type(name: Name, *data: str, code: str = "") -> TemplateType:
    base, _, state = name.rpartition("_")
    if state not in ("valid", "invalid"):
        return TemplateType(name, name, (name,), data, code, name == "verifiable_address_changed")
    return TemplateType(name, f"{base}/{state}", (base, state), data, code, bool(code))


TYPES: Mapping[str, TemplateType] = {
    kind.name: kind
    for kind in (
        _type("recovery_valid", "recovery_url", *_KNOWN),
        _type("recovery_invalid", *_FLOW),
        _type("recovery_code_valid", "recovery_code", *_KNOWN, code="recovery_code"),
        _type("recovery_code_invalid", *_FLOW),
        _type("verification_valid", "verification_url", *_KNOWN, *_OAUTH),
        _type("verification_invalid", *_FLOW),
        _type(
            "verification_code_valid",
            "verification_url",
            "verification_code",
            *_KNOWN,
            *_OAUTH,
            code="verification_code",
        ),
        _type("verification_code_invalid", *_FLOW),
        _type("login_code_valid", "login_code", *_KNOWN, *_OAUTH, code="login_code"),
        _type("registration_code_valid", "registration_code", "traits", *_KNOWN, *_OAUTH, code="registration_code"),
        _type("verifiable_address_changed", "identity", "changed_at", "transient_payload"),
        _type("stub", "subject", "body", "html_body"),
    )
}


def go_data(data: Mapping[str, Any]) -> dict[str, Any]:
    """Data under Go's names; every name exists, so that ``{{ if .X }}`` never meets a missing one."""
    shown = {go: data.get(name, _ZERO.get(name, "")) for name, go in GO_NAMES.items()}
    code = data.get("recovery_code") or data.get("verification_code") or ""
    return shown | {"RecoveryCode": code, "VerificationCode": code}

"""Answers of browsers: JSON with bytes in base64url, read strictly, so that one answer has one spelling."""

from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from identity_server.methods.security_keys.challenges import decoded

#: Attestations with chains of certificates take a few kilobytes.
_LONGEST: Final = 64 * 1024
_TRANSPORTS: Final = frozenset(("usb", "nfc", "ble", "smart-card", "hybrid", "internal"))


class UnreadableAnswer(ValueError):
    """What was submitted is no answer of a key."""


@dataclass(frozen=True)
class Attestation:
    """How a key was made.

    Attributes:
        id: the key's.
    """

    id: bytes
    client_data: bytes = field(repr=False)
    attestation_object: bytes = field(repr=False)
    transports: tuple[str, ...] = ()


@dataclass(frozen=True)
class Assertion:
    """What a key signed.

    Attributes:
        id: the key's.
        user_handle: whom the key was made for; empty when it does not tell.
    """

    id: bytes
    user_handle: bytes
    client_data: bytes = field(repr=False)
    authenticator_data: bytes = field(repr=False)
    signature: bytes = field(repr=False)


def attestation(text: str) -> Attestation:
    """The answer to a creation.

    Raises:
        UnreadableAnswer: when it is none.
    """
    key_id, response = _read(text)
    return Attestation(
        key_id,
        client_data=_octets(response, "clientDataJSON"),
        attestation_object=_octets(response, "attestationObject"),
        transports=_transports(response.get("transports")),
    )


def assertion(text: str) -> Assertion:
    """The answer to a challenge.

    Raises:
        UnreadableAnswer: when it is none.
    """
    key_id, response = _read(text)
    return Assertion(
        key_id,
        user_handle=_octets(response, "userHandle") if response.get("userHandle") else b"",
        client_data=_octets(response, "clientDataJSON"),
        authenticator_data=_octets(response, "authenticatorData"),
        signature=_octets(response, "signature"),
    )


def _read(text: str) -> tuple[bytes, dict[str, Any]]:
    if len(text) > _LONGEST:
        raise UnreadableAnswer("it is too long")
    try:
        value = orjson.loads(text)
    except ValueError as error:
        raise UnreadableAnswer("it is not JSON") from error
    if not isinstance(value, dict) or not isinstance(value.get("response"), dict):
        raise UnreadableAnswer("it has no response")
    if value.get("type") != "public-key" or value.get("id") != value.get("rawId"):
        raise UnreadableAnswer("it is not about one public key")
    return _octets(value, "rawId"), value["response"]


def _octets(members: dict[str, Any], name: str) -> bytes:
    text = members.get(name)
    if not isinstance(text, str) or not text:
        raise UnreadableAnswer(f"{name} is missing")
    try:
        return decoded(text)
    except ValueError as error:
        raise UnreadableAnswer(f"{name} is not base64url") from error


def _transports(named: Any) -> tuple[str, ...]:
    return tuple(name for name in named if name in _TRANSPORTS) if isinstance(named, list) else ()

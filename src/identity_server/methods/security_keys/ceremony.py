"""Whether the answer of a key is right (WebAuthn Level 3, §7.1 and §7.2)."""

import asyncio
import hashlib
from dataclasses import dataclass
from typing import Final

import orjson
import structlog

from identity_server.ciphers.comparison import compare
from identity_server.methods.security_keys import signatures
from identity_server.methods.security_keys.answers import Assertion, Attestation
from identity_server.methods.security_keys.challenges import Challenge, encoded
from identity_server.methods.security_keys.options import ALGORITHMS
from identity_server.methods.security_keys.relying_party import RelyingParty
from identity_server.methods.security_keys.stored_keys import NewKey, StoredKey

log = structlog.get_logger("security_keys")

_PRESENT, _VERIFIED, _BACKUP_ELIGIBLE, _BACKED_UP, _ATTESTED, _EXTENDED = 0x01, 0x04, 0x08, 0x10, 0x40, 0x80
#: Digest of the relying party, flags, counter.
_HEADER: Final = 37
#: CTAP 2.1 has no longer ones; databases and buttons carry them.
_LONGEST_ID: Final = 1023


class Refused(Exception):
    """The answer is not right; the text is for logs and people, not for machines."""


@dataclass(frozen=True)
class Use:
    """What a right answer says about the key.

    Attributes:
        sign_count: how often the key was used, in its own count; 0 when it does not count.
    """

    sign_count: int
    user_verified: bool
    backup_eligible: bool
    backed_up: bool


async def made(party: RelyingParty, challenge: Challenge, answer: Attestation) -> NewKey:
    """The key that was made for a challenge.

    Raises:
        Refused: when the answer is for another challenge or site, is damaged, or of a kind that we do not take.
    """
    # The library is large and loaded once somebody adds a key; certificates take their time as well.
    return await asyncio.to_thread(_made, party, challenge, answer)


def _made(party: RelyingParty, challenge: Challenge, answer: Attestation) -> NewKey:
    from webauthn.helpers.structs import (
        AttestationFormat,
        AuthenticatorAttestationResponse,
        CredentialDeviceType,
        RegistrationCredential,
    )
    from webauthn.registration.verify_registration_response import verify_registration_response

    _check_client_data(party, challenge, answer.client_data, "webauthn.create")
    response = AuthenticatorAttestationResponse(answer.client_data, answer.attestation_object)
    try:
        verified = verify_registration_response(
            credential=RegistrationCredential(encoded(answer.id), answer.id, response),
            expected_challenge=challenge.value,
            expected_rp_id=party.id,
            expected_origin=list(party.origins),
            require_user_verification=party.verifies_users,
            supported_pub_key_algs=list(ALGORITHMS),  # type: ignore[arg-type]
        )
        signatures.usable(verified.credential_public_key)
    except Exception as error:
        # Whatever hostile bytes make parsers and certificates raise, the key is not taken.
        log.info("a security key was refused", reason=str(error)[:200])
        raise Refused("the authenticator's answer is damaged, or of a kind that is not accepted here") from error
    if verified.credential_id != answer.id or len(answer.id) > _LONGEST_ID:
        raise Refused("the authenticator's answer is about another key")
    return NewKey(
        id=verified.credential_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        model=bytes.fromhex(verified.aaguid.replace("-", "")),
        attestation=AttestationFormat(verified.fmt).value,
        user_verified=verified.user_verified,
        backup_eligible=verified.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
        backed_up=verified.credential_backed_up,
        transports=answer.transports,
    )


def used(party: RelyingParty, challenge: Challenge, answer: Assertion, key: StoredKey) -> Use:
    """What a key said when it answered a challenge.

    Raises:
        Refused: when the answer is for another challenge or site, or the key did not sign it.
    """
    _check_client_data(party, challenge, answer.client_data, "webauthn.get")
    data = answer.authenticator_data
    if len(data) < _HEADER or (len(data) > _HEADER and not data[32] & (_ATTESTED | _EXTENDED)):
        raise Refused("the authenticator's data are damaged")
    if data[:32] != hashlib.sha256(party.id.encode()).digest():
        raise Refused("the answer is for another site")
    flags = data[32]
    if not flags & _PRESENT or (party.verifies_users and not flags & _VERIFIED):
        raise Refused("the authenticator did not check that somebody is there, or who")
    if flags & _BACKED_UP and not flags & _BACKUP_ELIGIBLE:
        raise Refused("the authenticator's data contradict themselves")
    try:
        signed = signatures.is_signed(
            key.public_key, answer.signature, data + hashlib.sha256(answer.client_data).digest()
        )
    except signatures.UnusableKey as error:
        raise Refused("the stored key cannot be used") from error
    if not signed:
        raise Refused("the key did not sign this")
    return Use(
        int.from_bytes(data[33:37], "big"),
        bool(flags & _VERIFIED),
        bool(flags & _BACKUP_ELIGIBLE),
        bool(flags & _BACKED_UP),
    )


def _check_client_data(party: RelyingParty, challenge: Challenge, text: bytes, kind: str) -> None:
    try:
        data = orjson.loads(text)
    except ValueError as error:
        raise Refused("the browser's data are damaged") from error
    if not isinstance(data, dict) or data.get("type") != kind:
        raise Refused("the answer is to another question")
    if not compare(str(data.get("challenge")), encoded(challenge.value)):
        raise Refused("the answer is to another challenge")
    if data.get("origin") not in party.origins:
        raise Refused("the browser was at an address that is not allowed")

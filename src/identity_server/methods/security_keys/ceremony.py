"""Whether the answer of a key is right (WebAuthn Level 3, §7.1 and §7.2)."""

import asyncio
import hashlib
from dataclasses import dataclass
from typing import Any

import orjson
import structlog

from identity_server.ciphers.comparison import compare
from identity_server.methods.security_keys import authenticator_data as said
from identity_server.methods.security_keys import signatures
from identity_server.methods.security_keys.answers import Assertion, Attestation
from identity_server.methods.security_keys.authenticator_data import AuthenticatorData, Damaged
from identity_server.methods.security_keys.challenges import Challenge, encoded
from identity_server.methods.security_keys.options import ALGORITHMS
from identity_server.methods.security_keys.relying_party import RelyingParty
from identity_server.methods.security_keys.signatures import UnusableKey
from identity_server.methods.security_keys.stored_keys import NewKey, StoredKey

log = structlog.get_logger("security_keys")

NONE = "none"


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
    _check_client_data(party, challenge, answer.client_data, "webauthn.create")
    try:
        attested = said.cbor(answer.attestation_object)
        form, statement, data = _parts(attested)
        key = _new_key(party, answer, data, form)
        signatures.usable(key.public_key)
    except (Damaged, UnusableKey) as error:
        raise Refused(str(error)) from error
    if form == NONE:
        if statement:
            raise Refused("an authenticator that proves nothing must not bring a proof")
        return key
    # The library is large, and certificates take their time.
    await asyncio.to_thread(_check_make, party, challenge, answer)
    return key


def _parts(attested: Any) -> tuple[str, Any, AuthenticatorData]:
    if not isinstance(attested, dict):
        raise Damaged("the attestation is no map")
    form, data = attested.get("fmt"), attested.get("authData")
    if not isinstance(form, str) or not isinstance(data, bytes) or not isinstance(attested.get("attStmt"), dict):
        raise Damaged("the attestation lacks a part")
    return form, attested["attStmt"], said.read(data)


def _new_key(party: RelyingParty, answer: Attestation, data: AuthenticatorData, form: str) -> NewKey:
    _check_authenticator(party, data)
    found = said.new_key(data)
    if found.id != answer.id:
        raise Refused("the answer is about another key")
    if said.cbor(found.public_key).get(3) not in ALGORITHMS:
        raise Refused("the key is of an algorithm that was not asked for")
    return NewKey(
        id=found.id,
        public_key=found.public_key,
        sign_count=data.sign_count,
        model=found.model,
        attestation=form,
        user_verified=data.has(said.VERIFIED),
        backup_eligible=data.has(said.BACKUP_ELIGIBLE),
        backed_up=data.has(said.BACKED_UP),
        transports=answer.transports,
    )


def _check_make(party: RelyingParty, challenge: Challenge, answer: Attestation) -> None:
    """Holds an attestation against the rules of its form; who made the authenticator is not asked further."""
    from webauthn.helpers.structs import AuthenticatorAttestationResponse, RegistrationCredential
    from webauthn.registration.verify_registration_response import verify_registration_response

    response = AuthenticatorAttestationResponse(answer.client_data, answer.attestation_object)
    try:
        verify_registration_response(
            credential=RegistrationCredential(encoded(answer.id), answer.id, response),
            expected_challenge=challenge.value,
            expected_rp_id=party.id,
            expected_origin=list(party.origins),
            require_user_verification=party.verifies_users,
            supported_pub_key_algs=list(ALGORITHMS),  # type: ignore[arg-type]
        )
    except Exception as error:
        # Whatever hostile bytes make parsers and certificates raise, the key is not taken.
        log.info("a security key was refused", reason=str(error)[:200])
        raise Refused("the proof of the authenticator's make does not hold") from error


def used(party: RelyingParty, challenge: Challenge, answer: Assertion, key: StoredKey) -> Use:
    """What a key said when it answered a challenge.

    Raises:
        Refused: when the answer is for another challenge or site, or the key did not sign it.
    """
    _check_client_data(party, challenge, answer.client_data, "webauthn.get")
    signed = answer.authenticator_data + hashlib.sha256(answer.client_data).digest()
    try:
        data = said.read(answer.authenticator_data)
        _check_authenticator(party, data)
        if not signatures.is_signed(key.public_key, answer.signature, signed):
            raise Refused("the key did not sign this")
    except (Damaged, UnusableKey) as error:
        raise Refused(str(error)) from error
    return Use(data.sign_count, data.has(said.VERIFIED), data.has(said.BACKUP_ELIGIBLE), data.has(said.BACKED_UP))


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


def _check_authenticator(party: RelyingParty, data: AuthenticatorData) -> None:
    if not data.is_for(party.id):
        raise Refused("the answer is for another site")
    if not data.has(said.PRESENT) or (party.verifies_users and not data.has(said.VERIFIED)):
        raise Refused("the authenticator did not check that somebody is there, or who")
    if data.has(said.BACKED_UP) and not data.has(said.BACKUP_ELIGIBLE):
        raise Refused("the authenticator's data contradict themselves")

"""Keys are added and used by right answers alone; the library that others trust says the same of them."""

import json
from dataclasses import replace
from typing import Any

import cbor2
import pytest
from webauthn import verify_authentication_response

from identity_server.methods.security_keys import answers, ceremony, options
from identity_server.methods.security_keys.ceremony import Refused
from identity_server.methods.security_keys.challenges import Challenge
from identity_server.methods.security_keys.relying_party import REQUIRED, RelyingParty
from identity_server.methods.security_keys.stored_keys import NewKey, StoredKey
from software_keys import (
    BACKED_UP,
    BACKUP_ELIGIBLE,
    ORIGIN,
    PRESENT,
    SITE,
    VERIFIED,
    SoftwareKey,
    edwards,
    elliptic,
    octets,
    text,
    with_rsa,
)

pytestmark = pytest.mark.anyio
PARTY = RelyingParty(SITE, "Site", (ORIGIN, "https://www.app.test"))
STRICT = replace(PARTY, user_verification=REQUIRED)
CHALLENGE = Challenge(b"a challenge of thirty-two bytes!", "2026-01-01T00:10:00.000000Z", b"somebody")
OTHER = Challenge(b"another challenge of as many by!", "2026-01-01T00:10:00.000000Z", b"somebody")


async def made(key: SoftwareKey, party: RelyingParty = PARTY, **client: Any) -> NewKey:
    answer = key.create(options.creation(PARTY, CHALLENGE, ""), **client)
    return await ceremony.made(party, CHALLENGE, answers.attestation(json.dumps(answer)))


def stored(key: SoftwareKey) -> StoredKey:
    return StoredKey(key.id, cbor2.dumps(key.pair.cose), {})


def used(key: SoftwareKey, party: RelyingParty = PARTY, known: StoredKey | None = None, **client: Any) -> ceremony.Use:
    answer = key.get(options.request(PARTY, CHALLENGE), **client)
    return ceremony.used(party, CHALLENGE, answers.assertion(json.dumps(answer)), known or stored(key))


async def test_a_key_says_who_it_is() -> None:
    key = SoftwareKey(model=bytes(range(16)), flags=PRESENT | BACKUP_ELIGIBLE | BACKED_UP)
    new = await made(key)
    assert (new.id, new.sign_count, new.model, new.attestation) == (key.id, 1, bytes(range(16)), "none")
    assert (new.user_verified, new.backup_eligible, new.backed_up) == (False, True, True)
    assert cbor2.loads(new.public_key) == key.pair.cose


@pytest.mark.parametrize("pair", [elliptic(), elliptic(-35), elliptic(-36), with_rsa(), with_rsa(-37), edwards()])
async def test_what_can_be_added_can_be_used(pair) -> None:
    key = SoftwareKey(pair)
    new = await made(key)
    assert used(key, known=StoredKey(new.id, new.public_key, {})).sign_count == 2


@pytest.mark.parametrize("origin", [ORIGIN, "https://www.app.test"])
async def test_every_configured_origin_will_do(origin: str) -> None:
    key = SoftwareKey()
    await made(key, origin=origin)
    assert used(key, origin=origin).sign_count == 2


WRONG_CLIENT = [
    {"origin": "https://evil.test"},
    {"origin": "http://app.test"},
    {"origin": "https://app.test:8443"},
    {"origin": "https://app.test/"},
    {"origin": "https://app.test.evil.test"},
    {"origin": "null"},
    {"type": "payment.get"},
    {"challenge": text(OTHER.value)},
    {"challenge": ""},
    {"challenge": 7},
]


@pytest.mark.parametrize("client", [*WRONG_CLIENT, {"type": "webauthn.get"}])
async def test_a_key_for_somebody_else_is_not_added(client: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        await made(SoftwareKey(), **client)


@pytest.mark.parametrize("client", [*WRONG_CLIENT, {"type": "webauthn.create"}, {"site": "evil.test"}])
async def test_an_answer_for_somebody_else_does_not_sign_in(client: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        used(SoftwareKey(), **client)


@pytest.mark.parametrize("flags", [0, VERIFIED, PRESENT | BACKED_UP])
async def test_flags_that_make_no_sense_are_refused(flags: int) -> None:
    with pytest.raises(Refused):
        used(SoftwareKey(flags=flags))
    with pytest.raises(Refused):
        await made(SoftwareKey(flags=flags))


async def test_who_is_there_must_be_checked_where_that_is_required() -> None:
    key = SoftwareKey(flags=PRESENT)
    assert not used(key).user_verified
    assert not (await made(key)).user_verified
    with pytest.raises(Refused):
        used(key, STRICT)
    with pytest.raises(Refused):
        await made(key, STRICT)
    key.flags = PRESENT | VERIFIED
    assert used(key, STRICT).user_verified
    assert (await made(key, STRICT)).user_verified


def attested(key: SoftwareKey, **changes: Any) -> dict[str, Any]:
    """The answer of a key with another attestation."""
    answer = key.create(options.creation(PARTY, CHALLENGE, ""))
    known = cbor2.loads(octets(answer["response"]["attestationObject"]))
    answer["response"]["attestationObject"] = text(cbor2.dumps({**known, **changes}))
    return answer


@pytest.mark.parametrize(
    "changes",
    [
        {"fmt": "packed"},
        {"fmt": "made-up"},
        {"fmt": 7},
        {"fmt": "none", "attStmt": {"sig": b"x"}},
        {"fmt": "packed", "attStmt": {"alg": -7, "sig": b"x"}},
        {"fmt": "packed", "attStmt": {"alg": -7, "sig": b"x", "x5c": [b"no certificate"]}},
        {"fmt": "fido-u2f", "attStmt": {"sig": b"x", "x5c": [b""]}},
        {"fmt": "tpm", "attStmt": {"certInfo": b"x", "pubArea": b"y"}},
        {"fmt": "android-key", "attStmt": {"alg": -7, "sig": b"x", "x5c": [b"x"]}},
        {"fmt": "android-safetynet", "attStmt": {"response": b"a.b.c"}},
        {"fmt": "apple", "attStmt": {"x5c": [b"x", b"y"]}},
        {"attStmt": 7},
        {"authData": b""},
        {"authData": b"x" * 37},
        {"authData": "text"},
    ],
)
async def test_a_damaged_attestation_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        await ceremony.made(PARTY, CHALLENGE, answers.attestation(json.dumps(attested(SoftwareKey(), **changes))))


async def test_a_key_of_an_algorithm_that_was_not_asked_for_is_refused() -> None:
    pair = elliptic()
    for algorithm in (-65535, -47, 7):
        pair.cose[3] = algorithm
        with pytest.raises(Refused):
            await made(SoftwareKey(pair))


async def test_an_answer_about_two_keys_is_refused() -> None:
    key = SoftwareKey()
    answer = key.create(options.creation(PARTY, CHALLENGE, ""))
    answer["id"] = answer["rawId"] = text(b"another key's id")
    with pytest.raises(Refused, match="another key"):
        await ceremony.made(PARTY, CHALLENGE, answers.attestation(json.dumps(answer)))


async def test_an_id_that_is_too_long_is_refused() -> None:
    with pytest.raises(Refused):
        await made(SoftwareKey(id=b"x" * 1024))


@pytest.mark.parametrize("pair", [elliptic(), with_rsa(), edwards()])
@pytest.mark.parametrize("client", [{}, {"origin": "https://evil.test"}, {"site": "evil.test"}])
async def test_the_library_agrees_about_assertions(pair, client: dict[str, Any]) -> None:
    key = SoftwareKey(pair)
    answer = key.get(options.request(PARTY, CHALLENGE), **client)

    def ours() -> bool:
        try:
            ceremony.used(PARTY, CHALLENGE, answers.assertion(json.dumps(answer)), stored(key))
        except Refused:
            return False
        return True

    def theirs() -> bool:
        try:
            verify_authentication_response(
                credential=answer,
                expected_challenge=CHALLENGE.value,
                expected_rp_id=PARTY.id,
                expected_origin=list(PARTY.origins),
                credential_public_key=cbor2.dumps(key.pair.cose),
                credential_current_sign_count=0,
            )
        except Exception:
            return False
        return True

    assert ours() == theirs() == (not client)

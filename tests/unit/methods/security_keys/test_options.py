"""What browsers are asked for is what Kratos asks them for."""

from dataclasses import replace
from datetime import timedelta

from identity_server.methods.security_keys import options
from identity_server.methods.security_keys.challenges import Challenge
from identity_server.methods.security_keys.relying_party import RelyingParty
from identity_server.methods.security_keys.stored_keys import StoredKey

PARTY = RelyingParty("app.test", "Site", ("https://app.test",))
PASSKEYS = replace(
    PARTY,
    attachment="platform",
    resident_key="required",
    user_verification="preferred",
    registration_timeout=timedelta(minutes=5),
)
CHALLENGE = Challenge(b"\xfb\xff", "2026-01-01T00:00:00.000000Z", b"\x01\x02\x03")
KNOWN = StoredKey(b"\xfa\xfb", b"key", {"transport": ["usb"]})


def test_a_security_key_is_made_for_the_site_and_its_user() -> None:
    public = options.creation(PARTY, CHALLENGE, "")["publicKey"]
    assert public["rp"] == {"id": "app.test", "name": "Site"}
    assert public["user"] == {"id": "AQID", "name": "Site", "displayName": "Site"}
    assert public["challenge"] == "-_8"
    assert public["timeout"] == 120_000
    assert public["authenticatorSelection"] == {"userVerification": "discouraged"}
    assert public["pubKeyCredParams"][0] == {"type": "public-key", "alg": -7}
    assert public.keys().isdisjoint(("attestation", "excludeCredentials"))


def test_a_passkey_is_made_on_the_device_under_the_person_s_name() -> None:
    public = options.creation(PASSKEYS, CHALLENGE, "ada@example.com", [KNOWN])["publicKey"]
    assert public["user"]["displayName"] == "ada@example.com"
    assert public["timeout"] == 300_000
    assert public["authenticatorSelection"] == {
        "authenticatorAttachment": "platform",
        "requireResidentKey": True,
        "residentKey": "required",
        "userVerification": "preferred",
    }
    assert public["excludeCredentials"] == [{"type": "public-key", "id": "-vs", "transports": ["usb"]}]


def test_proof_of_the_make_is_asked_for_where_that_is_wanted() -> None:
    party = replace(PASSKEYS, attestation="direct", resident_key="preferred")
    public = options.creation(party, CHALLENGE, "")["publicKey"]
    assert public["attestation"] == "direct"
    assert public["authenticatorSelection"]["requireResidentKey"] is False


def test_a_sign_in_names_the_keys_that_may_answer_or_none() -> None:
    assert options.request(PARTY, CHALLENGE) == {
        "publicKey": {
            "challenge": "-_8",
            "rpId": "app.test",
            "timeout": 120_000,
            "userVerification": "discouraged",
        }
    }
    named = options.request(PARTY, CHALLENGE, [StoredKey(b"\xfa\xfb", b"key", {})])["publicKey"]
    assert named["allowCredentials"] == [{"type": "public-key", "id": "-vs"}]

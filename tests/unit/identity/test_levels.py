"""Which level an identity can reach."""

from typing import Any

import pytest

from identity_server.identity.levels import Factors, available_aal, first_factors, second_factors
from identity_server.identity.model import Credential, Identity

NONE, FIRST, SECOND = Factors(), Factors(code_is_first=True), Factors(code_is_second=True)
CODE = ("code", {"addresses": [{"channel": "email", "address": "a@b.example"}]})


def holder(*credentials: tuple[str, dict[str, Any]]) -> Identity:
    identity = Identity("i", "s", {}, "", "")
    identity.credentials = {kind: Credential(kind, ["name"], config) for kind, config in credentials}
    return identity


@pytest.mark.parametrize(
    ("credentials", "factors", "level"),
    [
        ([], NONE, "aal0"),
        ([("password", {})], NONE, "aal0"),
        ([("password", {"hashed_password": "x"})], NONE, "aal1"),
        ([("password", {"use_password_migration_hook": True})], NONE, "aal1"),
        ([("oidc", {"providers": [{}]})], NONE, "aal1"),
        ([("oidc", {"providers": []})], NONE, "aal0"),
        ([("saml", {"providers": [{}]})], NONE, "aal1"),
        ([("passkey", {"credentials": [{}]})], NONE, "aal1"),
        ([("webauthn", {"credentials": [{"is_passwordless": True}]})], NONE, "aal1"),
        ([("webauthn", {"credentials": [{"is_passwordless": False}]})], NONE, "aal2"),
        ([("totp", {"totp_url": "otpauth://x"})], NONE, "aal2"),
        ([("totp", {})], NONE, "aal0"),
        ([("lookup_secret", {"recovery_codes": [{}]})], NONE, "aal2"),
        ([CODE], NONE, "aal0"),
        ([CODE], FIRST, "aal1"),
        ([CODE], SECOND, "aal2"),
        ([("code", {})], FIRST, "aal0"),
    ],
)
def test_what_can_be_reached(credentials: Any, factors: Factors, level: str) -> None:
    assert available_aal(holder(*credentials), factors) == level


def test_a_password_without_a_name_signs_nobody_in() -> None:
    identity = holder(("password", {"hashed_password": "x"}))
    identity.credentials["password"].identifiers = []
    assert available_aal(identity, NONE) == "aal0"


def test_factors_are_counted() -> None:
    identity = holder(
        ("password", {"hashed_password": "x"}),
        ("oidc", {"providers": [{}, {}]}),
        ("webauthn", {"credentials": [{"is_passwordless": True}, {"is_passwordless": False}]}),
        ("totp", {"totp_url": "x"}),
    )
    assert (first_factors(identity, NONE), first_factors(identity, FIRST)) == (4, 5)
    assert second_factors(identity, NONE) == 2


def test_codes_that_sign_in_are_made_for_everybody() -> None:
    assert FIRST.creates_code_credential and SECOND.creates_code_credential and not NONE.creates_code_credential

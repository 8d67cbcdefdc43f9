"""Operators see what is in a credential, and nothing of how it is kept."""

import orjson
import pytest

from identity_server.ciphers import at_rest
from identity_server.ciphers.cipher import build_cipher
from identity_server.identity.document import CredentialRow
from identity_server.identity.exposure import readable

NOW = "2026-03-01T12:00:00.000000Z"
CIPHER = build_cipher("aes", ["a-cipher-secret-of-32-characters"])
OTHER = build_cipher("aes", ["another-cipher-secret-of-32-char"])
CONFIGS = {
    "totp": {"totp_url": at_rest.sealed(CIPHER, "otpauth://x"), "last_step": 7},
    "lookup_secret": {"recovery_codes": [{"code": at_rest.sealed(CIPHER, "abc"), "used_at": None}]},
    "oidc": {"providers": [{"subject": "s", "provider": "p", "initial_id_token": CIPHER.encrypt(b"token")}]},
    "password": {"hashed_password": "$2a$"},
}
SHOWN = {
    "totp": {"totp_url": "otpauth://x"},
    "lookup_secret": {"recovery_codes": [{"code": "abc", "used_at": None}]},
    "oidc": {"providers": [{"subject": "s", "provider": "p", "initial_id_token": "token"}]},
    "password": {"hashed_password": "$2a$"},
}


def row(kind: str) -> CredentialRow:
    return CredentialRow(kind, "[]", 0, NOW, NOW, orjson.dumps(CONFIGS[kind]).decode())


@pytest.mark.parametrize("kind", CONFIGS)
def test_what_is_sealed_is_shown_open(kind: str) -> None:
    (found,) = readable([row(kind)], [kind], CIPHER)
    assert orjson.loads(found.config) == SHOWN[kind]


@pytest.mark.parametrize("kind", CONFIGS)
def test_what_is_not_asked_for_stays_as_it_is(kind: str) -> None:
    assert readable([row(kind)], ["webauthn"], CIPHER) == [row(kind)]


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("totp", {"totp_url": ""}),
        ("lookup_secret", {"recovery_codes": [{"code": "", "used_at": None}]}),
        ("oidc", {"providers": [{"subject": "s", "provider": "p", "initial_id_token": ""}]}),
    ],
)
def test_what_no_secret_opens_is_empty_and_the_identity_readable(kind: str, shown: object) -> None:
    (found,) = readable([row(kind)], [kind], OTHER)
    assert orjson.loads(found.config) == shown

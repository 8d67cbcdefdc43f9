"""Contents of credentials for operators."""

import json

from identity_server.ciphers.cipher import Cipher, build_cipher
from identity_server.identity.document import CredentialRow, dump
from identity_server.identity.exposure import readable

KEYS = ["a-cipher-secret-of-tests-32-char"]


def row(cipher: Cipher, token: str = "") -> CredentialRow:
    entry = {"provider": "acme", "subject": "1", "initial_access_token": token or cipher.encrypt(b"at-1")}
    return CredentialRow("oidc", '["acme:1"]', 0, "", "", dump({"providers": [entry]}))


def access_token(rows: list[CredentialRow]) -> str:
    return str(json.loads(rows[0].config)["providers"][0]["initial_access_token"])


def test_tokens_are_opened_for_who_asks() -> None:
    cipher = build_cipher("xchacha20-poly1305", KEYS)
    assert access_token(readable([row(cipher)], ["oidc"], cipher)) == "at-1"


def test_tokens_stay_sealed_otherwise() -> None:
    cipher = build_cipher("aes", KEYS)
    stored = row(cipher)
    assert readable([stored], ["password"], cipher) == [stored]


def test_a_token_nobody_can_open_leaves_the_identity_readable() -> None:
    cipher = build_cipher("aes", KEYS)
    assert access_token(readable([row(cipher, "00ff")], ["oidc"], cipher)) == ""

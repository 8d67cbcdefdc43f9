"""Ciphers over lists of secrets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity_server.ciphers.cipher import ALGORITHMS, build_cipher
from identity_server.ciphers.errors import BadCipherSecret, CipherError, UnknownCipher, Unreadable

OLD, NEW = "o" * 32, "n" * 32
AEAD = ["aes", "xchacha20-poly1305"]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@given(message=st.binary(max_size=200))
def test_what_is_encrypted_can_be_read(algorithm: str, message: bytes) -> None:
    cipher = build_cipher(algorithm, [NEW])
    assert cipher.decrypt(cipher.encrypt(message)) == message


def test_noop_is_hexadecimal() -> None:
    assert build_cipher("noop", []).encrypt(b"token") == b"token".hex()


@pytest.mark.parametrize("algorithm", AEAD)
def test_the_same_message_never_gives_the_same_text(algorithm: str) -> None:
    cipher = build_cipher(algorithm, [NEW])
    assert len({cipher.encrypt(b"token") for _ in range(50)}) == 50


@pytest.mark.parametrize("algorithm", AEAD)
def test_t33_the_first_secret_encrypts_and_all_decrypt(algorithm: str) -> None:
    before, both, after = (build_cipher(algorithm, secrets) for secrets in ([OLD], [NEW, OLD], [NEW]))
    old, new = before.encrypt(b"token"), both.encrypt(b"token")
    assert both.decrypt(old) == both.decrypt(new) == after.decrypt(new) == b"token"
    assert (both.is_current(old), both.is_current(new)) == (False, True)
    with pytest.raises(Unreadable):
        after.decrypt(old)


@pytest.mark.parametrize("algorithm", AEAD)
def test_any_changed_bit_is_noticed(algorithm: str) -> None:
    cipher = build_cipher(algorithm, [NEW])
    sealed = bytes.fromhex(cipher.encrypt(b"token"))
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(Unreadable):
            cipher.decrypt(changed.hex())


@pytest.mark.parametrize("algorithm", AEAD)
@pytest.mark.parametrize("text", ["00", "00" * 27, "00" * 28, "00" * 40, "zz", "0", "é", "\ud800"])
def test_nonsense_is_unreadable(algorithm: str, text: str) -> None:
    cipher = build_cipher(algorithm, [NEW])
    with pytest.raises(Unreadable):
        cipher.decrypt(text)
    assert not cipher.is_current(text)


@pytest.mark.parametrize("algorithm", AEAD)
@pytest.mark.parametrize("secrets", [[], [""], ["n" * 31], ["n" * 33], [NEW, "short"], ["é" * 32]])
def test_a_secret_has_exactly_32_bytes(algorithm: str, secrets: list[str]) -> None:
    with pytest.raises(BadCipherSecret, match="32 bytes") as refused:
        build_cipher(algorithm, secrets)
    assert not any(secret and secret in str(refused.value) for secret in secrets)


def test_an_unknown_cipher_names_those_there_are() -> None:
    with pytest.raises(UnknownCipher, match="noop, aes, xchacha20-poly1305"):
        build_cipher("rot13", [NEW])


def test_texts_of_kratos_can_be_read() -> None:
    """AES-GCM after NIST's layout, XChaCha20-Poly1305 after the draft's: nonce first, no associated data."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = bytes(range(12))
    text = (nonce + AESGCM(NEW.encode()).encrypt(nonce, b"token", None)).hex()
    assert build_cipher("aes", [NEW]).decrypt(text) == b"token"


def test_all_errors_are_of_one_kind() -> None:
    assert issubclass(Unreadable, CipherError)
    assert issubclass(BadCipherSecret, CipherError)
    assert issubclass(UnknownCipher, CipherError)

"""Texts at rest, under every cipher and through changes of the configuration."""

import pytest

from identity_server.ciphers import at_rest
from identity_server.ciphers.cipher import build_cipher
from identity_server.ciphers.errors import Unreadable

OLD, NEW = "an-older-secret-of-32-characters", "a-younger-secret-of-32-character"
ALGORITHMS = ("aes", "xchacha20-poly1305")
TEXT = "otpauth://totp/Näme?secret=ABC"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_sealed_text_shows_nothing_of_itself_and_opens_again(algorithm: str) -> None:
    cipher = build_cipher(algorithm, [NEW])
    stored = at_rest.sealed(cipher, TEXT)
    assert "otpauth" not in stored
    assert at_rest.sealed(cipher, TEXT) != stored
    assert at_rest.opened(cipher, stored) == TEXT


def test_without_a_cipher_a_text_stays_what_it_is() -> None:
    cipher = build_cipher("noop", [])
    assert at_rest.sealed(cipher, TEXT) == TEXT
    assert at_rest.opened(cipher, TEXT) == TEXT
    assert at_rest.is_current(cipher, TEXT)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_was_stored_before_a_cipher_was_configured_can_be_read_and_is_due_for_sealing(algorithm: str) -> None:
    cipher = build_cipher(algorithm, [NEW])
    assert at_rest.opened(cipher, TEXT) == TEXT
    assert not at_rest.is_current(cipher, TEXT)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_an_older_secret_of_the_list_still_opens(algorithm: str) -> None:
    stored = at_rest.sealed(build_cipher(algorithm, [OLD]), TEXT)
    both = build_cipher(algorithm, [NEW, OLD])
    assert at_rest.opened(both, stored) == TEXT
    assert not at_rest.is_current(both, stored)
    assert at_rest.is_current(both, at_rest.sealed(both, TEXT))


@pytest.mark.parametrize("damage", [lambda text: text[:-2], lambda text: text + "00", lambda _: "sealed:zz"])
def test_a_damaged_text_is_refused(damage) -> None:
    cipher = build_cipher("aes", [NEW])
    with pytest.raises(Unreadable):
        at_rest.opened(cipher, damage(at_rest.sealed(cipher, TEXT)))


@pytest.mark.parametrize("cipher", [build_cipher("noop", []), build_cipher("aes", [OLD])])
def test_without_the_secret_it_stays_closed(cipher) -> None:
    with pytest.raises(Unreadable):
        at_rest.opened(cipher, at_rest.sealed(build_cipher("aes", [NEW]), TEXT))

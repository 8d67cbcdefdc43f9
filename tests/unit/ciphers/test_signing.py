"""Signatures and sealed tokens."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity_server.ciphers.comparison import compare
from identity_server.ciphers.errors import BadCipherSecret, BadToken, ExpiredToken
from identity_server.ciphers.signing import Keys, is_signed, seal, sign, signatures, unseal

OLD, NEW = "old-secret-of-16", "new-secret-of-16"
KEYS = Keys([NEW])


def test_equal_secrets_compare_equal_whatever_their_type() -> None:
    assert compare("wörd", "wörd".encode())
    assert not compare("word", "wore")
    assert not compare("word", "word2")
    assert not compare("\ud800", "?")


def test_a_signature_is_the_same_each_time_and_belongs_to_its_purpose() -> None:
    assert sign("code", "1234", KEYS) == sign("code", b"1234", KEYS)
    assert sign("code", "1234", KEYS) != sign("link", "1234", KEYS)
    assert is_signed("code", "1234", sign("code", "1234", KEYS), KEYS)
    assert not is_signed("link", "1234", sign("code", "1234", KEYS), KEYS)
    assert not is_signed("code", "1235", sign("code", "1234", KEYS), KEYS)
    assert not is_signed("code", "1234", "", KEYS)


def test_t33_the_first_secret_signs_and_all_verify() -> None:
    old, both = Keys([OLD]), Keys([NEW, OLD])
    assert sign("code", "1234", both) == sign("code", "1234", KEYS)
    assert is_signed("code", "1234", sign("code", "1234", old), both)
    assert not is_signed("code", "1234", sign("code", "1234", old), KEYS)
    assert signatures("code", "1234", both) == (sign("code", "1234", KEYS), sign("code", "1234", old))


@given(st.binary(max_size=300))
def test_what_is_sealed_can_be_unsealed(payload: bytes) -> None:
    assert unseal("page", seal("page", payload, KEYS), KEYS) == payload


def test_a_token_goes_into_cookies_and_queries_as_it_is() -> None:
    token = seal("page", b"\xff" * 50, KEYS)
    assert token.isascii()
    assert all(character.isalnum() or character in "-_" for character in token)


def test_a_token_hides_its_payload() -> None:
    token = seal("page", b"payload" * 5, KEYS)
    assert b"payload" not in base64.urlsafe_b64decode(token + "==")


def test_t33_tokens_outlive_a_rotation() -> None:
    token = seal("cookie", b"session", Keys([OLD]))
    assert unseal("cookie", token, Keys([NEW, OLD])) == b"session"
    with pytest.raises(BadToken):
        unseal("cookie", token, KEYS)


def test_a_token_of_one_purpose_is_worth_nothing_for_another() -> None:
    with pytest.raises(BadToken):
        unseal("cookie", seal("page", b"x", KEYS), KEYS)


def test_a_token_expires() -> None:
    token = seal("cookie", b"x", KEYS, now=1000)
    assert unseal("cookie", token, KEYS, max_age=60, now=1059) == b"x"
    assert unseal("cookie", token, KEYS, now=10**9) == b"x"
    with pytest.raises(ExpiredToken) as expired:
        unseal("cookie", token, KEYS, max_age=60, now=1060)
    assert expired.value.made_at == 1000


def test_an_expired_token_is_a_bad_token() -> None:
    with pytest.raises(BadToken):
        unseal("cookie", seal("cookie", b"x", KEYS, now=0), KEYS, max_age=1)


def test_any_changed_character_is_noticed() -> None:
    token = seal("cookie", b"x", KEYS)
    for place, character in enumerate(token):
        other = "A" if character != "A" else "B"
        with pytest.raises(BadToken):
            unseal("cookie", token[:place] + other + token[place + 1 :], KEYS)


@given(st.text(max_size=100))
def test_hostile_text_is_a_bad_token_and_nothing_else(text: str) -> None:
    with pytest.raises(BadToken):
        unseal("cookie", text, KEYS)


@pytest.mark.parametrize("text", ["A" * 70_000, "AQ", "AQ==", "+/+/", "\ud800"])
def test_odd_spellings_are_bad_tokens(text: str) -> None:
    with pytest.raises(BadToken):
        unseal("cookie", text, KEYS)


def test_padding_and_the_other_alphabet_are_no_second_spelling() -> None:
    token = seal("cookie", b"\xff\xfe" * 40, KEYS)
    for other in (token + "=", token + "==", token.translate(str.maketrans("-_", "+/")) + "+"):
        with pytest.raises(BadToken):
            unseal("cookie", other, KEYS)


@pytest.mark.parametrize("secrets", [[], [""], [NEW, ""]])
def test_signing_without_a_secret_is_refused(secrets: list[str]) -> None:
    with pytest.raises(BadCipherSecret):
        Keys(secrets)


def test_keys_do_not_show_their_secrets() -> None:
    KEYS.derive("seal", "page")
    assert NEW not in repr(KEYS)
    assert NEW not in f"{KEYS}"

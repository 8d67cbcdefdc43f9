"""The hash texts we write ourselves."""

import re

import pytest

from identity_server.passwords.errors import PasswordTooLong
from identity_server.passwords.hashers import Argon2Hasher, BcryptHasher, needs_rehash
from identity_server.passwords.hashes import parse
from identity_server.passwords.limits import MAX_PASSWORD_BYTES

BCRYPT, ARGON2 = BcryptHasher(cost=4), Argon2Hasher(memory=64, parallelism=2)


def test_bcrypt_is_written_with_the_letter_a() -> None:
    assert re.fullmatch(r"\$2a\$04\$[./A-Za-z0-9]{53}", BCRYPT.hash(b"word"))


def test_argon2_is_written_with_all_its_parameters() -> None:
    salt, key = r"[A-Za-z0-9+/]{22}", r"[A-Za-z0-9+/]{43}"
    assert re.fullmatch(rf"\$argon2id\$v=19\$m=64,t=1,p=2\${salt}\${key}", ARGON2.hash(b"word"))


@pytest.mark.parametrize("hasher", [BCRYPT, ARGON2], ids=["bcrypt", "argon2"])
@pytest.mark.parametrize("password", [b"word", b"", b"\0", b"null\0byte", "pässwörd".encode(), b"x" * 72])
def test_what_we_hash_we_recognise(hasher: BcryptHasher | Argon2Hasher, password: bytes) -> None:
    known = parse(hasher.hash(password))
    assert known.matches(password)
    assert not known.matches(password + b"!")
    assert known.algorithm == hasher.algorithm


def test_two_hashes_of_one_password_differ() -> None:
    assert BCRYPT.hash(b"word") != BCRYPT.hash(b"word")
    assert ARGON2.hash(b"word") != ARGON2.hash(b"word")


@pytest.mark.parametrize(("hasher", "limit"), [(BCRYPT, 72), (ARGON2, MAX_PASSWORD_BYTES)], ids=["bcrypt", "argon2"])
def test_a_password_that_would_be_cut_is_refused(hasher: BcryptHasher | Argon2Hasher, limit: int) -> None:
    with pytest.raises(PasswordTooLong) as refused:
        hasher.hash(b"x" * (limit + 1))
    assert (refused.value.limit, refused.value.actual) == (limit, limit + 1)


def test_bcrypt_never_matches_by_the_first_72_bytes_alone() -> None:
    known = parse(BCRYPT.hash(b"x" * 72))
    assert not known.matches(b"x" * 72 + b"other tail")


def test_the_bounds_admit_what_the_hasher_itself_writes() -> None:
    wide = Argon2Hasher(memory=2**21, iterations=12, parallelism=64)
    text = "$argon2id$v=19$m=2097152,t=12,p=64$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA"
    assert parse(text, wide.limits).algorithm == "argon2id"
    assert parse("$2a$17$" + "a" * 53, BcryptHasher(cost=17).limits).algorithm == "bcrypt"


def test_other_costs_are_no_reason_to_hash_anew() -> None:
    assert not needs_rehash(BcryptHasher(cost=12), BCRYPT.hash(b"word"))
    assert not needs_rehash(BcryptHasher(cost=12), "$2y$04$FnJnVDWudlF8JKWLoLgZ4OfVr4zpZ5b09xT3tI8P9YdzXuzYDM67u")


@pytest.mark.parametrize("text", ["$md5$8DPPGlgz+xf1bjnb4b+Skw==", "nonsense", ""])
def test_another_algorithm_is(text: str) -> None:
    assert needs_rehash(BCRYPT, text)
    assert needs_rehash(ARGON2, text)
    assert needs_rehash(ARGON2, BCRYPT.hash(b"word"))
    assert needs_rehash(BCRYPT, ARGON2.hash(b"word"))

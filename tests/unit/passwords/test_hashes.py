"""What is no hash, and what would cost too much to check."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity_server.passwords.errors import HashError, HashTooCostly, UnsupportedHash
from identity_server.passwords.hashes import parse
from identity_server.passwords.limits import MAX_HASH_TEXT

SALT, KEY = base64.b64encode(b"salty-salt").decode(), base64.b64encode(b"k" * 32).decode()
PREFIXES = [
    "$argon2id$", "$argon2i$", "$pbkdf2-sha256$", "$scrypt$", "$firescrypt$", "{SSHA}", "{SSHA256}", "{SSHA512}",
    "$sha1$", "$sha256$", "$sha512$", "$md5$", "$md5-crypt$", "$sha256-crypt$", "$sha512-crypt$", "$hmac-sha256$",
    "$2a$", "$2b$12$",
]  # fmt: skip


@pytest.mark.parametrize("text", PREFIXES)
@pytest.mark.parametrize("rest", ["", "$", "$$", "x", "v=19$", "\0", "\n", "é"])
def test_a_prefix_with_nothing_readable_behind_it_is_refused(text: str, rest: str) -> None:
    with pytest.raises(UnsupportedHash):
        parse(text + rest)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "brisk-Otter-71",
        "$rot13$jvaq",
        "$sha3$abc$def",
        "$2c$04$" + "a" * 53,
        "$argon2d$v=19$m=8,t=1,p=1$x$y",
        "{SHA}x",
    ],
)
def test_an_unknown_format_is_refused(text: str) -> None:
    with pytest.raises(UnsupportedHash, match="no known format"):
        parse(text)


@pytest.mark.parametrize(
    "text",
    [
        f"$argon2id$v=16$m=64,t=1,p=1${SALT}${KEY}",
        f"$argon2id$v=19$m=7,t=1,p=1${SALT}${KEY}",
        f"$argon2id$v=19$m=64,t=0,p=1${SALT}${KEY}",
        f"$argon2id$v=19$m=64,t=1,p=1${base64.b64encode(b'short').decode()}${KEY}",
        f"$argon2id$v=19$m=64,t=1,p=1${SALT}${KEY}\n",
        f"$argon2id$v=19$m=64,t=1,p=1${SALT}$!!!!",
        f"$scrypt$ln=14,r=8,p=1${SALT}${KEY}",
        f"$scrypt$ln=1,r=8,p=1${SALT}${KEY}",
        f"$firescrypt$ln=14,r=8,p=1${SALT}${KEY}$Bw==$" + base64.b64encode(b"s" * 64).decode(),
        f"$pbkdf2-sha256$i=0,l=32${SALT}${KEY}",
        f"$sha256$pf={base64.b64encode(b'{SALT}').decode()}${SALT}${KEY}",
        f"$sha1$pf={base64.b64encode(b'{PASSWORD}').decode()}${SALT}${KEY}",
        "$2a$03$" + "a" * 53,
        "$hmac-sha256$" + base64.b64encode(b"not hex").decode() + f"${SALT}",
        "$hmac-sha256$" + base64.b64encode(b"00" * 31).decode() + f"${SALT}",
        "$sha512-crypt$rounds=0$saltsalt$" + "a" * 86,
        "$sha512-crypt$saltsalt$" + "a" * 85,
        "$md5-crypt$ninechars$" + "a" * 22,
    ],
)
def test_broken_parts_are_refused(text: str) -> None:
    with pytest.raises(UnsupportedHash):
        parse(text)


@pytest.mark.parametrize("key", ["", base64.b64encode(b"seven b").decode()])
@pytest.mark.parametrize(
    "text",
    [
        "$pbkdf2-sha256$i=1,l=0${salt}${key}",
        "$argon2id$v=19$m=64,t=1,p=1${salt}${key}",
        "$scrypt$ln=2,r=1,p=1${salt}${key}",
        "$firescrypt$ln=1,r=1,p=1${salt}${key}$Bw==${key}",
        "$sha256$pf=e1BBU1NXT1JEfQ==${salt}${key}",
        "$md5${key}",
        "{{SSHA}}{key}",
    ],
)
def test_a_hash_so_short_that_anything_could_match_is_refused(text: str, key: str) -> None:
    with pytest.raises(UnsupportedHash):
        parse(text.format(salt=SALT, key=key))


@pytest.mark.parametrize(
    ("text", "parameter"),
    [
        ("$2a$16$" + "a" * 53, "bcrypt cost"),
        ("$2a$31$" + "a" * 53, "bcrypt cost"),
        (f"$argon2id$v=19$m=1048577,t=1,p=1${SALT}${KEY}", "argon2 memory"),
        (f"$argon2id$v=19$m=4294967295,t=1,p=1${SALT}${KEY}", "argon2 memory"),
        (f"$argon2i$v=19$m=64,t=11,p=1${SALT}${KEY}", "argon2 iterations"),
        (f"$argon2id$v=19$m=1024,t=1,p=17${SALT}${KEY}", "argon2 parallelism"),
        (f"$argon2id$v=19$m=64,t=1,p=1${SALT}$" + "A" * 2000, "argon2 key length"),
        (f"$pbkdf2-sha256$i=10000001,l=32${SALT}${KEY}", "pbkdf2 iterations"),
        (f"$pbkdf2-sha256$i=200000,l=32${SALT}$" + "A" * 3000, "pbkdf2 iterations"),
        (f"$scrypt$ln=262144,r=8,p=1${SALT}${KEY}", "scrypt N"),
        (f"$scrypt$ln=1024,r=9,p=1${SALT}${KEY}", "scrypt r"),
        (f"$scrypt$ln=1024,r=8,p=11${SALT}${KEY}", "scrypt p"),
        (f"$firescrypt$ln=18,r=8,p=1${SALT}${KEY}$Bw==${KEY}", "firescrypt ln"),
        (f"$firescrypt$ln=999999999,r=8,p=1${SALT}${KEY}$Bw==${KEY}", "firescrypt ln"),
        ("$sha512-crypt$rounds=999999999$saltsalt$" + "a" * 86, "sha512-crypt rounds"),
    ],
)
def test_a_cost_over_its_bound_is_refused_with_the_bound(text: str, parameter: str) -> None:
    with pytest.raises(HashTooCostly) as refused:
        parse(text)
    assert refused.value.parameter == parameter
    assert refused.value.actual > refused.value.limit
    assert str(refused.value.limit) in str(refused.value)


@pytest.mark.parametrize("digits", ["1" * 11, "9" * 3000])
def test_a_number_of_many_digits_is_never_converted(digits: str) -> None:
    with pytest.raises(HashError):
        parse(f"$pbkdf2-sha256$i={digits},l=32${SALT}${KEY}")


def test_the_length_of_a_hash_text_is_bounded() -> None:
    with pytest.raises(UnsupportedHash, match="characters"):
        parse("{SSHA}" + "A" * MAX_HASH_TEXT)


def test_no_error_and_no_repr_shows_salt_or_key() -> None:
    text = f"$argon2id$v=19$m=64,t=1,p=1${SALT}${KEY}"
    assert "salty" not in repr(parse(text))
    assert "kkk" not in repr(parse(text))
    with pytest.raises(HashError) as refused:
        parse(text.replace("v=19", "v=18"))
    assert KEY not in str(refused.value)


@given(st.sampled_from(PREFIXES), st.text(max_size=80))
def test_hostile_text_is_refused_and_nothing_else_happens(prefix: str, rest: str) -> None:
    try:
        known = parse(prefix + rest)
    except HashError:
        return
    assert known.algorithm


@pytest.mark.parametrize("kind", ["md5-crypt$saltsalt$" + "a" * 22, "sha512-crypt$rounds=1000$saltsalt$" + "a" * 86])
def test_a_huge_password_costs_the_crypt_family_no_more(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    for name in ("md5", "sha512"):
        real = getattr(hashlib, name)
        monkeypatch.setattr(
            hashlib, name, lambda data=b"", real=real, **kw: (seen.append(len(data)), real(data, **kw))[1]
        )
    assert not parse(f"${kind}").matches(b"x" * 1_000_000)
    assert max(seen) < 2000

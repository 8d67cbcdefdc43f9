"""Hash texts that others published or that the systems' own programs wrote, each with its password."""

import base64
import hashlib

import pytest

from identity_server.passwords.formats.md4 import hmac_md4, md4
from identity_server.passwords.hashes import parse

LONG = "a very much longer text to encrypt.  This one even stretches over morethan one line."


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


SCRYPT_KEY = (
    "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
    "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"
)

VECTORS = {
    "bcrypt, OpenBSD": ("$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i", "abc"),
    "argon2i, reference implementation": (
        "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA",
        "password",
    ),
    "argon2id, reference implementation": (
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "password",
    ),
    "pbkdf2, RFC 6070": (
        f"$pbkdf2-sha1$i=4096,l=20${b64(b'salt')}${b64(bytes.fromhex('4b007901b765489abead49d926f721d065a429c1'))}",
        "password",
    ),
    "scrypt, RFC 7914": (
        f"$scrypt$ln=16384,r=8,p=1${b64(b'SodiumChloride')}${b64(bytes.fromhex(SCRYPT_KEY))}",
        "pleaseletmein",
    ),
    "firescrypt, Firebase": (
        "$firescrypt$ln=14,r=8,p=1$42xEC+ixf3L2lw==$lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjo"
        "Zilo78198JAdRuid5lQ==$Bw==$jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9W"
        "mXA==",
        "user1password",
    ),
    "md5-crypt, OpenSSL": ("$md5-crypt$xxxxxxxx$UYCIxa628.9qXjpQCjM4a.", "password"),
    "sha256-crypt": ("$sha256-crypt$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5", "Hello world!"),
    "sha256-crypt, rounds, a long password": (
        "$sha256-crypt$rounds=1400$anotherlongsalts$Rx.j8H.h8HjEDGomFU8bDkXm3XIUnzyxf12oP84Bnq1",
        LONG,
    ),
    "sha512-crypt": (
        "$sha512-crypt$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
        "Hello world!",
    ),
    "sha512-crypt, rounds, a long password": (
        "$sha512-crypt$rounds=1400$anotherlongsalts$POfYwTEok97VWcjxIiSOjiykti.o/pQs.wPvMxQ6Fm7I6IoYN3CmLs66x9t0oSwbtEW7"
        "o7UmJEiDwGqd8p4ur1",
        LONG,
    ),
    "hmac-md5, RFC 2202": (
        f"$hmac-md5${b64(b'750c783e6ab0b503eaa86e310a5db738')}${b64(b'Jefe')}",
        "what do ya want for nothing?",
    ),
    "hmac-sha384, RFC 4231": (
        "$hmac-sha384$"
        + b64(b"af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649")
        + "$"
        + b64(b"Jefe"),
        "what do ya want for nothing?",
    ),
    "hmac-md4, OpenSSL": (
        f"$hmac-md4${b64(b'be192c588a8e914d8a59b474a828128f')}${b64(b'Jefe')}",
        "what do ya want for nothing?",
    ),
}


@pytest.mark.parametrize(("text", "password"), VECTORS.values(), ids=VECTORS.keys())
def test_a_published_hash_matches_its_password_alone(text: str, password: str) -> None:
    known = parse(text)
    assert known.matches(password.encode())
    assert not known.matches(password.encode() + b"x")
    assert not known.matches(password.encode()[:-1])
    assert not known.matches(b"")


@pytest.mark.parametrize("letter", ["2a", "2b", "2y", "2z", "2"])
def test_every_letter_of_bcrypt_reads_alike(letter: str) -> None:
    assert parse(f"${letter}$04$FnJnVDWudlF8JKWLoLgZ4OfVr4zpZ5b09xT3tI8P9YdzXuzYDM67u").matches(b"brisk-Otter-71")


@pytest.mark.parametrize(
    ("named", "meant"),
    [
        ("sha1", "sha1"),
        ("sha224", "sha3_224"),
        ("sha256", "sha256"),
        ("sha384", "sha3_384"),
        ("sha512", "sha512"),
        ("sha3", "sha256"),
        ("sha999", "sha256"),
    ],
)
def test_pbkdf2_digests_mean_what_kratos_makes_of_them(named: str, meant: str) -> None:
    key = hashlib.pbkdf2_hmac(meant, b"word", b"salt", 10, 24)
    assert parse(f"$pbkdf2-{named}$i=10,l=32${b64(b'salt')}${b64(key)}").matches(b"word")


def test_pbkdf2_takes_the_length_of_the_key_from_the_key() -> None:
    key = hashlib.pbkdf2_hmac("sha256", b"word", b"salt", 10, 50)
    assert parse(f"$pbkdf2-sha256$i=10,l=32${b64(b'salt')}${b64(key)}").matches(b"word")


def test_a_template_is_filled_in_one_pass() -> None:
    template, salt = b64(b"{SALT}.{PASSWORD}.{SALT}"), b64(b"{PASSWORD}")
    digest = b64(hashlib.sha256(b"{PASSWORD}.{SALT}.{PASSWORD}").digest())
    assert parse(f"$sha256$pf={template}${salt}${digest}").matches(b"{SALT}")


@pytest.mark.parametrize(("prefix", "digest"), [("{SSHA}", "sha1"), ("{SSHA256}", "sha256"), ("{SSHA512}", "sha512")])
@pytest.mark.parametrize("salt", [b"", b"salt", b"a much longer salt than usual"])
def test_ldap_hashes_carry_their_salt_at_the_end(prefix: str, digest: str, salt: bytes) -> None:
    known = parse(prefix + b64(hashlib.new(digest, b"word" + salt).digest() + salt))
    assert known.matches(b"word")
    assert not known.matches(b"Word")


@pytest.mark.parametrize(
    ("message", "digest"),
    [
        (b"", "31d6cfe0d16ae931b73c59d7e0c089c0"),
        (b"a", "bde52cb31de33e46245e05fbdbd6fb24"),
        (b"abc", "a448017aaf21d8525fc10ae87aa6729d"),
        (b"message digest", "d9130a8164549fe818874806e1c7014b"),
        (b"abcdefghijklmnopqrstuvwxyz", "d79e1c308aa5bbcdeea8ed63df412da9"),
        (
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
            "043f8582f241db351ce627e153e7f0e4",
        ),
        (b"1234567890" * 8, "e33b4ddc9c38f2199c3e7b164fcc0536"),
    ],
)
def test_md4_gives_the_digests_of_rfc_1320(message: bytes, digest: str) -> None:
    assert md4(message).hex() == digest


def test_a_key_longer_than_a_block_is_digested_first() -> None:
    assert hmac_md4(b"\xaa" * 80, b"abc").hex() == "0a572408a63984c66a2ab8e9430b83ff"

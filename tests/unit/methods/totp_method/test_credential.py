"""Secrets of authenticator apps, and which codes are right when."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest

from identity_server.ciphers.cipher import build_cipher
from identity_server.identity.model import Credential, Identity
from identity_server.methods.totp_method import credential

NOW = datetime(2026, 3, 1, 12, 0, 15, tzinfo=UTC)
STAMP = "2026-03-01T12:00:00.000000Z"
#: RFC 6238, appendix B: the secret of its SHA-1 examples and what it shows when, cut to six digits.
RFC_URL = "otpauth://totp/x:y?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&algorithm=SHA1&digits=6&period=30"
RFC_CODES = [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")]


@pytest.mark.parametrize(("seconds", "code"), RFC_CODES)
def test_the_examples_of_the_rfc_hold(seconds: int, code: str) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    assert credential.matching_step(RFC_URL, code, moment) == seconds // 30


def test_clocks_may_be_off_by_one_step() -> None:
    url = credential.new_url("Site", "ada@example.com")
    app = pyotp.parse_uri(url)
    steps = {offset: app.at(NOW + timedelta(seconds=30 * offset)) for offset in range(-3, 4)}
    right = [offset for offset, code in steps.items() if credential.matching_step(url, code, NOW) is not None]
    assert right == [-1, 0, 1]


def test_a_code_may_be_typed_as_apps_show_it() -> None:
    url = credential.new_url("Site", "ada")
    code = pyotp.parse_uri(url).at(NOW)
    assert credential.matching_step(url, f" {code[:3]} {code[3:]} ", NOW) is not None


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "０００００１", "\ud800", "0" * 10_000])
def test_anything_else_is_wrong(code: str) -> None:
    assert credential.matching_step(RFC_URL, code, NOW) is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://example.com",
        "otpauth://hotp/x?secret=GEZDGNBV&counter=1",
        "otpauth://totp/x",
        "otpauth://totp/x?secret=!!!",
        "otpauth://totp/x?secret=GEZDGNBV&period=0",
        "otpauth://totp/x?secret=GEZDGNBV&digits=99",
        "otpauth://totp/x?secret=GEZDGNBV&algorithm=ROT13",
    ],
)
def test_an_address_that_is_none_matches_nothing(url: str) -> None:
    assert credential.matching_step(url, "000000", NOW) is None


def test_a_new_secret_has_160_bits_and_kratos_parameters() -> None:
    url = credential.new_url("My Site", "ada@example.com")
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    assert url.startswith("otpauth://totp/My%20Site:ada@example.com?algorithm=SHA1&digits=6&issuer=My%20Site&period=30")
    assert len(query["secret"][0]) == 32
    assert credential.secret_of(url) == query["secret"][0]
    assert credential.new_url("My Site", "ada@example.com") != url


def test_names_cannot_add_parameters_and_stay_short() -> None:
    url = credential.new_url("Site?secret=AAAA&x=" + "i" * 500, "ada?secret=BBBB#" + "a" * 500)
    query = parse_qs(urlsplit(url).query)
    assert len(query["secret"]) == 1
    assert len(query["secret"][0]) == 32
    assert len(query["issuer"][0]) == 128
    assert pyotp.parse_uri(url).secret == query["secret"][0]


def services(algorithm: str = "aes", *, dev: bool = False, reuse: bool | None = None) -> SimpleNamespace:
    values = {"selfservice.methods.totp.config.allow_code_reuse": reuse}
    configuration = SimpleNamespace(dev=dev, get=values.get)
    return SimpleNamespace(
        cipher=build_cipher(algorithm, ["a-cipher-secret-of-32-characters"]), configuration=configuration
    )


def owner(config: dict[str, object]) -> Identity:
    identity = Identity("id", "default", {}, STAMP, STAMP)
    identity.credentials["totp"] = Credential("totp", ["id"], config, 0, STAMP, STAMP)
    return identity


@pytest.mark.parametrize(
    ("dev", "reuse", "once"),
    [(False, None, True), (True, None, False), (False, True, False), (True, False, True), (False, False, True)],
)
def test_codes_count_once_except_while_developing_and_a_setting_decides(dev, reuse, once) -> None:
    built = services(dev=dev, reuse=reuse)
    assert credential.codes_count_once(built.configuration) is once
    assert ("last_step" in credential.config_of(built, RFC_URL, 7)) is once


@pytest.mark.parametrize("algorithm", ["aes", "xchacha20-poly1305", "noop"])
def test_what_is_stored_can_be_used_and_hides_the_secret_under_a_cipher(algorithm: str) -> None:
    built = services(algorithm)
    config = credential.config_of(built, RFC_URL, 7)
    assert ("otpauth" in config["totp_url"]) is (algorithm == "noop")
    assert credential.stored_url(built, owner(config)) == RFC_URL


def test_without_the_cipher_s_secret_there_is_an_app_but_no_code_is_right() -> None:
    lost = owner(credential.config_of(services("aes"), RFC_URL, 7))
    assert credential.has_app(lost)
    assert credential.stored_url(services("noop"), lost) == ""


def test_who_has_no_app_has_none() -> None:
    nobody = Identity("id", "default", {}, STAMP, STAMP)
    assert not credential.has_app(nobody)
    assert not credential.has_app(None)
    assert not credential.has_app(owner({}))
    assert credential.stored_url(services(), nobody) == ""

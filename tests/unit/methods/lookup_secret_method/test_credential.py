"""Backup codes: made, stored, found."""

import re

import pytest

from identity_server.ciphers.cipher import build_cipher
from identity_server.identity.model import Credential, Identity
from identity_server.methods.lookup_secret_method import credential, nodes
from identity_server.methods.lookup_secret_method.credential import BackupCode

NOW = "2026-03-01T12:00:00.000000Z"
CIPHER = build_cipher("aes", ["a-cipher-secret-of-32-characters"])
PLAIN = build_cipher("noop", [])


def test_there_are_twelve_different_ones() -> None:
    codes = credential.new_codes()
    assert len({each.code for each in codes}) == 12
    assert all(re.fullmatch("[a-z0-9]{8}", each.code) for each in codes)
    assert {each.used_at for each in codes} == {None}


def test_under_a_cipher_none_of_them_is_stored_in_clear() -> None:
    codes = credential.new_codes()
    stored = credential.seal(CIPHER, codes)
    assert not any(each.code in str(stored) for each in codes)
    assert credential.unseal(CIPHER, stored) == codes


def test_without_a_cipher_they_are_what_kratos_stores() -> None:
    assert credential.seal(PLAIN, [BackupCode("abcdefgh", NOW)]) == [{"code": "abcdefgh", "used_at": NOW}]
    assert credential.unseal(CIPHER, [{"code": "abcdefgh"}]) == [BackupCode("abcdefgh")]


def test_a_code_is_found_by_itself_alone() -> None:
    codes = [BackupCode("aaaaaaaa"), BackupCode("bbbbbbbb", NOW)]
    assert credential.find(codes, "bbbbbbbb") == 1
    for wrong in ("", "bbbbbbb", "bbbbbbbbb", "BBBBBBBB", "cccccccc", "\ud800"):
        assert credential.find(codes, wrong) is None


def test_codes_that_no_secret_opens_match_nothing() -> None:
    lost = credential.unseal(PLAIN, credential.seal(CIPHER, [BackupCode("aaaaaaaa")]))
    assert lost == [BackupCode("")]
    assert credential.find(lost, "") is None


@pytest.mark.parametrize("config", [{}, {"recovery_codes": None}, {"recovery_codes": []}])
def test_who_has_none_has_none(config: dict[str, object]) -> None:
    identity = Identity("id", "default", {}, NOW, NOW)
    assert credential.entries(identity) == credential.entries(None) == []
    identity.credentials["lookup_secret"] = Credential("lookup_secret", ["id"], config)
    assert credential.entries(identity) == []


def test_a_code_is_not_in_a_repr() -> None:
    assert "aaaaaaaa" not in repr(BackupCode("aaaaaaaa"))


def test_used_codes_are_shown_by_their_time_alone() -> None:
    shown = nodes.listed([BackupCode("aaaaaaaa", NOW), BackupCode("bbbbbbbb")]).attributes["text"]
    assert [each["id"] for each in shown["context"]["secrets"]] == [1050014, 1050009]
    assert "aaaaaaaa" not in str(shown)
    assert shown["context"]["secrets"][0]["context"]["used_at_unix"] == 1772366400

"""Removing credentials by hand."""

from typing import Any

import pytest

from identity_server.errors import ApiError
from identity_server.identity.levels import Factors
from identity_server.identity.model import Credential, Identity
from identity_server.identity.removal import remove

HASH = {"hashed_password": "$2a$04$x"}
KEY, PASSWORDLESS = {"id": "a", "is_passwordless": False}, {"id": "b", "is_passwordless": True}


def linked(*names: str) -> Credential:
    entries = [dict(zip(("provider", "subject"), name.split(":"), strict=True)) for name in names]
    return Credential("oidc", list(names), {"providers": entries})


def refusal(identity: Identity, kind: str, identifier: str = "") -> int:
    with pytest.raises(ApiError) as caught:
        remove(identity, kind, identifier, Factors())
    return caught.value.status


@pytest.mark.parametrize("kind", ["totp", "lookup_secret", "webauthn", "passkey", "oidc", "saml", "code", "nothing"])
def test_what_is_not_there_is_not_found(ada: Identity, kind: str) -> None:
    assert refusal(ada, kind) == 404


@pytest.mark.parametrize("kind", ["passkey", "code", "deviceauthn"])
def test_kinds_that_cannot_be_removed(ada: Identity, kind: str) -> None:
    ada.credentials[kind] = Credential(kind)
    assert refusal(ada, kind) == 400


@pytest.mark.parametrize("kind", ["totp", "lookup_secret"])
def test_second_factors_go_without_a_question(ada: Identity, kind: str) -> None:
    ada.credentials[kind] = Credential(kind, [ada.id], {"totp_url": "x"})
    remove(ada, kind, "", Factors())
    assert kind not in ada.credentials


def test_keys_that_sign_in_by_themselves_stay(ada: Identity) -> None:
    ada.credentials["webauthn"] = Credential(
        "webauthn", ["ada"], {"credentials": [KEY, PASSWORDLESS], "user_handle": "h"}
    )
    remove(ada, "webauthn", "", Factors())
    assert ada.credentials["webauthn"].config == {"credentials": [PASSWORDLESS], "user_handle": "h"}


def test_the_user_handle_outlives_the_last_second_factor_key(ada: Identity) -> None:
    ada.credentials["webauthn"] = Credential("webauthn", ["ada"], {"credentials": [KEY], "user_handle": "AAAA"})
    remove(ada, "webauthn", "", Factors())
    assert ada.credentials["webauthn"].config == {"user_handle": "AAAA"}


def test_the_only_password_stays(ada: Identity) -> None:
    ada.credentials["password"].config = dict(HASH)
    assert refusal(ada, "password") == 400
    assert ada.credentials["password"].config == HASH


def test_a_password_beside_a_provider_goes_and_its_identifiers_stay(ada: Identity) -> None:
    ada.credentials["password"].config = dict(HASH)
    ada.credentials["oidc"] = linked("acme:1")
    remove(ada, "password", "", Factors())
    assert (ada.credentials["password"].config, ada.credentials["password"].identifiers) == ({}, ["ada@example.com"])


def test_codes_that_sign_in_count_as_a_way_in(ada: Identity) -> None:
    ada.credentials["password"].config = dict(HASH)
    remove(ada, "password", "", Factors(code_is_first=True))
    assert ada.credentials["password"].config == {}


def test_a_provider_must_be_named(ada: Identity) -> None:
    ada.credentials["oidc"] = linked("acme:1", "globex:2")
    assert refusal(ada, "oidc") == 400


@pytest.mark.parametrize("name", ["acme:zebra", "acme", "ACME:1"])
def test_a_provider_must_be_linked(ada: Identity, name: str) -> None:
    ada.credentials["oidc"] = linked("acme:1", "globex:2")
    assert refusal(ada, "oidc", name) == 404


def test_a_provider_goes_and_the_others_stay(ada: Identity) -> None:
    ada.credentials["oidc"] = linked("acme:1", "globex:2")
    remove(ada, "oidc", "acme:1", Factors())
    oidc = ada.credentials["oidc"]
    assert (oidc.identifiers, oidc.config["providers"]) == (["globex:2"], [{"provider": "globex", "subject": "2"}])


def test_the_last_provider_stays(ada: Identity) -> None:
    ada.credentials["oidc"] = linked("acme:1")
    assert refusal(ada, "oidc", "acme:1") == 400


def test_the_last_provider_beside_a_password_leaves_an_empty_credential(ada: Identity) -> None:
    ada.credentials["password"].config = dict(HASH)
    ada.credentials["oidc"] = linked("acme:1")
    remove(ada, "oidc", "acme:1", Factors())
    assert (ada.credentials["oidc"].identifiers, ada.credentials["oidc"].config) == ([], {"providers": []})


@pytest.mark.parametrize("config", [{}, {"hashed_password": ""}])
def test_an_empty_password_is_no_way_in(ada: Identity, config: dict[str, Any]) -> None:
    ada.credentials["password"].config = config
    ada.credentials["oidc"] = linked("acme:1")
    assert refusal(ada, "oidc", "acme:1") == 400

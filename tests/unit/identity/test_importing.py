"""Passwords, links to providers and addresses that come along."""

import asyncio
from typing import Any

import pytest

from identity_server.errors import ApiError
from identity_server.identity import importing
from identity_server.identity.importing import Importer
from identity_server.identity.model import Address, Identity
from identity_server.identity.payload import CreateBody, read
from identity_server.passwords.errors import PoolBusy
from identity_server.passwords.hashers import BcryptHasher
from identity_server.passwords.pool import HashingPool

NOW = "2026-03-01T12:00:00.000000Z"
LATER = "2026-03-02T12:00:00.000000Z"
BCRYPT = "$2b$04$FnJnVDWudlF8JKWLoLgZ4OfVr4zpZ5b09xT3tI8P9YdzXuzYDM67u"
SALT = "c2FsdHNhbHQ"
KEY = "a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5"


@pytest.fixture
def importer() -> Importer:
    return Importer(HashingPool(BcryptHasher(4)))


def bring(importer: Importer, identity: Identity, credentials: Any, now: str = NOW) -> set[str]:
    return asyncio.run(importer.credentials(identity, read(CreateBody, {"credentials": credentials}).credentials, now))


def password(**config: Any) -> dict[str, Any]:
    return {"password": {"config": config}}


def refusal(importer: Importer, identity: Identity, credentials: Any) -> ApiError:
    with pytest.raises(ApiError) as caught:
        bring(importer, identity, credentials)
    return caught.value


def test_clear_text_is_hashed(importer: Importer, ada: Identity) -> None:
    assert bring(importer, ada, password(password="brisk-Otter-71")) == {"password"}
    assert str(ada.credentials["password"].config["hashed_password"]).startswith("$2a$04$")


def test_clear_text_wins_over_a_hash(importer: Importer, ada: Identity) -> None:
    bring(importer, ada, password(password="brisk-Otter-71", hashed_password=BCRYPT))
    assert ada.credentials["password"].config["hashed_password"] != BCRYPT


def test_a_hash_stays_as_it_came(importer: Importer, ada: Identity) -> None:
    bring(importer, ada, password(hashed_password=BCRYPT))
    assert ada.credentials["password"].config == {"hashed_password": BCRYPT}


def test_the_identifiers_stay(importer: Importer, ada: Identity) -> None:
    bring(importer, ada, password(hashed_password=BCRYPT))
    assert ada.credentials["password"].identifiers == ["ada@example.com"]


def test_a_password_may_wait_for_another_system(importer: Importer, ada: Identity) -> None:
    bring(importer, ada, password(use_password_migration_hook=True))
    assert ada.credentials["password"].config == {"hashed_password": "", "use_password_migration_hook": True}


@pytest.mark.parametrize(
    "config", [{}, {"password": ""}, {"hashed_password": ""}, {"use_password_migration_hook": False}]
)
def test_a_password_without_any_is_refused(importer: Importer, ada: Identity, config: Any) -> None:
    assert refusal(importer, ada, password(**config)).status == 400


def test_nothing_to_bring_is_fine(importer: Importer, ada: Identity) -> None:
    before = dict(ada.credentials)
    assert bring(importer, ada, {}) == set()
    assert ada.credentials == before


@pytest.mark.parametrize("name", ["$argon2id$", "$2a$", "$scrypt$", "$pbkdf2-sha256$", "$hmac-sha1$", "$md5-crypt$"])
def test_a_bare_name_of_an_algorithm_is_a_password_that_nobody_has(
    importer: Importer, ada: Identity, name: str
) -> None:
    bring(importer, ada, password(hashed_password=name))
    assert not asyncio.run(HashingPool(BcryptHasher(4)).verify(name, ""))


@pytest.mark.parametrize(
    "text", ["plain", "$sha3$a$b", "$2c$04$" + BCRYPT[7:], "$argon2id$v=19$x", "$argon2id$ ", "$$"]
)
def test_a_broken_hash_is_refused(importer: Importer, ada: Identity, text: str) -> None:
    assert refusal(importer, ada, password(hashed_password=text)).status == 400


def test_a_refused_hash_is_not_repeated(importer: Importer, ada: Identity) -> None:
    assert "hunter" not in refusal(importer, ada, password(hashed_password="$2c$hunter")).reason


def test_a_password_too_long_for_bcrypt_is_refused(importer: Importer, ada: Identity) -> None:
    assert "72" in refusal(importer, ada, password(password="x" * 73)).reason


def test_too_many_waiting_passwords_are_no_internal_error(
    importer: Importer, ada: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busy(self: HashingPool, password: str) -> str:
        raise PoolBusy(7)

    monkeypatch.setattr(HashingPool, "hash", busy)
    error = refusal(importer, ada, password(password="brisk-Otter-71"))
    assert (error.status, error.headers) == (503, {"retry-after": "7"})


def providers(*entries: dict[str, Any], kind: str = "oidc") -> dict[str, Any]:
    return {kind: {"config": {"providers": list(entries)}}}


def test_a_link_to_a_provider_is_an_identifier(importer: Importer, ada: Identity) -> None:
    entry = {"provider": "acme", "subject": "s-1", "use_auto_link": True, "organization": "o"}
    assert bring(importer, ada, providers(entry)) == {"oidc"}
    oidc = ada.credentials["oidc"]
    assert oidc.identifiers == ["acme:s-1"]
    tokens = {"initial_id_token": "", "initial_access_token": "", "initial_refresh_token": ""}
    assert oidc.config == {"providers": [{**entry, **tokens}]}


def test_saml_has_no_tokens(importer: Importer, ada: Identity) -> None:
    bring(importer, ada, providers({"provider": "corp", "subject": "o"}, kind="saml"))
    assert ada.credentials["saml"].config == {"providers": [{"provider": "corp", "subject": "o"}]}


def test_providers_join_those_that_are_there(importer: Importer, ada: Identity) -> None:
    bring(importer, ada, providers({"provider": "acme", "subject": "1"}))
    assert bring(importer, ada, providers({"provider": "acme", "subject": "2"}), LATER) == set()
    assert ada.credentials["oidc"].identifiers == ["acme:1", "acme:2"]
    assert (ada.credentials["oidc"].created_at, ada.credentials["oidc"].updated_at) == (NOW, LATER)


def test_a_link_that_is_there_is_not_added_again(importer: Importer, ada: Identity) -> None:
    for _ in range(2):
        bring(importer, ada, providers({"provider": "acme", "subject": "1"}))
    assert ada.credentials["oidc"].identifiers == ["acme:1"]


def known(**body: Any) -> list[Address]:
    return importing.addresses(read(CreateBody, {"verifiable_addresses": [body]}).verifiable_addresses, NOW)


@pytest.mark.parametrize(
    ("body", "verified", "status", "verified_at"),
    [
        ({"verified": True}, True, "completed", NOW),
        ({"verified": True, "status": "pending"}, True, "pending", NOW),
        ({"verified": True, "verified_at": "2020-01-01T00:00:00Z"}, True, "completed", "2020-01-01T00:00:00Z"),
        ({"verified": False, "status": "completed", "verified_at": "2020-01-01T00:00:00Z"}, False, "completed", None),
        ({"status": "completed"}, False, "completed", None),
        ({}, False, "pending", None),
    ],
)
def test_what_is_known_of_an_address(body: Any, verified: bool, status: str, verified_at: str | None) -> None:
    (address,) = known(value="ADA@example.com", via="email", **body)
    assert (address.value, address.verified, address.status) == ("ada@example.com", verified, status)
    assert address.verified_at == verified_at


def test_an_address_may_bring_its_id() -> None:
    own = "aaaaaaaa-0000-4000-8000-000000000001"
    assert known(id=own, value="a@b.example", via="email")[0].id == own


def test_a_status_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ApiError):
        known(value="a@b.example", via="email", status="lost")


def test_an_address_that_is_no_text_for_people_is_left_out() -> None:
    assert known(value="a\0@b.example", via="email") == []


def test_a_changed_address_keeps_its_age() -> None:
    (before,) = known(value="a@b.example", via="email")
    bodies = read(CreateBody, {"verifiable_addresses": [before.verifiable_json()]}).verifiable_addresses
    (after,) = importing.merged([before], bodies, LATER)
    assert (after.id, after.created_at, after.updated_at) == (before.id, NOW, LATER)

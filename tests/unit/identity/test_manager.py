"""Identifiers and addresses follow the traits."""

import pytest

from identity_server.identity.manager import IdentityManager, InvalidTraits
from identity_server.identity.model import Credential, Identity
from identity_server.schema.errors import UnknownSchema


def test_an_unnamed_schema_is_the_default(manager: IdentityManager) -> None:
    assert manager.draft("", {}).schema_id == "person"


def test_an_unknown_schema_is_told(manager: IdentityManager) -> None:
    with pytest.raises(UnknownSchema):
        manager.draft("fleet", {})


def test_a_new_identity_has_names_before_it_has_a_password(ada: Identity) -> None:
    assert ada.credentials["password"].identifiers == ["ada@example.com"]
    assert ada.credentials["password"].config == {}
    assert ada.available_aal == "aal0"


def test_webauthn_has_names_where_the_schema_says_so(manager: IdentityManager) -> None:
    identity = manager.draft("device", {"serial": "AB-1"})
    manager.settle(identity)
    assert list(identity.credentials) == ["webauthn"]
    assert identity.credentials["webauthn"].identifiers == ["ab-1"]


def test_addresses_come_from_the_traits_alone(ada: Identity) -> None:
    assert [(each.via, each.value, each.verified) for each in ada.verifiable_addresses] == [
        ("email", "ada@example.com", False)
    ]
    assert [each.value for each in ada.recovery_addresses] == ["ada@example.com"]


def test_an_address_that_stays_keeps_its_id_and_state(manager: IdentityManager, ada: Identity) -> None:
    (address,) = ada.verifiable_addresses
    address.verified = True
    ada.traits = {"email": "Ada@Example.com", "age": 30}
    manager.settle(ada)
    assert ada.verifiable_addresses == [address]


def test_an_address_that_changes_is_a_new_one(manager: IdentityManager, ada: Identity) -> None:
    ada.verifiable_addresses[0].verified = True
    before = ada.verifiable_addresses[0].id
    ada.traits = {"email": "other@example.com"}
    manager.settle(ada)
    (after,) = ada.verifiable_addresses
    assert (after.verified, after.id != before) == (False, True)
    assert ada.credentials["password"].identifiers == ["other@example.com"]


def test_names_that_no_trait_holds_go_with_an_empty_password(manager: IdentityManager, ada: Identity) -> None:
    ada.schema_id, ada.traits = "device", {"serial": "AB-1"}
    manager.settle(ada)
    assert list(ada.credentials) == ["webauthn"]


def test_a_password_outlives_its_names(manager: IdentityManager, ada: Identity) -> None:
    ada.credentials["password"].config = {"hashed_password": "x"}
    ada.schema_id, ada.traits = "device", {"serial": "AB-1"}
    manager.settle(ada)
    assert ada.credentials["password"].identifiers == []


def test_broken_traits_are_refused_and_named(manager: IdentityManager, ada: Identity) -> None:
    ada.traits = {"email": "nothing", "age": 3}
    with pytest.raises(InvalidTraits) as caught:
        manager.settle(ada)
    assert {violation.pointer for violation in caught.value.violations} == {"traits.email", "traits.age"}


def test_a_code_credential_is_made_where_the_schema_says_so(manager: IdentityManager) -> None:
    identity = manager.draft("codes", {"email": "ada@example.com"})
    manager.settle(identity)
    code = identity.credentials["code"]
    assert (code.version, code.identifiers) == (1, ["ada@example.com"])
    assert code.config == {"addresses": [{"channel": "email", "address": "ada@example.com"}]}


def test_no_code_credential_is_made_elsewhere(ada: Identity) -> None:
    assert "code" not in ada.credentials


def test_a_code_credential_follows_the_traits(manager: IdentityManager) -> None:
    identity = manager.draft("codes", {"email": "new@example.com"})
    identity.credentials["code"] = Credential("code", ["old@example.com"], {"addresses": []}, 1)
    manager.settle(identity)
    assert identity.credentials["code"].identifiers == ["new@example.com"]

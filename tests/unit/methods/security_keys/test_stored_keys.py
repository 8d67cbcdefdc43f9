"""Keys in Kratos' shape, and what is no key."""

from typing import Any

import pytest

from identity_server.identity.model import Credential, Identity
from identity_server.methods.security_keys import models
from identity_server.methods.security_keys.stored_keys import (
    NewKey,
    config_changed,
    config_with,
    config_without,
    keys_of,
    user_handle,
)

NOW = "2026-03-01T12:00:00.000000Z"


def new_key(key_id: bytes = b"\x00\xff", **changes: Any) -> NewKey:
    fields = {
        "public_key": b"cose",
        "sign_count": 7,
        "model": bytes(16),
        "attestation": "none",
        "user_verified": True,
        "backup_eligible": True,
        "backed_up": False,
    }
    return NewKey(id=key_id, **{**fields, **changes})


def owner(config: dict[str, Any]) -> Identity:
    identity = Identity("id", "default", {}, NOW, NOW)
    identity.credentials["webauthn"] = Credential("webauthn", ["ada"], config, 1, NOW, NOW)
    return identity


def test_an_entry_is_what_kratos_writes() -> None:
    assert new_key().entry("Stick", NOW, passwordless=False) == {
        "id": "AP8=",
        "public_key": "Y29zZQ==",
        "attestation_type": "none",
        "authenticator": {"aaguid": "AAAAAAAAAAAAAAAAAAAAAA==", "sign_count": 7, "clone_warning": False},
        "display_name": "Stick",
        "added_at": NOW,
        "is_passwordless": False,
        "flags": {
            "user_present": True,
            "user_verified": True,
            "backup_eligible": True,
            "backup_state": False,
        },
    }
    assert new_key(transports=("usb",)).entry("", NOW, passwordless=True)["transport"] == ["usb"]


def test_what_was_added_is_found_again_until_it_is_removed() -> None:
    config = config_with(None, new_key(b"one").entry("One", NOW, passwordless=True), b"handle")
    identity = owner(config)
    held = identity.credentials["webauthn"]
    held.config = config_with(held, new_key(b"two").entry("", NOW, passwordless=False), b"handle")
    one, two = keys_of(identity, "webauthn")
    assert (one.id, one.name, one.is_passwordless, one.sign_count) == (b"one", "One", True, 7)
    assert (two.id, two.name, two.is_passwordless, two.public_key) == (b"two", "unnamed", False, b"cose")
    assert user_handle(identity, "webauthn") == b"handle"
    held.config = config_without(held, b"one".hex())
    assert [key.id for key in keys_of(identity, "webauthn")] == [b"two"]
    assert user_handle(identity, "webauthn") == b"handle"


def test_only_the_named_key_changes() -> None:
    entries = [new_key(name).entry("", NOW, passwordless=True) for name in (b"one", b"two")]
    changed = config_changed({"credentials": entries, "user_handle": "AA=="}, b"two", {"id": "x"})
    assert changed == {"credentials": [entries[0], {"id": "x"}], "user_handle": "AA=="}


@pytest.mark.parametrize(
    "entry", [{}, {"id": "AP8="}, {"id": "not base64!", "public_key": "AA=="}, {"public_key": "AA=="}]
)
def test_entries_that_cannot_be_read_are_no_keys(entry: dict[str, Any]) -> None:
    assert keys_of(owner({"credentials": [entry]}), "webauthn") == []


def test_who_has_no_key_has_no_handle() -> None:
    nobody = Identity("id", "default", {}, NOW, NOW)
    assert keys_of(nobody, "webauthn") == keys_of(None, "webauthn") == []
    assert user_handle(nobody, "webauthn") == b""


def test_the_public_key_is_not_in_a_repr() -> None:
    key = keys_of(owner(config_with(None, new_key().entry("", NOW, passwordless=True), b"")), "webauthn")[0]
    assert "cose" not in repr(key) + repr(new_key())


def test_well_known_makes_have_names() -> None:
    assert models.name_of(bytes.fromhex("ea9b8d664d011d213ce4b6b48cb575d4")) == "Google Password Manager"
    assert models.name_of(bytes(16)) == models.name_of(b"") == ""

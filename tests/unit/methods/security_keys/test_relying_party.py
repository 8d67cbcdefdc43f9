"""The site as a key knows it."""

import json
from datetime import timedelta
from typing import Any

import pytest

from identity_server.configuration import load
from identity_server.methods.security_keys.relying_party import RelyingParty, for_passkeys, for_security_keys

RP = {"id": "app.test", "display_name": "Site"}


def configured(tmp_path, method: str, config: dict[str, Any], public_url: str = "https://id.app.test/") -> RelyingParty:
    file = tmp_path / "kratos.json"
    values = {
        "dev": True,
        "dsn": "memory",
        "serve": {"public": {"base_url": public_url}},
        "identity": {"schemas": [{"id": "default", "url": "base64://e30="}]},
        "selfservice": {
            "default_browser_return_url": "https://app.test/",
            "methods": {method: {"enabled": True, "config": config}},
        },
    }
    file.write_text(json.dumps(values))
    make = for_security_keys if method == "webauthn" else for_passkeys
    return make(load([str(file)], {}, {}))


@pytest.mark.parametrize(
    ("origins", "expected"),
    [
        (["https://app.test", "https://www.app.test"], ("https://app.test", "https://www.app.test")),
        (["https://App.Test/", "HTTPS://app.test:443"], ("https://app.test", "https://app.test")),
        (["http://localhost:4455/login?x=1"], ("http://localhost:4455",)),
        (["https://[::1]:8443"], ("https://[::1]:8443",)),
        (["android:apk-key-hash:AbC_123"], ("android:apk-key-hash:AbC_123",)),
    ],
)
def test_origins_are_those_that_browsers_tell(tmp_path, origins: list[str], expected: tuple[str, ...]) -> None:
    for method in ("webauthn", "passkey"):
        assert configured(tmp_path, method, {"rp": {**RP, "origins": origins}}).origins == expected


def test_one_origin_may_be_given_by_the_older_key(tmp_path) -> None:
    assert configured(tmp_path, "webauthn", {"rp": {**RP, "origin": "https://app.test"}}).origins == (
        "https://app.test",
    )


def test_without_origins_the_domain_itself_is_one(tmp_path) -> None:
    assert configured(tmp_path, "passkey", {"rp": RP}).origins == ("https://app.test",)
    assert configured(tmp_path, "passkey", {"rp": RP}, "http://127.0.0.1:4433/").origins == ("http://app.test",)


def test_security_keys_are_asked_shortly_and_for_nobody_in_particular(tmp_path) -> None:
    party = configured(tmp_path, "webauthn", {"rp": RP})
    assert (party.user_verification, party.resident_key, party.attachment) == ("discouraged", "", "")
    assert party.login_timeout == party.registration_timeout == timedelta(minutes=2)
    assert not party.verifies_users


def test_passkeys_are_found_by_themselves(tmp_path) -> None:
    party = configured(tmp_path, "passkey", {"rp": RP})
    assert (party.user_verification, party.resident_key, party.attachment) == ("preferred", "required", "platform")
    assert party.login_timeout == timedelta(minutes=5)


def test_what_is_configured_of_passkeys_counts(tmp_path) -> None:
    chosen = {
        "rp": RP,
        "authenticator_selection": {
            "attachment": "cross-platform",
            "resident_key": "preferred",
            "user_verification": "required",
        },
        "attestation": {"preference": "direct"},
        "timeouts": {"login": "30s", "registration": "1m"},
    }
    party = configured(tmp_path, "passkey", chosen)
    assert (party.attachment, party.resident_key, party.attestation) == ("cross-platform", "preferred", "direct")
    assert party.verifies_users
    assert (party.login_timeout, party.registration_timeout) == (timedelta(seconds=30), timedelta(minutes=1))


def test_without_a_check_of_the_person_there_is_less_to_wait_for(tmp_path) -> None:
    chosen = {"rp": RP, "authenticator_selection": {"user_verification": "discouraged"}}
    assert configured(tmp_path, "passkey", chosen).login_timeout == timedelta(minutes=2)

"""Submissions of scripts and single buttons name their method by the field that they fill in."""

import pytest

from identity_server.flows.implied import name_method


@pytest.mark.parametrize(
    ("kind", "form", "method"),
    [
        ("login", {"passkey_login": "{}"}, "passkey"),
        ("login", {"webauthn_login": "{}", "identifier": "ada"}, "webauthn"),
        ("registration", {"passkey_register": "{}"}, "passkey"),
        ("registration", {"webauthn_register": "{}"}, "webauthn"),
        ("settings", {"webauthn_remove": "00ff"}, "webauthn"),
        ("settings", {"passkey_remove": "00ff"}, "passkey"),
        ("settings", {"passkey_settings_register": "{}"}, "passkey"),
        ("settings", {"totp_unlink": "true"}, "totp"),
        ("settings", {"totp_unlink": True}, "totp"),
        ("settings", {"lookup_secret_reveal": True}, "lookup_secret"),
        ("settings", {"lookup_secret_regenerate": "on"}, "lookup_secret"),
    ],
)
def test_a_field_says_whose_it_is(kind, form, method) -> None:
    name_method(form, kind)
    assert form["method"] == method


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        ("login", {"passkey_login": "", "webauthn_login": ""}),
        ("login", {"webauthn_remove": "00ff"}),
        ("settings", {"totp_unlink": False, "lookup_secret_reveal": None}),
        ("recovery", {"passkey_login": "{}"}),
        ("settings", {}),
    ],
)
def test_nothing_is_made_up(kind, form) -> None:
    name_method(form, kind)
    assert "method" not in form


def test_what_was_named_stays() -> None:
    form = {"method": "password", "passkey_login": "{}"}
    name_method(form, "login")
    assert form["method"] == "password"

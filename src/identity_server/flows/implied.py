"""Which method a submission is for that names none: scripts and buttons of some methods send their own field alone."""

from collections.abc import Mapping
from typing import Any, Final

from identity_server.flows import forms
from identity_server.flows.model import Kind

_BY_FIELD: Final[Mapping[Kind, Mapping[str, str]]] = {
    "login": {"webauthn_login": "webauthn", "passkey_login": "passkey", "provider": "oidc"},
    "registration": {"webauthn_register": "webauthn", "passkey_register": "passkey", "provider": "oidc"},
    "settings": {
        "link": "oidc",
        "unlink": "oidc",
        "totp_unlink": "totp",
        "lookup_secret_reveal": "lookup_secret",
        "lookup_secret_regenerate": "lookup_secret",
        "lookup_secret_confirm": "lookup_secret",
        "lookup_secret_disable": "lookup_secret",
        "webauthn_register": "webauthn",
        "webauthn_remove": "webauthn",
        "passkey_settings_register": "passkey",
        "passkey_remove": "passkey",
    },
}


def name_method(form: dict[str, Any], kind: Kind) -> None:
    """Puts the method's name into a form that lacks it, when one of its fields says which it is."""
    if forms.text_of(form, "method"):
        return
    for field, method in _BY_FIELD.get(kind, {}).items():
        if forms.text_of(form, field) or forms.flag_of(form, field):
            form["method"] = method
            return

"""``selfservice`` and ``session`` of the configuration: which flows and sign-in methods people get."""

from typing import Any

from .options import Options

#: Where people land when nobody says where to: the page on which they see their own account.
OWN_SETTINGS_PAGE = "/self-service/settings/browser"


def settings(options: Options) -> dict[str, Any]:
    """Flows, methods and the assurance that a session must have."""
    return {
        "selfservice": {
            "default_browser_return_url": OWN_SETTINGS_PAGE,
            "flows": _flows(options),
            "methods": _methods(options),
        },
        "session": {"whoami": {"required_aal": _assurance(options)}},
    }


def _flows(options: Options) -> dict[str, Any]:
    # Whoever changes a password because it leaked wants everybody else out.
    leave = {"hooks": [{"hook": "revoke_active_sessions"}]}
    flows: dict[str, Any] = {
        "settings": {"required_aal": _assurance(options), "after": {"password": leave}},
        "recovery": {"enabled": options.enable_local_idp, "use": "code", "after": leave},
        "verification": {"enabled": options.enable_verification, "use": "code"},
    }
    if options.enable_verification:
        flows["registration"] = {
            "after": {"password": {"hooks": [{"hook": "show_verification_ui"}, {"hook": "session"}]}}
        }
    return flows


def _methods(options: Options) -> dict[str, Any]:
    local, second = options.enable_local_idp, options.enforce_mfa
    return {
        "password": {"enabled": local, "config": {"haveibeenpwned_enabled": False}},
        "profile": {"enabled": local},
        "code": {"enabled": True},
        "link": {"enabled": False},
        "totp": {"enabled": second, "config": {"issuer": options.sender_name}},
        "lookup_secret": {"enabled": second},
    }


def _assurance(options: Options) -> str:
    return "highest_available" if options.enforce_mfa and options.enable_local_idp else "aal1"

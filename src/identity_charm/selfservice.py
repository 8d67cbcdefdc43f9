"""``selfservice`` and ``session`` of the configuration: which flows and sign-in methods people get."""

from typing import Any
from urllib.parse import urlsplit

from .options import Options
from .related import Related

#: Where people land when nobody says where to: the page on which they see their own account.
OWN_SETTINGS_PAGE = "/self-service/settings/browser"


def settings(options: Options, related: Related, *, social: bool) -> dict[str, Any]:
    """Flows, methods and the assurance that a session must have.

    Args:
        social: whether people can sign in with another provider.
    """
    return {
        "selfservice": {
            "default_browser_return_url": OWN_SETTINGS_PAGE,
            "flows": _flows(options, related, social=social),
            "methods": _methods(options, related.public_url),
        },
        "session": {"lifespan": options.session_lifespan, "whoami": {"required_aal": _assurance(options)}},
    }


def webauthn_wanted(options: Options) -> bool:
    """Whether people may use keys, as the only factor or as the second."""
    return options.enable_passwordless_login_method or options.enable_oidc_webauthn_sequencing


def _flows(options: Options, related: Related, *, social: bool) -> dict[str, Any]:
    # Whoever changes a password because it leaked wants everybody else out.
    leave = {"hooks": [{"hook": "revoke_active_sessions"}]}
    return {
        "login": _login(options, related, social=social),
        "registration": _registration(options, related, social=social),
        "settings": {"required_aal": _assurance(options), "after": {"password": leave}},
        "recovery": {"enabled": options.enable_local_idp, "use": "code", "after": leave},
        "verification": {"enabled": options.enable_verification, "use": "code"},
    }


def _login(options: Options, related: Related, *, social: bool) -> dict[str, Any]:
    hooks, analytics = related.login_hooks, bool(related.tracing.url)
    active = {
        "password": options.enable_local_idp,
        "oidc": social,
        "webauthn": webauthn_wanted(options),
        "totp": options.enforce_mfa,
        "lookup_secret": backup_codes_wanted(options),
    }
    lists = {method: hooks.after(method, analytics=analytics) for method, on in active.items() if on}
    return _with_hooks(hooks.before(analytics=analytics), {method: found for method, found in lists.items() if found})


def _registration(options: Options, related: Related, *, social: bool) -> dict[str, Any]:
    hooks, analytics = related.registration_hooks, bool(related.tracing.url)
    active = {"password": options.enable_local_idp, "oidc": social, "webauthn": webauthn_wanted(options)}
    after: dict[str, list[dict[str, Any]]] = {}
    for method in (name for name, on in active.items() if on):
        after[method] = hooks.after(method, analytics=analytics)
        if options.enable_verification and method == "password":
            after[method].append({"hook": "show_verification_ui"})
        after[method].append({"hook": "session"})
    # Who comes from another provider for the first time is registered on the way, and nobody else.
    return {
        "enabled": options.enable_registration,
        "through_providers": social,
        **_with_hooks(hooks.before(analytics=analytics), after),
    }


def _with_hooks(before: list[dict[str, Any]], after: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    flow: dict[str, Any] = {}
    if before:
        flow["before"] = {"hooks": before}
    if after:
        flow["after"] = {method: {"hooks": hooks} for method, hooks in after.items()}
    return flow


def _methods(options: Options, public_url: str) -> dict[str, Any]:
    local = options.enable_local_idp
    return {
        "password": {
            "enabled": local,
            "config": {
                "min_password_length": options.password_min_length,
                "identifier_similarity_check_enabled": options.password_check_similarity,
                "haveibeenpwned_enabled": options.password_check_breaches,
                "common_passwords_enabled": True,
            },
        },
        "profile": {"enabled": local},
        "code": {"enabled": True},
        "link": {"enabled": False},
        "totp": {"enabled": options.enforce_mfa, "config": {"issuer": options.sender_name}},
        "lookup_secret": {"enabled": backup_codes_wanted(options)},
        "webauthn": _webauthn(options, public_url),
    }


def _webauthn(options: Options, public_url: str) -> dict[str, Any]:
    if not webauthn_wanted(options) or not public_url:
        return {"enabled": False}
    parts = urlsplit(public_url)
    party = {
        "id": parts.hostname,
        "display_name": options.sender_name,
        "origin": f"{parts.scheme}://{parts.netloc}",
    }
    return {"enabled": True, "config": {"passwordless": options.enable_passwordless_login_method, "rp": party}}


def backup_codes_wanted(options: Options) -> bool:
    """Whether people may keep codes for the day they lose their device."""
    return options.enforce_mfa or options.enable_oidc_webauthn_sequencing


def _assurance(options: Options) -> str:
    strict = (options.enforce_mfa and options.enable_local_idp) or options.enable_oidc_webauthn_sequencing
    return "highest_available" if strict else "aal1"

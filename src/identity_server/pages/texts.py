"""Every word of the pages themselves, by key."""

from collections.abc import Mapping

TABLE: Mapping[str, str] = {
    "login.title": "Sign in",
    "login.refresh": "Confirm that it is you",
    "login.aal2": "One more step",
    "registration.title": "Create an account",
    "recovery.title": "Recover your account",
    "verification.title": "Verify your address",
    "settings.title": "Account settings",
    "error.title": "That did not work",
    "home.title": "Your account",
    "home.welcome": "You are signed in as",
    "home.level": "Signed in with",
    "home.sessions": "Where else you are signed in",
    "home.no_sessions": "Nowhere else.",
    "home.revoke": "Sign out there",
    "home.revoke_all": "Sign out everywhere else",
    "home.since": "since",
    "home.unknown_device": "An unknown device",
    "link.settings": "Account settings",
    "link.home": "Your account",
    "link.logout": "Sign out",
    "link.login": "Sign in instead",
    "link.registration": "Create an account",
    "link.recovery": "Forgot how to sign in?",
    "link.again": "Start again",
    "group.profile": "Profile",
    "group.password": "Password",
    "group.oidc": "Other accounts",
    "group.totp": "Authenticator app",
    "group.lookup_secret": "Backup codes",
    "group.webauthn": "Security keys",
    "group.passkey": "Passkeys",
    "group.code": "One-time code",
    "group.link": "Link by e-mail",
    "group.default": "Details",
    "or": "or",
    "script.needed": "This needs JavaScript in your browser.",
    "error.code": "Code",
    "skip": "Skip to the content",
}


def words(key: str) -> str:
    """The text of a key; the key itself when the table lacks it, so that a page never fails for a word."""
    return TABLE.get(key, key)

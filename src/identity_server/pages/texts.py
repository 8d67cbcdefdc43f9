"""Every word of the pages themselves, by key; what nodes and messages bring is in the table of messages."""

from collections.abc import Mapping
from typing import Any, Final

from identity_server.messages import ids
from identity_server.messages.message import Message, translate
from identity_server.messages.texts import TABLE as MESSAGES
from identity_server.messages.texts import Entry

TABLE: Final[Mapping[str, str]] = {
    "login.title": "Sign in",
    "login.refresh": "Confirm that it is you",
    "login.aal2": "One more step",
    "registration.title": "Create an account",
    "recovery.title": "Recover your account",
    "verification.title": "Verify your address",
    "settings.title": "Account settings",
    "error.title": "That did not work",
    "error.code": "Code",
    "home.title": "Your account",
    "home.welcome": "You are signed in as",
    "home.level": "Signed in with",
    "home.sessions": "Where else you are signed in",
    "home.no_sessions": "Nowhere else.",
    "home.revoke": "Sign out there",
    "home.revoke_all": "Sign out everywhere else",
    "home.since": "since",
    "home.unknown_device": "An unknown device",
    "home.browser_on": "{browser} on {system}",
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
    "group.saml": "Other accounts",
    "group.totp": "Authenticator app",
    "group.lookup_secret": "Backup codes",
    "group.webauthn": "Security keys",
    "group.passkey": "Passkeys",
    "group.code": "One-time code",
    "group.link": "Link by e-mail",
    "group.default": "Details",
    "method.password": "a password",
    "method.code": "a one-time code",
    "method.code_recovery": "a recovery code",
    "method.link_recovery": "a recovery link",
    "method.totp": "an authenticator app",
    "method.lookup_secret": "a backup code",
    "method.webauthn": "a security key",
    "method.passkey": "a passkey",
    "method.oidc": "another account",
    "method.saml": "another account",
    "field.required": "Please fill this in.",
    "or": "or",
    "script.needed": "Security keys and passkeys need JavaScript, and a browser that knows them.",
    "script.failed": "Your browser could not use the security key or passkey. Please try again.",
    "skip": "Skip to the content",
}
#: Languages that are written from right to left.
_RIGHT_TO_LEFT: Final = frozenset({"ar", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"})


class Words:
    """The pages' words in one language.

    Args:
        language: its tag (BCP 47).
        own: the operator's texts, by keys of ``TABLE`` and numbers of messages; English stands for what they lack.
    """

    def __init__(self, language: str = "en", own: Mapping[str, str] | None = None) -> None:
        self.language = language
        self._words = {**TABLE, **(own or {})}
        self._messages = {
            number: Entry(MESSAGES[number].kind, text, MESSAGES[number].members)
            for key, text in (own or {}).items()
            if key.isdecimal() and (number := int(key)) in MESSAGES
        }

    @property
    def direction(self) -> str:
        """``ltr`` or ``rtl``."""
        return "rtl" if self.language.partition("-")[0].lower() in _RIGHT_TO_LEFT else "ltr"

    def __call__(self, key: str) -> str:
        """The text of a key; the key itself when the table lacks it, so that a page never fails for a word."""
        return self._words.get(key, key)

    def method(self, name: str) -> str:
        """What people call a sign-in method; its own name when nobody has said."""
        return self._words.get(f"method.{name}", name)

    def group(self, name: str) -> str:
        """What people call a group of nodes; its own name when nobody has said."""
        return self._words.get(f"group.{name}", name)

    def say(self, message: Message) -> str:
        """The text of a message."""
        return translate(message, self._messages).text

    def told(self, message: Mapping[str, Any]) -> str:
        """The text of a message inside a node, which is JSON there."""
        return self.say(Message.from_json(message))

    def beside(self, message: Message) -> str:
        """The text of a message that stands at its field, which needs not be named again."""
        return self("field.required") if message.id == ids.REQUIRED else self.say(message)

"""Chromium's virtual authenticator: what a person plugs in or touches."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import CDPSession, Page

#: A security key on a cable that only tells that somebody is there.
STICK = {"transport": "usb", "hasResidentKey": False, "hasUserVerification": False, "isUserVerified": False}
#: A telephone or laptop that keeps passkeys and knows its owner.
DEVICE = {"transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}


@dataclass
class Authenticator:
    """One authenticator in a tab's browser."""

    session: CDPSession
    id: str

    def credentials(self) -> list[dict[str, Any]]:
        """The keys that it holds."""
        answer = self.session.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        return list(answer["credentials"])

    def knows_its_owner(self, known: bool) -> None:
        """Whether the next touch is the owner's."""
        self.session.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": known})

    def put_in(self, credential: dict[str, Any]) -> None:
        """Gives it a key of another authenticator, as somebody would who copied it."""
        self.session.send("WebAuthn.addCredential", {"authenticatorId": self.id, "credential": credential})

    def remove(self) -> None:
        """Unplugs it."""
        self.session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self.id})


def plugged_in(page: Page, kind: dict[str, Any]) -> Authenticator:
    """A new authenticator; it is touched whenever the browser asks for it."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable", {"enableUI": False})
    options = {"protocol": "ctap2", "automaticPresenceSimulation": True, **kind}
    answer = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return Authenticator(session, answer["authenticatorId"])

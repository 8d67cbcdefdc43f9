"""The site that page tests visit, and what its visitors do."""

from typing import Any

import httpx2
from playwright.sync_api import Page

from identity_server import randomness
from integration.mailbox import schema
from live_server import PATIENCE, LiveServer, create_identity
from mail_sink import MailSink
from openid_provider import OpenIdProvider
from social import entry

PASSWORD = "wind-9-Mill-Sail"
NAME = "Harbour Office"
MEMBER: dict[str, Any] = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {
        "traits": {
            "type": "object",
            "properties": {
                "email": {
                    "type": "string",
                    "format": "email",
                    "title": "E-mail",
                    "ory.sh/kratos": {
                        "credentials": {
                            "password": {"identifier": True},
                            "webauthn": {"identifier": True},
                            "passkey": {"display_name": True},
                            "totp": {"account_name": True},
                            "code": {"identifier": True, "via": "email"},
                        },
                        "verification": {"via": "email"},
                        "recovery": {"via": "email"},
                    },
                },
                "nickname": {"type": "string", "title": "Nickname", "maxLength": 40},
                "newsletter": {"type": "boolean", "title": "Send me the newsletter"},
            },
            "required": ["email"],
            "additionalProperties": False,
        }
    },
}


def settings(address: str, sink: MailSink, provider: OpenIdProvider) -> dict[str, Any]:
    """A server with every method on; the pages are our own, as no flow names another."""
    party = {"rp": {"id": "localhost", "display_name": NAME, "origins": [address.rstrip("/")]}}
    session = {"hooks": [{"hook": "session"}]}
    return {
        **schema(MEMBER),
        "pages": {"name": NAME},
        "session": {"whoami": {"required_aal": "highest_available"}},
        "courier": {
            "smtp": {"connection_uri": sink.uri, "from_address": "desk@harbour.test"},
            "worker": {"pull_wait": "100ms"},
        },
        "selfservice": {
            "default_browser_return_url": f"{address}ui/",
            "methods": {
                "code": {"enabled": True, "passwordless_enabled": True},
                "link": {"enabled": True},
                "totp": {"enabled": True, "config": {"issuer": NAME, "allow_code_reuse": True}},
                "lookup_secret": {"enabled": True},
                "webauthn": {"enabled": True, "config": {"passwordless": False, **party}},
                "passkey": {"enabled": True, "config": party},
                "oidc": {"enabled": True, "config": {"providers": [entry(provider)]}},
            },
            "flows": {
                "settings": {"required_aal": "highest_available"},
                "login": {"style": "unified"},
                "recovery": {"enabled": True, "use": "code"},
                "verification": {"enabled": True, "use": "code"},
                "registration": {
                    "enable_legacy_one_step": False,
                    "after": {
                        "password": {"hooks": [{"hook": "session"}, {"hook": "show_verification_ui"}]},
                        **{method: session for method in ("code", "webauthn", "passkey", "oidc")},
                    },
                },
            },
        },
    }


def new_address() -> str:
    """An address that nobody has."""
    return f"{randomness.token(8).lower()}@example.com"


def somebody(server: LiveServer) -> str:
    """The address of a new account with a password."""
    email = new_address()
    create_identity(server, email, PASSWORD)
    return email


def session_elsewhere(server: LiveServer, email: str, password: str = PASSWORD) -> dict[str, str]:
    """The headers of an app that the person is signed in with."""
    answer = log_in(server, email, password)
    assert answer.status_code == 200, answer.text
    return {"X-Session-Token": answer.json()["session_token"]}


def log_in(server: LiveServer, email: str, password: str) -> httpx2.Response:
    """The answer to an app's sign-in."""
    flow = httpx2.get(f"{server.public}self-service/login/api", timeout=PATIENCE).json()
    body = {"method": "password", "identifier": email, "password": password}
    return httpx2.post(flow["ui"]["action"], json=body, timeout=PATIENCE)


def press(page: Page, name: str, *, exact: bool = True) -> None:
    """Presses a button and waits for the next page."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=exact).last.click()


def follow(page: Page, name: str) -> None:
    """Follows a link and waits for the next page."""
    with page.expect_navigation():
        page.get_by_role("link", name=name, exact=True).click()


def enter(page: Page) -> None:
    """Presses the Enter key and waits for the next page."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    """Signs in with a password."""
    page.goto("ui/login")
    page.fill("input[name=identifier]", email)
    page.fill("input[name=password]", password)
    press(page, "Sign in with the password")


def sign_up(page: Page, email: str, password: str = PASSWORD) -> None:
    """Signs up with a password; the next page asks for the code in the mail."""
    page.goto("ui/registration")
    page.fill("input[name='traits.email']", email)
    enter(page)
    page.fill("input[name=password]", password)
    press(page, "Create account")

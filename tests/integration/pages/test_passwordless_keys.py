"""Security keys instead of a password on our own pages, with Chromium's virtual authenticator."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from integration.pages.harbour import NAME, enter, new_address, press, sign_in, somebody
from integration.pages.virtual_keys import STICK, plugged_in
from live_server import LiveServer

Visitor = Callable[..., Page]


@pytest.fixture(scope="module")
def changes() -> dict[str, Any]:
    """Security keys as first factor, and no codes, which are another way in."""
    methods = {"webauthn": {"config": {"passwordless": True}}, "code": {"passwordless_enabled": False}}
    return {"selfservice": {"methods": methods}}


def sign_up(page: Page, email: str) -> None:
    page.goto("ui/registration")
    page.fill("input[name='traits.email']", email)
    enter(page)
    page.fill("input[name=webauthn_register_displayname]", "Blue stick")
    press(page, "Create account with a security key")


def test_a_newcomer_signs_up_and_in_with_a_key_alone(visitor: Visitor) -> None:
    page, email = visitor(), new_address()
    plugged_in(page, STICK)
    sign_up(page, email)
    expect(page.locator("strong")).to_have_text(email)
    page.context.clear_cookies()
    page.goto("ui/login")
    page.fill("input[name=identifier]", email)
    press(page, "Use a security key")
    press(page, "Go on")
    expect(page.locator("strong")).to_have_text(email)
    expect(page.get_by_text("Signed in with a security key")).to_be_visible()


def test_the_only_way_in_cannot_be_removed(visitor: Visitor) -> None:
    page = visitor()
    plugged_in(page, STICK)
    sign_up(page, new_address())
    page.goto("ui/settings")
    expect(page.get_by_role("button", name="Remove the security key “Blue stick”")).to_be_disabled()
    page.fill("input[name=password]", "wind-9-Mill-Sail")
    enter(page)
    press(page, "Remove the security key “Blue stick”")
    expect(page.locator("[data-message-id='1050001']")).to_be_visible()


def test_a_taken_address_is_refused_with_a_key_too(visitor: Visitor, server: LiveServer) -> None:
    page, email = visitor(), somebody(server)
    plugged_in(page, STICK)
    sign_up(page, email)
    expect(page).to_have_title(f"Create an account · {NAME}")
    expect(page.locator("p.error[data-message-id]")).to_be_visible()
    sign_in(page, email)
    expect(page.locator("strong")).to_have_text(email)


def test_who_has_no_key_is_told_so(visitor: Visitor, server: LiveServer) -> None:
    page = visitor()
    page.goto("ui/login")
    page.fill("input[name=identifier]", somebody(server))
    press(page, "Use a security key")
    expect(page.locator("[data-message-id='4000015']")).to_be_visible()

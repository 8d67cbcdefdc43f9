"""Passkeys on our own pages, with Chromium's virtual authenticator."""

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, expect

from integration.pages.harbour import NAME, PASSWORD, enter, new_address, press, sign_in, somebody
from integration.pages.virtual_keys import DEVICE, Authenticator, plugged_in
from live_server import LiveServer

Visitor = Callable[..., Page]


@pytest.fixture(scope="module")
def changes() -> dict[str, Any]:
    """No codes, which are another way in."""
    return {"selfservice": {"methods": {"code": {"passwordless_enabled": False}}}}


def sign_up(page: Page, email: str) -> Authenticator:
    device = plugged_in(page, DEVICE)
    page.goto("ui/registration")
    page.fill("input[name='traits.email']", email)
    enter(page)
    press(page, "Create account with a passkey")
    expect(page.locator("strong")).to_have_text(email)
    return device


def test_a_newcomer_signs_up_and_in_without_typing_a_name(visitor: Visitor) -> None:
    page, email = visitor(), new_address()
    device = sign_up(page, email)
    (kept,) = device.credentials()
    assert (kept["isResidentCredential"], kept["rpId"], kept["userName"]) == (True, "localhost", email)
    page.context.clear_cookies()
    page.goto("ui/login")
    expect(page.locator("strong")).to_have_text(email)  # the browser offered it beside the field, and it was taken
    expect(page.get_by_text("Signed in with a passkey")).to_be_visible()


def test_the_button_asks_for_the_passkey(visitor: Visitor) -> None:
    page, email = visitor(), new_address()
    device = sign_up(page, email)
    device.knows_its_owner(False)  # so that nothing is taken before the button is pressed
    page.context.clear_cookies()
    page.goto("ui/login")
    device.knows_its_owner(True)
    press(page, "Use a passkey")
    expect(page.locator("strong")).to_have_text(email)


def test_a_touch_of_somebody_else_opens_nothing_and_says_so(visitor: Visitor) -> None:
    page = visitor()
    device = sign_up(page, new_address())
    device.knows_its_owner(False)
    page.context.clear_cookies()
    page.goto("ui/login")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.locator("[data-key-error]")).to_be_visible()
    expect(page).to_have_title(f"Sign in · {NAME}")
    assert page.request.get("sessions/whoami").status == 401


def test_a_passkey_is_added_and_removed_in_the_settings(visitor: Visitor, server: LiveServer) -> None:
    page, email = visitor(), somebody(server)
    sign_in(page, email)
    device = plugged_in(page, DEVICE)
    page.goto("ui/settings")
    press(page, "Add a passkey")
    expect(page.locator("[data-message-id='1050001']")).to_be_visible()
    page.context.clear_cookies()
    page.goto("ui/login")
    expect(page.locator("strong")).to_have_text(email)
    page.goto("ui/settings")
    press(page, "Remove the passkey", exact=False)
    assert page.get_by_role("button", name="Remove the passkey").count() == 0
    device.knows_its_owner(False)  # so that nothing is taken before the button is pressed
    page.context.clear_cookies()
    page.goto("ui/login")
    device.knows_its_owner(True)
    # The device answers unasked from here on, again on each page; whichever comes first, it is refused.
    with contextlib.suppress(PlaywrightError):
        page.get_by_role("button", name="Use a passkey", exact=True).dispatch_event("click")
    expect(page.locator("[data-message-id='4000015']")).to_be_visible()
    device.remove()
    expect(page.locator("[data-message-id='4000015']")).to_be_visible()
    assert page.request.get("sessions/whoami").status == 401


def test_the_last_passkey_cannot_be_removed_before_there_is_a_password(visitor: Visitor) -> None:
    page, email = visitor(), new_address()
    sign_up(page, email)
    page.goto("ui/settings")
    expect(page.get_by_role("button", name="Remove the passkey")).to_be_disabled()
    page.fill("input[name=password]", PASSWORD)
    enter(page)
    press(page, "Remove the passkey", exact=False)
    expect(page.locator("[data-message-id='1050001']")).to_be_visible()


def test_a_passkey_confirms_that_it_is_you(visitor: Visitor) -> None:
    page, email = visitor(), new_address()
    sign_up(page, email)
    page.goto("self-service/login/browser?refresh=true")
    expect(page).to_have_title(f"Confirm that it is you · {NAME}")
    press(page, "Use a passkey")
    expect(page.locator("strong")).to_have_text(email)


def test_of_two_people_on_one_device_each_gets_their_own_account(visitor: Visitor) -> None:
    page, first, second = visitor(), new_address(), new_address()
    device = sign_up(page, first)
    (kept,) = device.credentials()
    device.remove()
    page.context.clear_cookies()
    sign_up(page, second).remove()
    page.context.clear_cookies()
    plugged_in(page, DEVICE).put_in(kept)
    page.goto("ui/login")
    expect(page.locator("strong")).to_have_text(first)

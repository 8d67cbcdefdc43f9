"""Security keys as second factor on our own pages, with Chromium's virtual authenticator."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from integration.pages.harbour import NAME, press, sign_in, somebody
from integration.pages.virtual_keys import STICK, Authenticator, plugged_in
from live_server import LiveServer

Visitor = Callable[..., Page]


def add_key(page: Page, name: str = "Blue stick") -> Authenticator:
    """Plugs a key in and adds it in the settings."""
    key = plugged_in(page, STICK)
    page.goto("ui/settings")
    page.fill("input[name=webauthn_register_displayname]", name)
    press(page, "Add a security key")
    expect(page.locator("[data-message-id='1050001']")).to_be_visible()
    return key


def test_a_key_is_added_asked_for_and_removed(visitor: Visitor, server: LiveServer) -> None:
    page, email = visitor(), somebody(server)
    sign_in(page, email)
    key = add_key(page)
    assert [each["rpId"] for each in key.credentials()] == ["localhost"]
    page.context.clear_cookies()
    sign_in(page, email)
    expect(page).to_have_title(f"One more step · {NAME}")
    press(page, "Use a security key")
    expect(page.locator(".level")).to_have_text("AAL2")
    expect(page.get_by_text("a password, a security key")).to_be_visible()
    page.goto("ui/settings")
    press(page, "Remove the security key “Blue stick”")
    assert page.get_by_role("button", name="Remove the security key").count() == 0
    page.context.clear_cookies()
    sign_in(page, email)
    expect(page.locator(".level")).to_have_text("AAL1")


def test_the_same_key_is_not_added_twice(visitor: Visitor, server: LiveServer) -> None:
    page = visitor()
    sign_in(page, somebody(server))
    add_key(page)
    page.fill("input[name=webauthn_register_displayname]", "The same")
    page.get_by_role("button", name="Add a security key").click()
    expect(page.locator("[data-key-error]")).to_be_visible()
    assert page.get_by_role("button", name="Remove the security key").count() == 1


def test_two_keys_both_open_and_one_may_go(visitor: Visitor, server: LiveServer) -> None:
    page, email = visitor(), somebody(server)
    sign_in(page, email)
    first = add_key(page, "One")
    first.remove()
    second = add_key(page, "Two")
    press(page, "Remove the security key “One”")
    page.context.clear_cookies()
    sign_in(page, email)
    press(page, "Use a security key")
    expect(page.locator(".level")).to_have_text("AAL2")
    assert second.credentials()[0]["signCount"] == 2


def test_a_strange_key_opens_nothing_and_says_so(visitor: Visitor, server: LiveServer) -> None:
    page, email = visitor(), somebody(server)
    sign_in(page, email)
    add_key(page).remove()
    page.context.clear_cookies()
    sign_in(page, email)
    stranger = plugged_in(page, STICK)
    page.get_by_role("button", name="Use a security key").click()
    expect(page.locator("[data-key-error]")).to_be_visible(timeout=20_000)
    assert stranger.credentials() == []
    assert page.request.get("sessions/whoami").status == 403


def test_a_copied_key_is_refused_once_the_counters_differ(visitor: Visitor, server: LiveServer) -> None:
    page, email = visitor(), somebody(server)
    sign_in(page, email)
    key = add_key(page)
    (copied,) = key.credentials()
    for _ in range(2):
        page.context.clear_cookies()
        sign_in(page, email)
        press(page, "Use a security key")
        expect(page.locator(".level")).to_have_text("AAL2")
    key.remove()
    plugged_in(page, STICK).put_in({**copied, "signCount": 0})
    page.context.clear_cookies()
    sign_in(page, email)
    press(page, "Use a security key")
    expect(page).to_have_title(f"One more step · {NAME}")
    assert page.request.get("sessions/whoami").status == 403


def test_enter_in_the_name_of_a_new_key_removes_none(visitor: Visitor, server: LiveServer) -> None:
    page = visitor()
    sign_in(page, somebody(server))
    add_key(page)
    page.fill("input[name=webauthn_register_displayname]", "Another")
    page.locator("input[name=webauthn_register_displayname]").press("Enter")
    page.goto("ui/settings")
    assert page.get_by_role("button", name="Remove the security key").count() == 1


def test_no_key_is_made_before_it_has_a_name(visitor: Visitor, server: LiveServer) -> None:
    page = visitor()
    sign_in(page, somebody(server))
    key = plugged_in(page, STICK)
    page.goto("ui/settings")
    page.get_by_role("button", name="Add a security key").click()
    expect(page.locator("input[name=webauthn_register_displayname]")).to_be_focused()
    assert key.credentials() == []


def test_without_scripts_keys_are_not_offered_but_explained(visitor: Visitor, server: LiveServer) -> None:
    page = visitor(java_script_enabled=False)
    sign_in(page, somebody(server))
    page.goto("ui/settings")
    expect(page.get_by_text("Security keys and passkeys need JavaScript")).to_be_visible()
    expect(page.get_by_role("button", name="Add a security key")).to_be_hidden()
    expect(page.get_by_role("button", name="Add a passkey")).to_be_hidden()


def test_a_browser_that_knows_no_keys_is_told_so(visitor: Visitor, server: LiveServer) -> None:
    page = visitor()
    page.add_init_script("delete window.PublicKeyCredential")
    sign_in(page, somebody(server))
    page.goto("ui/settings")
    expect(page.get_by_text("Security keys and passkeys need JavaScript")).to_be_visible()
    expect(page.get_by_role("button", name="Add a security key")).to_be_hidden()

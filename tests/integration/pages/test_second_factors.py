"""Authenticator apps and backup codes on our own pages, with JavaScript and without."""

import pyotp
from playwright.sync_api import Page, expect

from integration.pages.harbour import NAME, enter, follow, press, sign_in, somebody
from live_server import LiveServer


def set_up_app(page: Page) -> pyotp.TOTP:
    """Types the secret into an app, and its code into the form."""
    page.goto("ui/settings")
    picture = page.locator("#part-totp img")
    box = picture.bounding_box()
    assert box is not None
    assert box["width"] == box["height"] >= 150
    assert (picture.get_attribute("src") or "").startswith("data:image/png;base64,")
    app = pyotp.TOTP(page.locator("#part-totp code").inner_text())
    page.fill("input[name=totp_code]", "000000")
    enter(page)
    expect(page.locator("[data-message-id='4000008']")).to_be_visible()
    assert page.locator("#part-totp code").inner_text() == app.secret
    page.fill("input[name=totp_code]", app.now())
    enter(page)
    expect(page.locator("[data-message-id='1050001']")).to_be_visible()
    return app


def make_codes(page: Page) -> list[str]:
    """Makes and keeps backup codes."""
    page.goto("ui/settings")
    press(page, "Make new backup codes")
    codes = page.locator("#part-lookup_secret code").all_inner_texts()
    press(page, "I have kept them")
    expect(page.locator("[data-message-id='1050001']")).to_be_visible()
    return codes


def sign_in_again(page: Page, email: str) -> None:
    page.goto("ui/")
    follow(page, "Sign out")
    sign_in(page, email)
    expect(page).to_have_title(f"One more step · {NAME}")


def test_an_app_is_set_up_asked_for_and_removed(page: Page, server: LiveServer) -> None:
    sign_in(page, email := somebody(server))
    app = set_up_app(page)
    sign_in_again(page, email)
    for path in ("ui/", "ui/settings"):  # nowhere without the code
        page.goto(path)
        expect(page).to_have_title(f"One more step · {NAME}")
    page.fill("input[name=totp_code]", "000000")
    enter(page)
    expect(page.locator("[data-message-id='4000008']")).to_be_visible()
    page.fill("input[name=totp_code]", app.now())
    enter(page)
    page.goto("ui/")
    expect(page.locator(".level")).to_have_text("AAL2")
    expect(page.get_by_text("Signed in with a password, an authenticator app")).to_be_visible()
    page.goto("ui/settings")
    assert page.locator("#part-totp img").count() == 0
    press(page, "Remove the authenticator app")
    expect(page.locator("#part-totp img")).to_be_visible()
    page.context.clear_cookies()
    sign_in(page, email)
    expect(page.locator(".level")).to_have_text("AAL1")


def test_backup_codes_are_made_used_once_shown_and_removed(page: Page, server: LiveServer) -> None:
    sign_in(page, email := somebody(server))
    codes = make_codes(page)
    assert len(set(codes)) == 12
    sign_in_again(page, email)
    page.fill("input[name=lookup_secret]", codes[3])
    enter(page)
    expect(page.locator(".level")).to_have_text("AAL2")
    sign_in_again(page, email)
    page.fill("input[name=lookup_secret]", codes[3])
    enter(page)
    expect(page.locator("[data-message-id='4000012']")).to_be_visible()
    page.fill("input[name=lookup_secret]", codes[4])
    enter(page)
    page.goto("ui/settings")
    press(page, "Show the backup codes")
    shown = page.locator("#part-lookup_secret code").all_inner_texts()
    assert [text in codes for text in shown].count(False) == 2
    press(page, "Remove the backup codes")
    expect(page.get_by_role("button", name="Make new backup codes")).to_be_visible()


def test_new_backup_codes_count_only_once_they_are_kept(page: Page, server: LiveServer) -> None:
    sign_in(page, email := somebody(server))
    codes = make_codes(page)
    press(page, "Show the backup codes")
    press(page, "Make new backup codes")
    newer = page.locator("#part-lookup_secret code").all_inner_texts()
    assert not set(newer) & set(codes)
    page.context.clear_cookies()
    sign_in(page, email)
    page.fill("input[name=lookup_secret]", newer[0])
    enter(page)
    expect(page.locator("[data-message-id='4000016']")).to_be_visible()
    page.fill("input[name=lookup_secret]", codes[0])
    enter(page)
    expect(page.locator(".level")).to_have_text("AAL2")


def test_enter_sends_the_field_that_was_typed_into(page: Page, server: LiveServer) -> None:
    """Each second factor has a form of its own; one form would send the first one's empty field."""
    sign_in(page, email := somebody(server))
    app = set_up_app(page)
    codes = make_codes(page)
    for name, value in (("lookup_secret", codes[0]), ("totp_code", app.now())):
        page.context.clear_cookies()
        sign_in(page, email)
        page.fill(f"input[name={name}]", value)
        enter(page)
        expect(page.locator(".level")).to_have_text("AAL2")


def test_who_has_no_second_factor_at_hand_can_sign_out(page: Page, server: LiveServer) -> None:
    sign_in(page, email := somebody(server))
    make_codes(page)
    sign_in_again(page, email)
    follow(page, "Sign out")
    expect(page).to_have_title(f"Sign in · {NAME}")
    assert page.request.get("sessions/whoami").status == 401

"""Signing in through an OpenID Connect provider on our own pages, with JavaScript and without."""

from playwright.sync_api import Page, expect

from identity_server import randomness
from integration.pages.harbour import NAME, enter, follow, new_address, press, sign_in, somebody
from live_server import LiveServer
from openid_provider import OpenIdProvider


def is_known_as(provider: OpenIdProvider, email: str | None) -> None:
    """Who signs in there from now on."""
    claims = {"sub": randomness.token(12), "email": email, "email_verified": bool(email)}
    provider.person = {name: value for name, value in claims.items() if value is not None}
    provider.answers = {}


def test_a_newcomer_signs_up_out_and_in(page: Page, provider: OpenIdProvider) -> None:
    is_known_as(provider, email := new_address())
    page.goto("ui/registration")
    press(page, "Create account with The Hub")
    expect(page).to_have_title(f"Your account · {NAME}")
    expect(page.locator("strong")).to_have_text(email)
    follow(page, "Sign out")
    press(page, "Sign in with The Hub")
    expect(page.locator("strong")).to_have_text(email)
    expect(page.get_by_text("Signed in with another account")).to_be_visible()


def test_a_field_that_is_empty_keeps_nobody_from_the_provider(page: Page, provider: OpenIdProvider) -> None:
    is_known_as(provider, email := new_address())
    page.goto("ui/login")
    page.fill("input[name=identifier]", "half typed")
    press(page, "Sign in with The Hub")
    expect(page.locator("strong")).to_have_text(email)


def test_what_the_provider_does_not_tell_is_asked_for(page: Page, provider: OpenIdProvider) -> None:
    is_known_as(provider, None)
    page.goto("ui/registration")
    press(page, "Create account with The Hub")
    expect(page).to_have_title(f"Create an account · {NAME}")
    page.fill("input[name='traits.email']", email := new_address())
    enter(page)
    expect(page.locator("strong")).to_have_text(email)


def test_a_refusal_at_the_provider_is_told(page: Page, provider: OpenIdProvider) -> None:
    is_known_as(provider, new_address())
    provider.answers = {"code": None, "error": "access_denied", "error_description": "not today"}
    page.goto("ui/login")
    press(page, "Sign in with The Hub")
    expect(page.locator("p.error[data-message-id]")).to_contain_text("not today")
    expect(page).to_have_title(f"Sign in · {NAME}")


def test_an_account_is_connected_and_disconnected(page: Page, server: LiveServer, provider: OpenIdProvider) -> None:
    email = somebody(server)
    is_known_as(provider, f"elsewhere-{email}")
    sign_in(page, email)
    follow(page, "Account settings")
    press(page, "Connect The Hub")
    expect(page.locator("[data-message-id='1050001']")).to_be_visible()
    page.context.clear_cookies()
    page.goto("ui/login")
    press(page, "Sign in with The Hub")
    expect(page.locator("strong")).to_have_text(email)
    page.goto("ui/settings")
    press(page, "Disconnect The Hub")
    expect(page.get_by_role("button", name="Connect The Hub")).to_be_visible()


def test_who_has_an_account_proves_it_before_the_provider_is_added(
    page: Page, server: LiveServer, provider: OpenIdProvider
) -> None:
    is_known_as(provider, email := somebody(server))
    page.goto("ui/login")
    press(page, "Sign in with The Hub")
    expect(page.locator("[data-message-id='1010016']")).to_contain_text("The Hub")
    page.fill("input[name=password]", "wind-9-Mill-Sail")
    enter(page)
    expect(page.locator("strong")).to_have_text(email)
    page.context.clear_cookies()
    page.goto("ui/login")
    press(page, "Sign in with The Hub")
    expect(page.locator("strong")).to_have_text(email)

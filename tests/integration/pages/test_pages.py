"""A person does everything in a browser, on our own pages."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from identity_server import randomness
from integration.pages.conftest import keep_picture
from live_server import LiveServer, create_identity, native_login

PASSWORD = "wind-9-Mill-Sail"


def somebody(server: LiveServer) -> str:
    email = f"{randomness.token(8).lower()}@example.com"
    create_identity(server, email, PASSWORD)
    return email


def press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).last.click()


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    page.goto("ui/login")
    page.fill("input[name=identifier]", email)
    page.fill("input[name=password]", password)
    press(page, "Sign in with the password")


def test_a_newcomer_signs_up_and_out_and_in(page: Page) -> None:
    email = f"{randomness.token(8).lower()}@example.com"
    page.goto("ui/registration")
    page.fill("input[name='traits.email']", email)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.fill("input[name=password]", PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("strong")).to_have_text(email)
    with page.expect_navigation():
        page.get_by_text("Sign out", exact=True).click()
    expect(page).to_have_title("Sign in · Harbour Office")
    sign_in(page, email)
    expect(page.locator("strong")).to_have_text(email)


def test_what_is_wrong_is_said_where_it_is_wrong(page: Page, server: LiveServer) -> None:
    email = somebody(server)
    sign_in(page, email, "something-else-9")
    expect(page.locator("[data-message-id='4000006']")).to_be_visible()
    expect(page.locator("input[name=identifier]")).to_have_value(email)
    expect(page.locator("input[name=password]")).to_have_value("")
    page.goto("ui/login")
    press(page, "Sign in with the password")
    field = page.locator("input[name=identifier]")
    expect(field).to_have_attribute("aria-invalid", "true")
    described = field.get_attribute("aria-describedby")
    expect(page.locator(f"#{described}")).to_contain_text("identifier")


def test_a_password_is_changed(page: Page, server: LiveServer) -> None:
    email = somebody(server)
    sign_in(page, email)
    with page.expect_navigation():
        page.get_by_text("Account settings").click()
    page.fill("input[name=password]", "quiet-7-Harbour-Bell")
    press(page, "Save")
    expect(page.locator("[data-message-id='1050001']")).to_be_visible()
    assert native_login(server, email, "quiet-7-Harbour-Bell").status_code == 200
    assert native_login(server, email, PASSWORD).status_code == 400


def test_another_session_is_ended(page: Page, server: LiveServer) -> None:
    email = somebody(server)
    elsewhere = {"X-Session-Token": native_login(server, email).json()["session_token"]}
    sign_in(page, email)
    whoami = page.request.get("sessions/whoami", headers=elsewhere)
    assert whoami.status == 200
    press(page, "Sign out there")
    expect(page.get_by_text("Nowhere else.")).to_be_visible()
    assert page.request.get("sessions/whoami", headers=elsewhere).status == 401


def test_nobody_ends_sessions_from_another_site(page: Page, server: LiveServer) -> None:
    sign_in(page, somebody(server))
    answer = page.request.post("ui/sessions/revoke", form={"session": "others", "csrf_token": "made-up"})
    assert answer.status == 403


def test_a_page_for_a_flow_that_is_gone_starts_a_new_one(page: Page) -> None:
    page.goto("ui/login?flow=7d6b1c3a-0b7e-4f1c-9d59-1f0a3c1b2d4e")
    expect(page).to_have_title("Sign in · Harbour Office")
    assert "7d6b1c3a" not in page.url


def test_an_error_is_a_page_that_leads_on(page: Page) -> None:
    page.goto("self-service/login/browser?return_to=https://evil.example/")
    expect(page.locator("[role=alert]")).to_be_visible()
    with page.expect_navigation():
        page.get_by_text("Start again").click()
    expect(page).to_have_title("Sign in · Harbour Office")


def test_nothing_runs_or_loads_but_our_own(page: Page) -> None:
    answer = page.goto("ui/login")
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page.locator("script:not([src])").count() == 0
    assert page.locator("[style], [onclick], [onload]").count() == 0


def test_a_trait_is_text_and_never_markup(page: Page, server: LiveServer) -> None:
    page.goto("ui/login")
    page.fill("input[name=identifier]", '"><img src=x onerror=alert(1)>')
    page.fill("input[name=password]", "x")
    press(page, "Sign in with the password")
    assert page.locator("img").count() == 0
    expect(page.locator("input[name=identifier]")).to_have_value('"><img src=x onerror=alert(1)>')


@pytest.fixture
def signed_in(chromium: Browser, server: LiveServer) -> Callable[[str], Page]:
    contexts: list[BrowserContext] = []

    def opened(scheme: str) -> Page:
        context = chromium.new_context(base_url=server.public, color_scheme=scheme)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        sign_in(page, somebody(server))
        return page

    return opened


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_can_be_used_by_everybody(
    signed_in: Callable[[str], Page], chromium: Browser, server: LiveServer, scheme: str
) -> None:
    stranger = chromium.new_context(base_url=server.public, color_scheme=scheme).new_page()  # type: ignore[arg-type]
    known = signed_in(scheme)
    places = [
        (stranger, "login", "ui/login"),
        (stranger, "registration", "ui/registration"),
        (stranger, "error", "self-service/login/browser?return_to=https://evil.example/"),
        (known, "home", "ui/"),
        (known, "settings", "ui/settings"),
    ]
    for page, name, path in places:
        page.goto(path)
        keep_picture(page, f"{name}-{scheme}")
        results = Axe().run(page)
        assert results.violations_count == 0, f"{name}: {results.generate_report()}"


def test_the_keyboard_is_enough(chromium: Browser, server: LiveServer) -> None:
    page = chromium.new_context(base_url=server.public).new_page()
    email = somebody(server)
    page.goto("ui/login")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type(email)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("strong")).to_have_text(email)

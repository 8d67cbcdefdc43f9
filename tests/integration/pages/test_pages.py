"""A person does everything in a browser, on our own pages, with JavaScript and without."""

import re

from playwright.sync_api import Page, expect

from integration.pages.harbour import (
    NAME,
    PASSWORD,
    enter,
    follow,
    log_in,
    new_address,
    press,
    session_elsewhere,
    sign_in,
    sign_up,
    somebody,
)
from live_server import LiveServer
from mail_sink import MailSink


def test_a_newcomer_signs_up_verifies_the_address_and_signs_out_and_in(page: Page, sink: MailSink) -> None:
    email = new_address()
    sign_up(page, email)
    expect(page).to_have_title(f"Verify your address · {NAME}")
    page.fill("input[name=code]", "000000")
    enter(page)
    expect(page.locator("[data-message-id='4070006']")).to_be_visible()
    page.fill("input[name=code]", sink.code(email))
    enter(page)
    expect(page.locator("[data-message-id='1080002']")).to_be_visible()
    follow(page, "Continue")
    expect(page.locator("strong")).to_have_text(email)
    follow(page, "Sign out")
    expect(page).to_have_title(f"Sign in · {NAME}")
    sign_in(page, email)
    expect(page.locator("strong")).to_have_text(email)


def test_the_link_in_the_mail_fills_the_code_in(page: Page, sink: MailSink) -> None:
    email = new_address()
    sign_up(page, email)
    page.goto(sink.link(email))
    press(page, "Continue")
    expect(page.locator("[data-message-id='1080002']")).to_be_visible()


def test_another_code_is_sent_when_the_first_got_lost(page: Page, sink: MailSink) -> None:
    email = new_address()
    sign_up(page, email)
    sink.next(email)
    press(page, "Send another code")
    page.fill("input[name=code]", sink.code(email, 1))
    enter(page)
    expect(page.locator("[data-message-id='1080002']")).to_be_visible()


def test_a_newcomer_without_a_password_signs_up_and_in_with_codes(page: Page, sink: MailSink) -> None:
    email = new_address()
    page.goto("ui/registration")
    page.fill("input[name='traits.email']", email)
    enter(page)
    press(page, "Send me a code to create the account")
    page.fill("input[name=code]", sink.code(email))
    enter(page)
    expect(page.locator("strong")).to_have_text(email)
    follow(page, "Sign out")
    page.fill("input[name=identifier]", email)
    press(page, "Send me a code to sign in")
    page.fill("input[name=code]", sink.code(email, 1))
    enter(page)
    expect(page.locator("strong")).to_have_text(email)


def test_who_lost_the_password_recovers_with_a_code(page: Page, server: LiveServer, sink: MailSink) -> None:
    email = somebody(server)
    page.goto("ui/login")
    follow(page, "Forgot how to sign in?")
    page.fill("input[name=email]", email)
    enter(page)
    page.fill("input[name=code]", sink.code(email))
    enter(page)
    expect(page.locator("[data-message-id='1060001']")).to_be_visible()
    page.fill("input[name=password]", "quiet-7-Harbour-Bell")
    enter(page)
    expect(page.locator("[data-message-id='1050001']")).to_be_visible()
    assert log_in(server, email, "quiet-7-Harbour-Bell").status_code == 200
    assert log_in(server, email, PASSWORD).status_code == 400


def test_nobody_learns_from_a_recovery_who_has_an_account(page: Page) -> None:
    page.goto("ui/recovery")
    page.fill("input[name=email]", new_address())
    enter(page)
    expect(page.locator("[data-message-id='1060003']")).to_be_visible()


def test_the_first_step_of_a_sign_up_can_be_mended(page: Page) -> None:
    page.goto("ui/registration")
    page.fill("input[name='traits.email']", "wrong@example.com")
    page.fill("input[name='traits.nickname']", "Ada")
    page.check("input[name='traits.newsletter']")
    enter(page)
    press(page, "Back")
    expect(page.locator("input[name='traits.email']")).to_have_value("wrong@example.com")
    expect(page.locator("input[name='traits.nickname']")).to_have_value("Ada")
    expect(page.locator("input[name='traits.newsletter']")).to_be_checked()


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
    expect(page.locator(f"#{described}")).to_have_text("Please fill this in.")


def test_a_password_is_changed(page: Page, server: LiveServer) -> None:
    email = somebody(server)
    sign_in(page, email)
    follow(page, "Account settings")
    page.fill("input[name=password]", "short")
    enter(page)
    expect(page.locator("[data-message-id='4000032']")).to_be_visible()
    page.fill("input[name=password]", "quiet-7-Harbour-Bell")
    enter(page)
    expect(page.locator("[data-message-id='1050001']")).to_be_visible()
    assert log_in(server, email, "quiet-7-Harbour-Bell").status_code == 200
    assert log_in(server, email, PASSWORD).status_code == 400


def test_a_profile_is_changed_and_a_tick_taken_away_again(page: Page, server: LiveServer) -> None:
    sign_in(page, somebody(server))
    follow(page, "Account settings")
    for checked in (True, False):
        page.set_checked("input[name='traits.newsletter']", checked)
        page.fill("input[name='traits.nickname']", "Ada & <Bob>")
        enter_in(page, "traits.nickname")
        expect(page.locator("input[name='traits.newsletter']")).to_be_checked(checked=checked)
        expect(page.locator("input[name='traits.nickname']")).to_have_value("Ada & <Bob>")


def enter_in(page: Page, name: str) -> None:
    """Presses Enter in a field."""
    with page.expect_navigation():
        page.locator(f"input[name='{name}']").press("Enter")


def test_another_session_is_ended(page: Page, server: LiveServer) -> None:
    email = somebody(server)
    elsewhere = session_elsewhere(server, email)
    sign_in(page, email)
    assert page.request.get("sessions/whoami", headers=elsewhere).status == 200
    expect(page.locator(".sessions li")).to_contain_text("127.0.0.1 · since")
    press(page, "Sign out there")
    expect(page.get_by_text("Nowhere else.")).to_be_visible()
    assert page.request.get("sessions/whoami", headers=elsewhere).status == 401


def test_all_other_sessions_are_ended_at_once(page: Page, server: LiveServer) -> None:
    email = somebody(server)
    elsewhere = [session_elsewhere(server, email) for _ in range(2)]
    sign_in(page, email)
    press(page, "Sign out everywhere else")
    expect(page.get_by_text("Nowhere else.")).to_be_visible()
    assert [page.request.get("sessions/whoami", headers=each).status for each in elsewhere] == [401, 401]
    expect(page.locator("strong")).to_have_text(email)


def test_nobody_ends_sessions_from_another_site_or_of_somebody_else(page: Page, server: LiveServer) -> None:
    sign_in(page, somebody(server))
    session_elsewhere(server, somebody(server))
    answer = page.request.post("ui/sessions/revoke", form={"session": "others", "csrf_token": "made-up"})
    assert answer.status == 403
    stranger = page.request.get(f"{server.admin}admin/sessions?active=true").json()[0]["id"]
    session_elsewhere(server, email := somebody(server))
    page.context.clear_cookies()
    sign_in(page, email)
    token = page.locator("input[name=csrf_token]").first.get_attribute("value") or ""
    answer = page.request.post("ui/sessions/revoke", form={"session": stranger, "csrf_token": token})
    assert answer.status == 404


def test_a_page_for_a_flow_that_is_gone_starts_a_new_one(page: Page) -> None:
    page.goto("ui/login?flow=7d6b1c3a-0b7e-4f1c-9d59-1f0a3c1b2d4e")
    expect(page).to_have_title(f"Sign in · {NAME}")
    assert "7d6b1c3a" not in page.url


def test_settings_and_home_ask_strangers_to_sign_in_first_and_lead_back(page: Page, server: LiveServer) -> None:
    for path, title in (("ui/settings", "Account settings"), ("ui/", "Your account")):
        page.context.clear_cookies()
        page.goto(path)
        expect(page).to_have_title(f"Sign in · {NAME}")
        page.fill("input[name=identifier]", somebody(server))
        page.fill("input[name=password]", PASSWORD)
        enter(page)
        expect(page).to_have_title(f"{title} · {NAME}")


def test_an_error_is_a_page_that_leads_on(page: Page) -> None:
    page.goto("self-service/login/browser?return_to=https://evil.example/")
    expect(page.locator("[role=alert]").filter(has_text="evil.example")).to_be_visible()
    follow(page, "Start again")
    expect(page).to_have_title(f"Sign in · {NAME}")


def test_a_trait_is_text_and_never_markup(page: Page, server: LiveServer) -> None:
    page.goto("ui/login")
    page.fill("input[name=identifier]", '"><img src=x onerror=alert(1)>')
    page.fill("input[name=password]", "x")
    press(page, "Sign in with the password")
    assert page.locator("img").count() == 0
    expect(page.locator("input[name=identifier]")).to_have_value('"><img src=x onerror=alert(1)>')


def test_the_address_bar_never_shows_what_was_typed(page: Page, server: LiveServer) -> None:
    sign_in(page, somebody(server), "something-else-9")
    assert re.fullmatch(r".*/ui/login\?flow=[0-9a-f-]{36}", page.url)

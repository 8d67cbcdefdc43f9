"""Recovery and verification by links, on our own pages."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from integration.pages.harbour import enter, log_in, new_address, sign_up, somebody
from live_server import LiveServer
from mail_sink import MailSink


@pytest.fixture(scope="module")
def changes() -> dict[str, Any]:
    """Links instead of codes."""
    return {"selfservice": {"flows": {"recovery": {"use": "link"}, "verification": {"use": "link"}}}}


def test_who_lost_the_password_recovers_with_a_link(page: Page, server: LiveServer, sink: MailSink) -> None:
    email = somebody(server)
    page.goto("ui/recovery")
    page.fill("input[name=email]", email)
    enter(page)
    expect(page.locator("[data-message-id='1060002']")).to_be_visible()
    page.goto(link := sink.link(email))
    expect(page.locator("[data-message-id='1060001']")).to_be_visible()
    page.fill("input[name=password]", "quiet-7-Harbour-Bell")
    enter(page)
    assert log_in(server, email, "quiet-7-Harbour-Bell").status_code == 200
    page.context.clear_cookies()
    page.goto(link)
    expect(page.locator("[data-message-id='4060004']")).to_be_visible()
    assert page.request.get("sessions/whoami").status == 401


def test_an_address_is_verified_with_a_link(page: Page, sink: MailSink) -> None:
    email = new_address()
    sign_up(page, email)
    page.goto(sink.link(email))
    expect(page.locator("[data-message-id='1080002']")).to_be_visible()

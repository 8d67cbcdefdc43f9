"""How our pages look and who can use them: screen readers, narrow screens, the keyboard, brand and language."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from identity_server.messages.texts import TABLE as MESSAGES
from identity_server.pages.texts import TABLE
from integration.pages.conftest import keep_picture
from integration.pages.harbour import (
    PASSWORD,
    enter,
    follow,
    new_address,
    press,
    session_elsewhere,
    sign_in,
    somebody,
)
from integration.pages.virtual_keys import STICK, plugged_in
from live_server import LiveServer
from mail_sink import MailSink

Visitor = Callable[..., Page]
NARROW = {"width": 320, "height": 640}


def pages_of(page: Page, server: LiveServer, sink: MailSink) -> Iterator[str]:
    """Opens every page in every state that looks different; the name of each."""
    page.goto("ui/login")
    yield "login"
    press(page, "Sign in with the password")
    yield "login-errors"
    page.goto("ui/recovery")
    yield "recovery"
    page.fill("input[name=email]", new_address())
    enter(page)
    yield "recovery-code"
    page.goto("self-service/login/browser?return_to=https://evil.example/")
    yield "error"
    page.goto("ui/registration")
    yield "registration"
    email = new_address()
    page.fill("input[name='traits.email']", email)
    enter(page)
    yield "registration-method"
    page.fill("input[name=password]", PASSWORD)
    enter(page)
    yield "verification"
    page.fill("input[name=code]", sink.code(email))
    enter(page)
    yield "verified"
    session_elsewhere(server, email)
    page.goto("ui/")
    yield "home"
    page.goto("ui/settings")
    yield "settings"
    plugged_in(page, STICK)
    page.fill("input[name=webauthn_register_displayname]", "Blue stick")
    press(page, "Add a security key")
    press(page, "Make new backup codes")
    yield "settings-codes"
    press(page, "I have kept them")
    page.context.clear_cookies()
    sign_in(page, email)
    yield "second-factor"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_can_be_used_by_everybody(visitor: Visitor, server: LiveServer, sink: MailSink, scheme: str) -> None:
    """axe looks at every page; pictures of them are kept."""
    page = visitor(color_scheme=scheme, viewport={"width": 800, "height": 600})
    for name in pages_of(page, server, sink):
        keep_picture(page, f"{name}-{scheme}")
        results = Axe().run(page)
        assert results.violations_count == 0, f"{name}: {results.generate_report()}"


def test_a_narrow_screen_needs_no_scrolling_sideways(visitor: Visitor, server: LiveServer, sink: MailSink) -> None:
    page = visitor(viewport=NARROW)
    for name in pages_of(page, server, sink):
        keep_picture(page, f"{name}-narrow")
        widths = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert widths[0] <= widths[1], name


def test_nothing_runs_or_loads_but_our_own(visitor: Visitor, server: LiveServer, sink: MailSink) -> None:
    page, asked, said = visitor(), list[str](), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    for name in pages_of(page, server, sink):
        assert page.locator("script:not([src]), [style], style").count() == 0, name
        assert page.locator("[onclick], [onload], [onsubmit], [onerror]").count() == 0, name
    assert {url for url in asked if not url.startswith((server.public, "data:"))} == set()
    assert [text for text in said if "Content Security Policy" in text or "Refused" in text or "Error" in text] == []


def test_the_policy_forbids_what_is_not_needed(visitor: Visitor) -> None:
    answer = visitor().goto("ui/login")
    assert answer is not None
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert "unsafe" not in " ".join(policy.values())
    assert answer.headers["x-frame-options"] == "DENY"
    assert "no-store" in answer.headers["cache-control"]


def test_what_gets_into_a_page_does_not_run(visitor: Visitor) -> None:
    """The last line of defence: even markup that slipped through would be dead."""
    page, ran = visitor(), list[str]()
    page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
    page.goto("ui/login")
    page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=alert(1)><a href=javascript:alert(2)>x</a>')"
    )
    page.get_by_role("link", name="x", exact=True).click()
    page.wait_for_timeout(300)
    assert ran == []


def test_the_keyboard_is_enough(visitor: Visitor, server: LiveServer) -> None:
    page, email = visitor(), somebody(server)
    page.goto("ui/login")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type(email)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Sign in with the password")).to_be_focused()
    enter(page)
    expect(page.locator("strong")).to_have_text(email)
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Sign out":
            break
    enter(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_whatever_has_the_focus_shows_it(visitor: Visitor) -> None:
    page = visitor()
    page.goto("ui/login")
    for _ in range(6):
        page.keyboard.press("Tab")
        width = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
        assert width != "0px", page.evaluate("document.activeElement.outerHTML")


def test_a_screen_reader_is_told_what_is_wrong_and_where(visitor: Visitor) -> None:
    page = visitor()
    page.goto("ui/login")
    press(page, "Sign in with the password")
    expect(page.get_by_label("E-mail")).to_be_focused()
    expect(page.get_by_label("E-mail")).to_have_accessible_description("Please fill this in.")
    assert page.get_by_role("alert").count() == 2
    assert page.locator("main h1").count() == page.locator("h1").count() == 1
    assert page.locator("html").get_attribute("lang") == "en"


def test_each_button_that_ends_a_session_says_which(visitor: Visitor, server: LiveServer) -> None:
    page, email = visitor(), somebody(server)
    elsewhere = visitor(user_agent="Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0")
    sign_in(elsewhere, email)
    sign_in(page, email)
    expect(page.get_by_role("button", name="Sign out there")).to_have_accessible_description("Firefox on Linux")


# -- brand and language -----------------------------------------------------------------

LOGO = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ"
    "AAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def colour(page: Page, selector: str, name: str = "backgroundColor") -> str:
    """A colour as the browser computed it."""
    return str(page.eval_on_selector(selector, f"element => getComputedStyle(element).{name}"))


def changed(server: LiveServer, page: Page, shown: str, **pages: Any) -> None:
    """Changes the configuration and waits until a page has it."""
    server.change({"pages": pages})
    for _ in range(100):
        page.goto("ui/login")
        if shown in page.content():
            return
        page.wait_for_timeout(200)
    raise AssertionError("the configuration was not taken into use")


def test_name_logo_and_colours_are_the_operator_s(visitor: Visitor, server: LiveServer) -> None:
    page, dark = visitor(color_scheme="light"), visitor(color_scheme="dark")
    changed(
        server,
        page,
        "Lighthouse",
        name="Lighthouse & Sons",
        logo_url=LOGO,
        colors={"accent": "#7a1fa2", "background": "#fff8e1"},
        dark_colors={"accent": "#ffcc80", "accent_text": "#000000"},
    )
    expect(page).to_have_title("Sign in · Lighthouse & Sons")
    assert page.eval_on_selector("img.logo", "image => image.naturalWidth") == 1
    assert colour(page, "button.primary") == "rgb(122, 31, 162)"
    assert colour(page, "body") == "rgb(255, 248, 225)"
    assert Axe().run(page).violations_count == 0
    dark.goto("ui/login")
    assert colour(dark, "button.primary") == "rgb(255, 204, 128)"
    assert colour(dark, "body") == "rgb(23, 23, 26)"  # the light background stays out of the dark
    assert Axe().run(dark).violations_count == 0


def test_every_word_can_be_translated(visitor: Visitor, server: LiveServer, sink: MailSink) -> None:
    """With every text of both tables marked, no page shows a word that is not."""
    page = visitor()
    own = {key: f"«{text}»" for key, text in TABLE.items()}
    own |= {str(number): f"«{entry.text}»" for number, entry in MESSAGES.items()}
    changed(server, page, "«Sign in»", name="—", logo_url=LOGO, language="ar", texts=own)
    assert page.locator("html").get_attribute("dir") == "rtl"
    email = new_address()
    for path in ("ui/login", "ui/recovery", "ui/registration", "ui/verification"):
        page.goto(path)
        assert unmarked(page) == [], path
    page.fill("input[name=email]", email)
    enter(page)
    assert unmarked(page) == []
    page.goto("ui/registration")
    page.fill("input[name='traits.email']", email)
    enter(page)
    assert unmarked(page) == []
    page.fill("input[name=password]", PASSWORD)
    press(page, "«Create account»")
    assert unmarked(page) == []
    session_elsewhere(server, email)
    page.goto("ui/")
    assert unmarked(page, email, "127.0.0.1", "UTC", "AAL1", "python-httpx2") == []
    page.goto("ui/settings")
    secret = page.locator("#part-totp code").inner_text()
    assert unmarked(page, secret) == []
    press(page, "«Make new backup codes»")
    assert unmarked(page, page.locator("#part-totp code").inner_text()) == []
    page.goto("ui/")
    follow(page, "«Sign out»")
    page.fill("input[name=identifier]", email)
    page.fill("input[name=password]", "wrong")
    enter(page)
    assert unmarked(page) == []


def unmarked(page: Page, *known: str) -> list[str]:
    """Words of a page that come from neither table."""
    text = str(page.evaluate("document.body.innerText"))
    while (shorter := re.sub(r"«[^«»]*»", "", text)) != text:
        text = shorter
    for each in known:
        text = text.replace(each, "")
    return re.findall(r"[A-Za-z]{2,}[^\n]*", text)

"""Pages that others wrote for Kratos keep working: nodes as JSON, and the functions of the script for keys."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from integration.pages.harbour import PASSWORD, new_address, press, somebody
from integration.pages.virtual_keys import DEVICE, STICK, plugged_in
from live_server import LiveServer

Visitor = Callable[..., Page]

#: Draws a flow from its JSON alone. ``MODE`` is how it calls the functions: by the code in ``onclick`` and ``onload``,
#: by the names in ``onclickTrigger`` and ``onloadTrigger``, or by the names that older pages know.
SCRIPT = """
const functionOf = (name) => window[(MODE === "older" ? "__" : "") + name]
const run = (name, code, value) => MODE === "code" ? new Function(code)() : functionOf(name)(value && JSON.parse(value))
const draw = ({ ui }) => {
  const form = Object.assign(document.createElement("form"), { action: ui.action, method: ui.method })
  const loading = []
  const later = []
  for (const { type, attributes: a, meta } of ui.nodes) {
    if (type === "script") {
      const script = document.createElement("script")
      for (const [name, value] of Object.entries(a)) {
        if (name !== "node_type") script.setAttribute(name, value === true ? "" : value)
      }
      loading.push(new Promise((done, failed) => Object.assign(script, { onload: done, onerror: failed })))
      document.head.append(script)
    } else if (type === "input") {
      const isButton = a.type === "submit" || a.type === "button"
      const input = document.createElement(isButton ? "button" : "input")
      Object.assign(input, { name: a.name, type: a.type, value: a.value ?? "", formNoValidate: true })
      if (isButton) input.textContent = meta.label?.text ?? a.name
      if (a.onclickTrigger) input.addEventListener("click", () => run(a.onclickTrigger, a.onclick, a.value))
      if (a.onloadTrigger) later.push(() => run(a.onloadTrigger, a.onload, a.value))
      form.append(input)
    }
  }
  document.body.append(form)
  Promise.all(loading).then(() => {
    later.forEach((call) => call())
    document.body.dataset.ready = "yes"
  })
}
const id = new URLSearchParams(location.search).get("flow")
fetch(`${KRATOS}self-service${location.pathname}/flows?id=${id}`, { credentials: "include" })
  .then((answer) => answer.json())
  .then(draw)
"""


class Elsewhere:
    """A site of somebody else on a port of its own."""

    def __init__(self, port: int) -> None:
        self.url = f"http://localhost:{port}"
        self.page = b""

    def speaks(self, kratos: str, mode: str) -> None:
        head = f"const KRATOS = {json.dumps(kratos)}, MODE = {json.dumps(mode)};"
        self.page = f"<!doctype html><title>Elsewhere</title><body><script>{head}{SCRIPT}</script>".encode()


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    """Their web server."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(site.page)

        def log_message(self, *_: Any) -> None:
            pass

    web = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site = Elsewhere(web.server_address[1])
    thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield site
    web.shutdown()
    web.server_close()
    thread.join()


@pytest.fixture(scope="module")
def changes(elsewhere: Elsewhere) -> dict[str, Any]:
    """Their pages for three flows; home stays ours."""
    party = {"rp": {"id": "localhost", "display_name": "Site", "origins": [elsewhere.url]}}
    flows = {kind: {"ui_url": f"{elsewhere.url}/{kind}"} for kind in ("login", "registration", "settings")}
    cors = {"enabled": True, "allowed_origins": [elsewhere.url], "allow_credentials": True}
    return {
        "serve": {"public": {"cors": cors}},
        "selfservice": {
            "allowed_return_urls": [elsewhere.url],
            "methods": {"webauthn": {"config": party}, "passkey": {"config": party}},
            "flows": {**flows, "registration": {**flows["registration"], "enable_legacy_one_step": True}},
        },
    }


@pytest.fixture(params=["code", "trigger", "older"])
def theirs(request: pytest.FixtureRequest, elsewhere: Elsewhere, server: LiveServer) -> Elsewhere:
    """Their site, once for each way to call the script."""
    elsewhere.speaks(server.public, request.param)
    return elsewhere


def begin(page: Page, kind: str, query: str = "") -> None:
    page.goto(f"self-service/{kind}/browser{query}")
    expect(page.locator("body[data-ready=yes], strong").first).to_be_attached()


def test_a_passkey_signs_up_in_and_is_offered(visitor: Visitor, theirs: Elsewhere) -> None:
    page, email = visitor(), new_address()
    device = plugged_in(page, DEVICE)
    begin(page, "registration")
    assert page.url.startswith(theirs.url)
    page.fill("input[name='traits.email']", email)
    press(page, "Create account with a passkey")
    expect(page.locator("strong")).to_have_text(email)
    device.knows_its_owner(False)
    page.context.clear_cookies()
    begin(page, "login")
    device.knows_its_owner(True)
    press(page, "Use a passkey")
    expect(page.locator("strong")).to_have_text(email)
    page.context.clear_cookies()
    page.goto("self-service/login/browser")
    expect(page.locator("strong")).to_have_text(email)  # beside the field, by what onload says


def test_a_security_key_is_added_and_asked_for(visitor: Visitor, server: LiveServer, theirs: Elsewhere) -> None:
    page, email = visitor(), somebody(server)
    begin(page, "login")
    page.fill("input[name=identifier]", email)
    page.fill("input[name=password]", PASSWORD)
    press(page, "Sign in with the password")
    plugged_in(page, STICK)
    begin(page, "settings")
    page.fill("input[name=webauthn_register_displayname]", "Blue stick")
    press(page, "Add a security key")
    begin(page, "login", "?aal=aal2&refresh=true")
    press(page, "Use a security key")
    page.goto("ui/")
    expect(page.locator(".level")).to_have_text("AAL2")


def test_a_passkey_is_added_in_the_settings(visitor: Visitor, server: LiveServer, theirs: Elsewhere) -> None:
    page, email = visitor(), somebody(server)
    begin(page, "login")
    page.fill("input[name=identifier]", email)
    page.fill("input[name=password]", PASSWORD)
    press(page, "Sign in with the password")
    device = plugged_in(page, DEVICE)
    begin(page, "settings")
    press(page, "Add a passkey")
    assert len(device.credentials()) == 1

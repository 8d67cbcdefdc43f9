"""Every flow of a single-page application, driven by Ory's own client for Python."""

import importlib
import warnings
from http.cookies import SimpleCookie
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest

from integration.clients.conftest import PASSWORD
from live_server import LiveServer, create_identity
from mail_sink import MailSink

PACKAGES = ["ory_client", "ory_kratos_client"]


class Page:
    """A page of an application, with cookies as a browser keeps them."""

    def __init__(self, package: ModuleType, server: LiveServer) -> None:
        self.package = package
        self.cookies: dict[str, str] = {}
        client = package.ApiClient(package.Configuration(host=server.public.rstrip("/")))
        self.api = package.FrontendApi(client)
        # The package has no cookies; those of a browser stand around its HTTP client.
        pool = client.rest_client.pool_manager
        self.send_on, pool.request = pool.request, self.request

    def request(self, *arguments: Any, headers: Any, **more: Any) -> Any:
        """Sends a request with the cookies, and keeps those of the answer."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = self.send_on(*arguments, headers={**headers, "Cookie": cookies}, **more)
        for line in answer.headers.getlist("set-cookie"):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return answer

    def call(self, method: str, /, *arguments: Any, **parameters: Any) -> Any:
        """A call; what it returns is parsed by the package's models."""
        return getattr(self.api, method)(*arguments, **parameters)

    def body(self, kind: str, method: str, /, flow: Any, **fields: Any) -> Any:
        """A form, as the package writes it."""
        inner = getattr(self.package, f"Update{kind}FlowWith{method}Method")
        outer = getattr(self.package, f"Update{kind}FlowBody")
        return outer(inner(csrf_token=value(flow, "csrf_token"), **fields))

    def begin(self, kind: str, **parameters: Any) -> Any:
        """A new flow, fetched again as pages do."""
        made = self.call(f"create_browser_{kind}_flow", **parameters)
        return self.call(f"get_{kind}_flow", str(made.id))

    def send(self, kind: str, method: str, /, flow: Any, **fields: Any) -> Any:
        """Submits a form."""
        body = self.body(kind.capitalize(), method, flow, **fields)
        return self.call(f"update_{kind}_flow", str(flow.id), body)

    def refused(self, kind: str, method: str, /, flow: Any, **fields: Any) -> Any:
        """Submits a form that has something wrong; the form as it came back."""
        with pytest.raises(self.package.ApiException) as caught:
            self.send(kind, method, flow, **fields)
        assert caught.value.status == 400
        return getattr(self.package, f"{kind.capitalize()}Flow").from_json(caught.value.body)

    def log_in(self, email: str, password: str = PASSWORD, **parameters: Any) -> Any:
        """Signs in with a password."""
        flow = self.begin("login", **parameters)
        return self.send("login", "Password", flow, method="password", identifier=email, password=password)

    def status(self) -> int:
        """Whether the page is signed in."""
        try:
            self.call("to_session")
        except self.package.ApiException as error:
            return int(error.status)
        return 200


def value(flow: Any, name: str) -> Any:
    """The value of a field."""
    attributes = (node.attributes.actual_instance for node in flow.ui.nodes)
    return next(each.value for each in attributes if getattr(each, "name", "") == name)


def ids(flow: Any) -> list[int]:
    """All that a form says."""
    said = [*(flow.ui.messages or ()), *(message for node in flow.ui.nodes for message in node.messages)]
    return [message.id for message in said]


@pytest.fixture(params=PACKAGES)
def page(request: pytest.FixtureRequest, server: LiveServer) -> Page:
    """A page."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Page(importlib.import_module(request.param), server)


def test_signing_up_verifying_and_signing_out(page: Page, email: str, sink: MailSink) -> None:
    flow = page.begin("registration")
    form = {"method": "password", "traits": {"email": email}}
    assert ids(page.refused("registration", "Password", flow, password="short", **form)) == [4000032]
    done = page.send("registration", "Password", flow, password=PASSWORD, **form)
    assert done.identity.traits == {"email": email}
    steps = {each.actual_instance.action: each.actual_instance for each in done.continue_with}
    verification = page.call("get_verification_flow", str(steps["show_verification_ui"].flow.id))
    page.send("verification", "Code", verification, method="code", code=sink.code(email))
    assert page.call("to_session").identity.verifiable_addresses[0].verified is True
    logout = page.call("create_browser_logout_flow")
    page.call("update_logout_flow", token=parse_qs(urlsplit(logout.logout_url).query)["token"][0])
    assert page.status() == 401


def test_signing_in_again_and_confirming(page: Page, server: LiveServer, email: str) -> None:
    create_identity(server, email, PASSWORD)
    flow = page.begin("login")
    form = {"method": "password", "identifier": email}
    assert ids(page.refused("login", "Password", flow, password="something-else-9", **form)) == [4000006]
    done = page.send("login", "Password", flow, password=PASSWORD, **form)
    first = done.session.authenticated_at
    assert page.log_in(email, refresh=True).session.authenticated_at > first


def test_signing_in_with_a_code(page: Page, server: LiveServer, email: str, sink: MailSink) -> None:
    create_identity(server, email, PASSWORD)
    flow = page.begin("login")
    sent = page.refused("login", "Code", flow, method="code", identifier=email)
    done = page.send("login", "Code", sent, method="code", identifier=email, code=sink.code(email))
    assert done.session.authentication_methods[0].method == "code"


def test_recovering_and_setting_a_new_password(page: Page, server: LiveServer, email: str, sink: MailSink) -> None:
    create_identity(server, email, PASSWORD)
    flow = page.begin("recovery")
    sent = page.send("recovery", "Code", flow, method="code", email=email)
    done = page.send("recovery", "Code", sent, method="code", code=sink.code(email))
    (step,) = [each.actual_instance for each in done.continue_with]
    settings = page.call("get_settings_flow", str(step.flow.id))
    changed = page.send("settings", "Password", settings, method="password", password="quiet-7-Harbour-Bell")
    assert changed.state == "success"
    assert Page(page.package, server).log_in(email, "quiet-7-Harbour-Bell").session.active


def test_changing_the_profile(page: Page, server: LiveServer, email: str) -> None:
    create_identity(server, email, PASSWORD)
    page.log_in(email)
    flow = page.begin("settings")
    wrong = page.refused("settings", "Profile", flow, method="profile", traits={"email": "nonsense"})
    assert ids(wrong) == [4000040]
    traits = {"email": email, "nickname": "Ada"}
    assert page.send("settings", "Profile", flow, method="profile", traits=traits).identity.traits == traits


def test_a_second_factor_is_set_up_and_asked_for(page: Page, server: LiveServer, email: str) -> None:
    create_identity(server, email, PASSWORD)
    page.log_in(email)
    flow = page.begin("settings")
    nodes = [node.attributes.actual_instance for node in flow.ui.nodes]
    secret = next(each.text.context["secret"] for each in nodes if getattr(each, "id", "") == "totp_secret_key")
    page.send("settings", "Totp", flow, method="totp", totp_code=pyotp.TOTP(secret).now())
    other = Page(page.package, server)
    with pytest.raises(page.package.ApiException) as caught:
        other.log_in(email)
    assert (caught.value.status, "aal=aal2" in str(caught.value.body)) == (422, True)
    assert other.status() == 403
    step = other.begin("login", aal="aal2")
    assert ids(other.refused("login", "Totp", step, method="totp", totp_code="000000"))[-1:] == [4000008]
    other.send("login", "Totp", step, method="totp", totp_code=pyotp.TOTP(secret).now())
    assert other.call("to_session").authenticator_assurance_level.value == "aal2"


def test_sessions_are_listed_and_ended(page: Page, server: LiveServer, email: str) -> None:
    create_identity(server, email, PASSWORD)
    others = [Page(page.package, server) for _ in range(2)]
    for each in (page, *others):
        each.log_in(email)
    listed = page.call("list_my_sessions")
    assert len(listed) == 2
    page.call("disable_my_session", str(listed[0].id))
    assert sorted(each.status() for each in others) == [200, 401]
    page.call("disable_my_other_sessions")
    assert [each.status() for each in (page, *others)] == [200, 401, 401]


def test_signing_up_with_a_code(page: Page, email: str, sink: MailSink) -> None:
    flow = page.begin("registration")
    form = {"method": "code", "traits": {"email": email}}
    sent = page.refused("registration", "Code", flow, **form)
    assert sent.state == "sent_email"
    assert ids(page.refused("registration", "Code", sent, code="000000", **form)) == [4040003]
    done = page.send("registration", "Code", sent, code=sink.code(email), **form)
    assert done.session.identity.verifiable_addresses[0].verified is True


def test_verifying_an_address_later(page: Page, server: LiveServer, email: str, sink: MailSink) -> None:
    create_identity(server, email, PASSWORD)
    flow = page.begin("verification")
    sent = page.send("verification", "Code", flow, method="code", email=email)
    done = page.send("verification", "Code", sent, method="code", code=sink.code(email))
    assert done.state == "passed_challenge"


def test_backup_codes_are_made_and_each_works_once(page: Page, server: LiveServer, email: str) -> None:
    create_identity(server, email, PASSWORD)
    page.log_in(email)
    flow = page.begin("settings")
    made = page.send("settings", "Lookup", flow, method="lookup_secret", lookup_secret_regenerate=True)
    shown = next(node.attributes.actual_instance for node in made.ui.nodes if node_id(node) == "lookup_secret_codes")
    codes = [each["context"]["secret"] for each in shown.text.context["secrets"]]
    page.send("settings", "Lookup", made, method="lookup_secret", lookup_secret_confirm=True)
    other = Page(page.package, server)
    with pytest.raises(page.package.ApiException):
        other.log_in(email)
    step = other.begin("login", aal="aal2")
    other.send("login", "LookupSecret", step, method="lookup_secret", lookup_secret=codes[0])
    assert other.call("to_session").authenticator_assurance_level.value == "aal2"
    third = Page(page.package, server)
    with pytest.raises(page.package.ApiException):
        third.log_in(email)
    again = third.begin("login", aal="aal2")
    third.refused("login", "LookupSecret", again, method="lookup_secret", lookup_secret=codes[0])


def node_id(node: Any) -> str:
    """The id of a text node; nothing for others."""
    return str(getattr(node.attributes.actual_instance, "id", ""))


def test_what_went_wrong_is_shown(page: Page) -> None:
    assert page.call("get_flow_error", "stub:500").error["code"] == 500
    with pytest.raises(page.package.ApiException) as caught:
        page.call("get_flow_error", "7d6b1c3a-0b7e-4f1c-9d59-1f0a3c1b2d4e")
    assert caught.value.status == 404

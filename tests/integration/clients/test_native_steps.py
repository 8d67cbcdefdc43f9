"""Native flows of a server that asks step by step, mails links and knows a provider; by Kratos' own client."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from integration.clients.apps import App, ids
from integration.clients.conftest import PASSWORD, settings
from live_server import LiveServer, create_identity, live_server, merged
from mail_sink import MailSink
from node_clients import NodeClient
from openid_provider import OpenIdProvider, running, signed
from social import configured, entry

HTML = {"accept": "text/html"}
STEP_BY_STEP: dict[str, Any] = {
    "feature_flags": {"choose_recovery_address": True},
    "selfservice": {
        "methods": {
            "code": {"passwordless_enabled": False, "mfa_enabled": True},
            "link": {"enabled": True},
        },
        "flows": {
            "login": {"style": "identifier_first"},
            "registration": {"style": "profile_first", "enable_legacy_one_step": False},
            "verification": {"use": "link"},
        },
    },
}


@pytest.fixture(scope="module")
def provider() -> Iterator[OpenIdProvider]:
    """An OpenID provider."""
    with running() as opened:
        yield opened


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, database: str, sink: MailSink, provider: OpenIdProvider
) -> Iterator[LiveServer]:
    """A server for all tests here."""
    providers = configured(
        entry(provider), entry(provider, id="phone", provider="fedcm-test", additional_id_token_audiences=["phone"])
    )
    overrides = merged(merged(settings(sink), providers), STEP_BY_STEP)
    with live_server(tmp_path_factory.mktemp("steps"), database, overrides, arguments=("--watch-courier",)) as opened:
        yield opened


@pytest.fixture
def app(node: NodeClient, server: LiveServer) -> App:
    """An app."""
    return App(node, server)


def values(flow: dict[str, Any], name: str) -> list[Any]:
    """The values of all fields of a name."""
    return [node["attributes"]["value"] for node in flow["ui"]["nodes"] if node["attributes"].get("name") == name]


def test_signing_up_in_two_steps(app: App, email: str) -> None:
    form = app.begin("Registration")
    assert values(form, "method") == ["profile"], form
    chosen = app.send("Registration", form, method="profile", traits={"email": email})
    assert chosen.status == 400
    assert "password" in values(chosen.data, "method")
    done = app.send("Registration", form, method="password", password=PASSWORD, traits={"email": email})
    assert done.status == 200
    assert done.data["session_token"]
    assert done.data["session"]["identity"]["traits"]["email"] == email


def test_signing_in_with_the_identifier_first(app: App, email: str) -> None:
    create_identity(app.server, email, PASSWORD)
    form = app.begin("Login")
    assert "password" not in values(form, "method")
    named = app.send("Login", form, method="identifier_first", identifier=email)
    assert named.status == 400
    assert "password" in values(named.data, "method")
    done = app.send("Login", form, method="password", identifier=email, password=PASSWORD)
    assert done.status == 200


def test_a_mailed_code_as_second_factor(app: App, email: str, sink: MailSink) -> None:
    create_identity(app.server, email, PASSWORD)
    app.log_in(email)
    assert app.whoami().status == 403
    step = app.begin("Login", aal="aal2")
    sent = app.send("Login", step, method="code", address=email)
    assert (sent.status, sent.data["state"]) == (400, "sent_email")
    wrong = app.send("Login", step, method="code", code="000000")
    assert wrong.status == 400
    done = app.send("Login", step, method="code", code=sink.code(email))
    assert done.status == 200
    assert app.whoami().data["authenticator_assurance_level"] == "aal2"


def test_verifying_by_a_link_that_a_browser_opens(app: App, email: str, sink: MailSink) -> None:
    create_identity(app.server, email, PASSWORD)
    form = app.begin("Verification")
    sent = app.send("Verification", form, method="link", email=email)
    assert (sent.data["state"], ids(sent.data)) == ("sent_email", [1080001])
    opened = httpx2.get(sink.link(email), headers=HTML)
    assert opened.status_code in (302, 303)
    shown = app.call("getVerificationFlow", id=form["id"]).data
    assert shown["state"] == "passed_challenge"


def test_recovering_over_a_chosen_address(app: App, email: str, sink: MailSink) -> None:
    create_identity(app.server, email, PASSWORD)
    form = app.begin("Recovery")
    sent = app.send("Recovery", form, method="code", recovery_address=email)
    assert sent.data["state"] == "recovery_awaiting_code"
    done = app.send("Recovery", form, method="code", code=sink.code(email))
    steps = {each["action"]: each for each in done.data["continue_with"]}
    app.token = steps["set_ory_session_token"]["ory_session_token"]
    reply = app.call("getSettingsFlow", id=steps["show_settings_ui"]["flow"]["id"], xSessionToken=app.token)
    assert reply.status in (200, 403)


def test_recovering_by_a_link_that_a_browser_opens(
    node: NodeClient, email: str, sink: MailSink, tmp_path: Path
) -> None:
    flows = {"recovery": {"use": "link"}, "verification": {"use": "link"}}
    links = {"selfservice": {"methods": {"link": {"enabled": True}}, "flows": flows}}
    with live_server(tmp_path, "", merged(settings(sink), links), arguments=("--watch-courier",)) as server:
        create_identity(server, email, PASSWORD)
        app = App(node, server)
        form = app.begin("Recovery")
        sent = app.send("Recovery", form, method="link", email=email)
        assert (sent.data["state"], ids(sent.data)) == ("sent_email", [1060002])
        with httpx2.Client() as browser:
            opened = browser.get(sink.link(email), headers=HTML)
            assert opened.status_code in (302, 303)
            session = browser.get(server.public + "sessions/whoami").json()
        assert session["identity"]["traits"]["email"] == email
        assert app.call("getRecoveryFlow", id=form["id"]).data["state"] == "passed_challenge"


def back_from(provider_url: str) -> str:
    """Where the browser ends that the app opens: at the provider, over the server, back in the app."""
    with httpx2.Client() as browser:
        given = browser.get(provider_url)
        ended = browser.get(given.headers["location"], headers=HTML)
    assert ended.status_code in (302, 303), ended.text
    return str(ended.headers["location"])


@pytest.mark.parametrize("kind", ["Registration", "Login"])
def test_a_browser_signs_in_at_a_provider_and_the_app_trades_codes(
    app: App, provider: OpenIdProvider, email: str, kind: str
) -> None:
    provider.person = {"sub": email, "email": email, "email_verified": True}
    form = app.begin(kind, returnSessionTokenExchangeCode=True, returnTo="app://back")
    sent = app.send(kind, form, method="oidc", provider="hub")
    assert sent.status == 422
    location = back_from(sent.data["redirect_browser_to"])
    assert location.startswith("app://back?code=")
    codes = {
        "initCode": form["session_token_exchange_code"],
        "returnToCode": parse_qs(urlsplit(location).query)["code"][0],
    }
    traded = app.call("exchangeSessionToken", **codes)
    app.token = traded.data["session_token"]
    refused = app.whoami()
    assert (refused.status, refused.data["error"]["id"]) == (403, "session_aal2_required"), "a mailed code is due"
    assert app.call("exchangeSessionToken", **codes).status == 404


@pytest.mark.parametrize("kind", ["Registration", "Login"])
def test_an_id_token_of_the_phone(app: App, provider: OpenIdProvider, email: str, kind: str) -> None:
    now = int(time.time())
    claims = {
        "iss": provider.url,
        "aud": "phone",
        "sub": email,
        "email": email,
        "iat": now,
        "exp": now + 60,
        "nonce": "n",
    }
    form = app.begin(kind)
    body = {"method": "oidc", "provider": "phone", "id_token_nonce": "n"}
    assert app.send(kind, form, **body, id_token=signed(provider, {**claims, "aud": "theirs"})).status == 400
    done = app.send(kind, form, **body, id_token=signed(provider, claims))
    assert done.status == 200, done.data
    assert done.data["session"]["identity"]["traits"]["email"] == email

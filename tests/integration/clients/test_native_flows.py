"""Every native flow, driven by Kratos' own client for JavaScript."""

import pyotp
import pytest

from integration.clients.apps import App, ids, text_of
from integration.clients.conftest import PASSWORD
from live_server import LiveServer, create_identity
from mail_sink import MailSink
from node_clients import NodeClient


@pytest.fixture
def app(node: NodeClient, server: LiveServer) -> App:
    """An app."""
    return App(node, server)


def test_signing_up_verifying_and_signing_out(app: App, email: str, sink: MailSink) -> None:
    form = app.begin("Registration")
    reply = app.send("Registration", form, method="password", password="short", traits={"email": email})
    assert (reply.status, ids(reply.data)) == (400, [4000032])
    reply = app.send("Registration", form, method="password", password=PASSWORD, traits={"email": email})
    assert reply.status == 200
    app.token = reply.data["session_token"]
    steps = {each["action"]: each for each in reply.data["continue_with"]}
    verification = app.call("getVerificationFlow", id=steps["show_verification_ui"]["flow"]["id"]).data
    wrong = app.send("Verification", verification, method="code", code="000000")
    assert ids(wrong.data) == [4070006]
    done = app.send("Verification", verification, method="code", code=sink.code(email))
    assert (done.data["state"], ids(done.data)) == ("passed_challenge", [1080002])
    session = app.whoami().data
    assert session["identity"]["verifiable_addresses"][0]["verified"] is True
    assert app.call("performNativeLogout", performNativeLogoutBody={"session_token": app.token}).status == 204
    assert app.whoami().status == 401


def test_signing_in_with_a_password_and_with_a_code(app: App, email: str, sink: MailSink) -> None:
    create_identity(app.server, email, PASSWORD)
    assert (app.log_in(email, "something-else-9").status, app.token) == (400, "")
    assert app.log_in(email).status == 200
    assert app.whoami().data["authentication_methods"][0]["method"] == "password"
    other = App(app.node, app.server)
    form = other.begin("Login")
    sent = other.send("Login", form, method="code", identifier=email)
    assert (sent.status, sent.data["state"]) == (400, "sent_email")
    reply = other.send("Login", form, method="code", identifier=email, code=sink.code(email))
    other.token = reply.data["session_token"]
    assert other.whoami().data["authentication_methods"][0]["method"] == "code"
    again = other.begin("Login", refresh=True)
    reply = other.send("Login", again, method="password", identifier=email, password=PASSWORD)
    assert reply.status == 200


def test_signing_up_with_a_code(app: App, email: str, sink: MailSink) -> None:
    form = app.begin("Registration")
    sent = app.send("Registration", form, method="code", traits={"email": email})
    assert (sent.status, sent.data["state"]) == (400, "sent_email")
    wrong = app.send("Registration", form, method="code", traits={"email": email}, code="000000")
    assert ids(wrong.data) == [4040003]
    done = app.send("Registration", form, method="code", traits={"email": email}, code=sink.code(email))
    app.token = done.data["session_token"]
    session = app.whoami().data
    assert session["identity"]["verifiable_addresses"][0]["verified"] is True
    assert session["authentication_methods"][0]["method"] == "code"


def test_verifying_an_address_later(app: App, email: str, sink: MailSink) -> None:
    create_identity(app.server, email, PASSWORD)
    form = app.begin("Verification")
    assert ids(app.send("Verification", form, method="code", email=email).data) == [1080003]
    done = app.send("Verification", form, method="code", code=sink.code(email))
    assert done.data["state"] == "passed_challenge"


def test_recovering_and_setting_a_new_password(app: App, email: str, sink: MailSink) -> None:
    create_identity(app.server, email, PASSWORD)
    form = app.begin("Recovery")
    assert app.send("Recovery", form, method="code", email=email).data["state"] == "sent_email"
    assert ids(app.send("Recovery", form, method="code", code="000000").data) == [4060006]
    done = app.send("Recovery", form, method="code", code=sink.code(email))
    steps = {each["action"]: each for each in done.data["continue_with"]}
    app.token = steps["set_ory_session_token"]["ory_session_token"]
    settings = app.call("getSettingsFlow", id=steps["show_settings_ui"]["flow"]["id"], xSessionToken=app.token).data
    reply = app.send("Settings", settings, method="password", password="quiet-7-Harbour-Bell")
    assert (reply.status, reply.data["state"]) == (200, "success")
    assert App(app.node, app.server).log_in(email, "quiet-7-Harbour-Bell").status == 200
    assert App(app.node, app.server).log_in(email).status == 400
    again = app.send("Recovery", form, method="code", code=sink.code(email))
    assert again.status >= 400
    assert "session_token" not in str(again.data)


def test_changing_the_profile_and_the_password(app: App, email: str) -> None:
    create_identity(app.server, email, PASSWORD)
    app.log_in(email)
    reply = app.change(method="profile", traits={"email": email, "nickname": "Ada"})
    assert reply.data["identity"]["traits"]["nickname"] == "Ada"
    wrong = app.change(method="profile", traits={"email": "nonsense"})
    assert (wrong.status, ids(wrong.data)) == (400, [4000040])
    assert app.change(method="password", password="quiet-7-Harbour-Bell").status == 200
    assert App(app.node, app.server).log_in(email, "quiet-7-Harbour-Bell").status == 200


def test_sessions_are_listed_and_ended(app: App, email: str) -> None:
    create_identity(app.server, email, PASSWORD)
    apps = [App(app.node, app.server) for _ in range(3)]
    for each in (app, *apps):
        each.log_in(email)
    listed = app.call("listMySessions", xSessionToken=app.token).data
    assert len(listed) == 3
    one = apps[0].whoami().data["id"]
    assert app.call("disableMySession", id=one, xSessionToken=app.token).status == 204
    assert [each.whoami().status for each in apps] == [401, 200, 200]
    assert app.call("disableMyOtherSessions", xSessionToken=app.token).data["count"] >= 2
    assert [each.whoami().status for each in (app, *apps)] == [200, 401, 401, 401]


def test_an_authenticator_app_is_set_up_asked_for_and_removed(app: App, email: str) -> None:
    create_identity(app.server, email, PASSWORD)
    app.log_in(email)
    form = app.begin("Settings")
    secret = pyotp.TOTP(text_of(form, "totp_secret_key")["secret"])
    wrong = app.send("Settings", form, method="totp", totp_code="000000")
    assert (wrong.status, ids(wrong.data)) == (400, [4000008])
    assert app.send("Settings", form, method="totp", totp_code=secret.now()).status == 200
    other = App(app.node, app.server)
    other.log_in(email)
    refused = other.whoami()
    assert (refused.status, refused.data["error"]["id"]) == (403, "session_aal2_required")
    step = other.begin("Login", aal="aal2")
    assert other.send("Login", step, method="totp", totp_code="000000").status == 400
    assert other.send("Login", step, method="totp", totp_code=secret.now()).status == 200
    assert other.whoami().data["authenticator_assurance_level"] == "aal2"
    assert other.change(method="totp", totp_unlink=True).status == 200
    third = App(app.node, app.server)
    third.log_in(email)
    assert third.whoami().status == 200


def test_backup_codes_are_made_and_each_works_once(app: App, email: str) -> None:
    create_identity(app.server, email, PASSWORD)
    app.log_in(email)
    form = app.begin("Settings")
    made = app.send("Settings", form, method="lookup_secret", lookup_secret_regenerate=True)
    codes = [each["context"]["secret"] for each in text_of(made.data, "lookup_secret_codes")["secrets"]]
    assert app.send("Settings", form, method="lookup_secret", lookup_secret_confirm=True).status == 200
    for code, status in ((codes[0], 200), (codes[0], 400), (codes[1], 200)):
        other = App(app.node, app.server)
        other.log_in(email)
        step = other.begin("Login", aal="aal2")
        assert other.send("Login", step, method="lookup_secret", lookup_secret=code).status == status
    shown = app.change(method="lookup_secret", lookup_secret_reveal=True)
    assert [each["id"] for each in text_of(shown.data, "lookup_secret_codes")["secrets"]].count(1050014) == 2
    assert app.change(method="lookup_secret", lookup_secret_disable=True).status == 200


def test_what_the_client_asks_of_a_flow_that_is_gone(app: App) -> None:
    gone = "7d6b1c3a-0b7e-4f1c-9d59-1f0a3c1b2d4e"
    for kind in ("Login", "Registration", "Recovery", "Verification"):
        assert app.call(f"get{kind}Flow", id=gone).status == 404
    assert app.call("getFlowError", id=gone).status == 404
    assert app.call("getSettingsFlow", id=gone).status in (401, 404)

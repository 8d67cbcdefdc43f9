"""T31, T33: of everything that is secret, nothing reaches the log, however much it says, nor the database as it is."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pyotp
import pytest

from integration.factors import OVERRIDES
from integration.faults.people import PASSWORD, eventually
from integration.mailbox import WITH_LINKS
from live_server import LiveServer, create_identity, live_server, merged

EMAIL = "ada@example.com"
ADMIN_KEY = "an-admin-key-that-tests-made-up-0001"
HOOK_KEY, SMTP_PASSWORD = "a-hook-key-that-tests-made-up", "an-smtp-password-of-tests"
CONFIGURED = {
    "default": "a-default-secret-of-tests-0001",
    "cookie": "a-cookie-secret-of-tests-00001",
    "cipher": "a-cipher-secret-of-tests-32-char",
    "pagination": "a-pagination-secret-of-tests-01",
}
OVER: dict[str, Any] = {
    "log": {"level": "trace", "format": "json"},
    "secrets": {kind: [secret] for kind, secret in CONFIGURED.items()},
    "serve": {"admin": {"auth": {"keys": [{"name": "test", "key": ADMIN_KEY}]}}},
    "courier": {
        # Nobody listens there: every attempt fails, which is when most is said.
        "smtp": {"connection_uri": f"smtp://user:{SMTP_PASSWORD}@127.0.0.1:1/?disable_starttls=true"},
        "worker": {"pull_wait": "50ms"},
    },
    "selfservice": {
        "methods": {"code": {"enabled": True}},
        "flows": {
            "verification": {"use": "code"},
            "login": {
                "after": {
                    "hooks": [
                        {
                            "hook": "web_hook",
                            "config": {
                                "url": "http://127.0.0.1:1/",
                                "method": "POST",
                                "body": "base64://ZnVuY3Rpb24oY3R4KSBjdHg=",
                                "response": {"ignore": True},
                                "auth": {
                                    "type": "api_key",
                                    "config": {"name": "X-Key", "value": HOOK_KEY, "in": "header"},
                                },
                            },
                        }
                    ]
                }
            },
        },
    },
}


class Person:
    """Somebody with a browser, who does everything that has a secret in it."""

    def __init__(self, server: LiveServer) -> None:
        self.server = server
        self.browser = httpx2.Client(base_url=server.public, timeout=60, headers={"accept": "application/json"})
        self.secrets: dict[str, str] = {}

    def form(self, kind: str, query: str = "") -> tuple[str, dict[str, Any]]:
        flow = self.browser.get(f"self-service/{kind}/browser{query}").json()
        values = {node["attributes"].get("name"): node["attributes"].get("value") for node in flow["ui"]["nodes"]}
        self.secrets[f"{kind} form's token"] = str(values["csrf_token"])
        return flow["ui"]["action"], flow

    def send(self, kind: str, flow: tuple[str, dict[str, Any]], **fields: Any) -> dict[str, Any]:
        fields["csrf_token"] = self.secrets[f"{kind} form's token"]
        answer = self.browser.post(flow[0], json=fields)
        assert answer.status_code in (200, 400, 422), answer.text
        return dict(answer.json())

    def sign_in(self) -> None:
        self.send("login", self.form("login"), method="password", identifier=EMAIL, password=PASSWORD)
        for name, value in self.browser.cookies.items():
            self.secrets[name.split("_token_")[0]] = value

    def set_up_factors(self) -> None:
        flow = self.form("settings")
        nodes = {node["attributes"].get("id"): node["attributes"] for node in flow[1]["ui"]["nodes"]}
        seed = self.secrets["authenticator's seed"] = nodes["totp_secret_key"]["text"]["text"]
        self.send("settings", flow, method="totp", totp_code=pyotp.TOTP(seed).now())
        made = self.send("settings", flow, method="lookup_secret", lookup_secret_regenerate=True)
        codes = next(n for n in made["ui"]["nodes"] if n["attributes"].get("id") == "lookup_secret_codes")
        self.secrets["backup code"] = codes["attributes"]["text"]["context"]["secrets"][0]["context"]["secret"]
        self.send("settings", flow, method="lookup_secret", lookup_secret_confirm=True)

    def ask_for_mail(self) -> None:
        app = httpx2.Client(base_url=self.server.public, timeout=60)
        for kind, method in (("recovery", "link"), ("verification", "code")):
            flow = app.get(f"self-service/{kind}/api").json()
            assert app.post(flow["ui"]["action"], json={"method": method, "email": EMAIL}).status_code == 200
        flow = app.get("self-service/login/api").json()
        form = {"method": "password", "identifier": EMAIL, "password": PASSWORD}
        self.secrets["session token"] = app.post(flow["ui"]["action"], json=form).json()["session_token"]
        app.close()


def mailed(server: LiveServer) -> dict[str, str]:
    answer = httpx2.get(
        server.admin + "admin/courier/messages", headers={"Authorization": f"Bearer {ADMIN_KEY}"}, timeout=60
    )
    found = {}
    for message in answer.json():
        if message["template_type"].startswith("recovery"):
            url = re.search(r"http://\S+token=\S+", message["body"])
            assert url is not None
            found["link's token"] = parse_qs(urlsplit(url.group()).query)["token"][0]
        else:
            code = re.search(r"\b\d{6}\b", message["body"])
            assert code is not None
            found["mailed code"] = code.group()
    return found


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, bytes, dict[str, str]]:
    """The log of a server that everything happened to, its database, and the secrets by what they are."""
    folder: Path = tmp_path_factory.mktemp("secrets")
    overrides = merged(merged(merged(WITH_LINKS, OVERRIDES), OVER), {"session": {"whoami": {"required_aal": "aal1"}}})
    overrides["selfservice"]["flows"]["settings"]["required_aal"] = "aal1"
    created = merged(overrides, {"serve": {"admin": {"auth": {"keys": []}}}})
    dsn = f"sqlite://{folder}/kratos.sqlite"
    with live_server(folder, dsn, created) as server:
        create_identity(server, EMAIL)
    with live_server(folder, dsn, overrides, arguments=("--watch-courier",), wait=True) as server:
        person = Person(server)
        person.sign_in()
        person.set_up_factors()
        person.ask_for_mail()
        secrets = {**person.secrets, **mailed(server)}
        eventually(lambda: "out of reach" in server.log.read_text() or "courier" in server.log.read_text())
        person.browser.close()
    secrets |= {"password": PASSWORD, "admin key": ADMIN_KEY, "hook's key": HOOK_KEY, "SMTP password": SMTP_PASSWORD}
    secrets |= {f"{kind} secret": secret for kind, secret in CONFIGURED.items()}
    stored = b"".join(path.read_bytes() for path in folder.glob("kratos.sqlite*"))
    return server.log.read_text(), stored, secrets


def test_t31_of_seventeen_kinds_of_secrets_none_is_in_the_log(played: tuple[str, bytes, dict[str, str]]) -> None:
    log, _, secrets = played
    assert len(secrets) >= 17, sorted(secrets)
    assert all(len(secret) >= 6 for secret in secrets.values()), secrets
    assert [name for name, secret in secrets.items() if secret in log] == []
    assert all(isinstance(json.loads(line), dict) for line in log.splitlines())


def test_t33_what_opens_accounts_is_not_in_the_database(played: tuple[str, bytes, dict[str, str]]) -> None:
    _, stored, secrets = played
    # A message holds its code until it has been sent, and a form the token of the browser that may submit it.
    waiting = {"mailed code", "link's token", "csrf"}
    found = [name for name, secret in secrets.items() if secret.encode() in stored]
    assert set(found) <= waiting | {name for name in secrets if name.endswith("form's token")}
    assert b"otpauth" not in stored

"""What tests of second factors and keys need: a server that has them all on, and people who use them."""

import base64
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pyotp

from live_server import merged
from server_kit import PUBLIC, Server, client, serving
from software_keys import ORIGIN, SITE, SoftwareKey

PASSWORD = "wind-9-Mill-Sail"
JSON = {"accept": "application/json"}
_SCHEMA = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {
        "traits": {
            "type": "object",
            "properties": {
                "email": {
                    "type": "string",
                    "format": "email",
                    "title": "E-mail",
                    "ory.sh/kratos": {
                        "credentials": {
                            "password": {"identifier": True},
                            "webauthn": {"identifier": True},
                            "passkey": {"display_name": True},
                            "totp": {"account_name": True},
                            "code": {"identifier": True, "via": "email"},
                        },
                        "verification": {"via": "email"},
                        "recovery": {"via": "email"},
                    },
                }
            },
            "required": ["email"],
            "additionalProperties": False,
        }
    },
}
_RP = {"rp": {"id": SITE, "display_name": "Site", "origins": [ORIGIN, "https://www.app.test"]}}
OVERRIDES: dict[str, Any] = {
    "identity": {
        "schemas": [{"id": "default", "url": "base64://" + base64.b64encode(json.dumps(_SCHEMA).encode()).decode()}]
    },
    "ciphers": {"algorithm": "xchacha20-poly1305"},
    "session": {"whoami": {"required_aal": "highest_available"}},
    "selfservice": {
        "methods": {
            "totp": {"enabled": True, "config": {"issuer": "Site", "allow_code_reuse": False}},
            "lookup_secret": {"enabled": True},
            "webauthn": {"enabled": True, "config": _RP},
            "passkey": {"enabled": True, "config": _RP},
        },
        "flows": {
            "settings": {"required_aal": "highest_available"},
            "registration": {"after": {kind: {"hooks": [{"hook": "session"}]} for kind in ("webauthn", "passkey")}},
        },
    },
}


@dataclass
class Time:
    """A clock that stands still until it is moved."""

    moment: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))

    def __call__(self) -> datetime:
        # Each look is a little later: an order of events is an order of times.
        self.moment += timedelta(microseconds=1)
        return self.moment

    def move(self, **span: float) -> None:
        """Lets time pass."""
        self.moment += timedelta(**span)


@dataclass
class Stage:
    """A server and its clock."""

    server: Server
    time: Time

    def browser(self) -> "Browser":
        """Another browser, with cookies of its own."""
        return Browser(client(self.server.public._transport.app, PUBLIC))  # type: ignore[attr-defined]

    async def person(self, email: str) -> str:
        """A new account with a password; its id."""
        made = await self.server.create(email, credentials={"password": {"config": {"password": PASSWORD}}})
        return str(made["id"])

    async def credential(self, identity_id: str, kind: str) -> dict[str, Any]:
        """A credential's contents as operators see them."""
        answer = await self.server.admin.get(f"/admin/identities/{identity_id}?include_credential={kind}")
        return dict((answer.json()["credentials"].get(kind) or {}).get("config") or {})


@asynccontextmanager
async def stage(folder: Path, dsn: str = "", overrides: Mapping[str, Any] | None = None) -> AsyncIterator[Stage]:
    """A server with every second factor, each code good for once, on a clock of the test's own.

    Args:
        overrides: merged into ``OVERRIDES``; None takes a key away.
    """
    time = Time()
    async with serving(folder, dsn, _present(merged(OVERRIDES, dict(overrides or {}))), clock=time) as server:
        yield Stage(server, time)


def _present(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {key: _present(item) for key, item in value.items() if item is not None}


def bytes_in(folder: Path) -> bytes:
    """All that lies in the database's files."""
    return b"".join(file.read_bytes() for file in folder.glob("kratos.sqlite*"))


def app_code(secret: str, moment: datetime, steps: int = 0) -> str:
    """What an authenticator app shows."""
    return pyotp.TOTP(secret).at(moment + timedelta(seconds=30 * steps))


@dataclass
class Form:
    """A flow as a page has it."""

    kind: str
    flow: dict[str, Any]

    def node(self, name: str) -> dict[str, Any]:
        """The first node of a name or id."""
        return next(node for node in self.flow["ui"]["nodes"] if name in _names(node))

    def value(self, name: str) -> Any:
        """An input's value."""
        return self.node(name)["attributes"].get("value")

    @property
    def names(self) -> list[str]:
        """Names and ids of all nodes."""
        return [_names(node)[0] for node in self.flow["ui"]["nodes"] or ()]

    @property
    def messages(self) -> list[int]:
        """All that it says."""
        nodes = self.flow["ui"]["nodes"] or ()
        said = [*self.flow["ui"].get("messages", ()), *(each for node in nodes for each in node["messages"])]
        return [message["id"] for message in said]


def _names(node: dict[str, Any]) -> list[str]:
    return [node["attributes"][key] for key in ("name", "id") if key in node["attributes"]]


class Browser:
    """A browser whose pages speak JSON."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self.http = http

    async def start(self, kind: str, query: str = "") -> Form:
        """A new flow."""
        answer = await self.http.get(f"/self-service/{kind}/browser{query}", headers=JSON)
        assert answer.status_code == 200, answer.text
        return Form(kind, answer.json())

    async def look(self, form: Form) -> Form:
        """The flow as it stands."""
        answer = await self.http.get(f"/self-service/{form.kind}/flows?id={form.flow['id']}", headers=JSON)
        assert answer.status_code == 200, answer.text
        return Form(form.kind, answer.json())

    async def send(self, form: Form, *, flow_id: str = "", **fields: Any) -> httpx2.Response:
        """Submits a form."""
        body = {"csrf_token": form.value("csrf_token"), **fields}
        target = flow_id or form.flow["id"]
        return await self.http.post(f"/self-service/{form.kind}?flow={target}", json=body, headers=JSON)

    async def sign_in(self, email: str, query: str = "") -> httpx2.Response:
        """Signs in with the password."""
        form = await self.start("login", query)
        return await self.send(form, method="password", identifier=email, password=PASSWORD)

    async def whoami(self) -> httpx2.Response:
        """Who the browser is."""
        return await self.http.get("/sessions/whoami")

    async def set_up_app(self, moment: datetime) -> str:
        """Sets up an authenticator app; its secret."""
        form = await self.start("settings")
        secret = str(form.node("totp_secret_key")["attributes"]["text"]["context"]["secret"])
        answer = await self.send(form, method="totp", totp_code=app_code(secret, moment))
        assert answer.status_code == 200, answer.text
        return secret

    async def make_backup_codes(self) -> list[str]:
        """Makes and confirms backup codes."""
        form = await self.start("settings")
        made = Form("settings", (await self.send(form, lookup_secret_regenerate=True)).json())
        listed = made.node("lookup_secret_codes")["attributes"]["text"]["context"]["secrets"]
        answer = await self.send(made, lookup_secret_confirm=True)
        assert answer.status_code == 200, answer.text
        return [each["context"]["secret"] for each in listed]

    async def add_key(self, key: SoftwareKey, name: str = "Stick") -> None:
        """Adds a security key."""
        form = await self.start("settings")
        made = json.dumps(key.create(form.value("webauthn_register_trigger")))
        answer = await self.send(form, webauthn_register=made, webauthn_register_displayname=name)
        assert answer.status_code == 200, answer.text

    async def register_passkey(self, key: SoftwareKey, email: str) -> str:
        """Signs up with a passkey; the identity's id."""
        form = await self.start("registration")
        made = json.dumps(key.create(form.value("passkey_create_data")))
        answer = await self.send(form, traits={"email": email}, passkey_register=made)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["identity"]["id"])

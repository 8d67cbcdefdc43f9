"""A person who uses the running server over HTTP: signs in, looks, is turned away."""

import base64
import hashlib
import hmac
import json
import struct
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

Answer = tuple[int, Any]


@dataclass(frozen=True)
class Visitor:
    """A client of one server's public and admin API."""

    public: str
    admin: str

    def ask(self, method: str, url: str, body: object = None, token: str = "") -> Answer:
        """One request; returns the status and the JSON that came."""
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        if token:
            headers["X-Session-Token"] = token
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, headers, method=method)  # noqa: S310 - our own addresses
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                return answer.status, _json(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code, _json(error.read())

    def log_in(self, identifier: str, password: str) -> str | None:
        """Signs in by the native flow; the session's token, or None when the password is refused."""
        _, flow = self.ask("GET", f"{self.public}/self-service/login/api")
        values = {"method": "password", "identifier": identifier, "password": password}
        status, answer = self.ask("POST", self._action("login", flow), values)
        return answer["session_token"] if status == 200 else None

    def _action(self, kind: str, flow: Any) -> str:
        # The flow's own action has the server's public address, which here need not be the one we reach it at.
        return f"{self.public}/self-service/{kind}?flow={flow['id']}"

    def whoami(self, token: str) -> Answer:
        return self.ask("GET", f"{self.public}/sessions/whoami", token=token)

    def identity(self, identifier: str) -> Answer:
        return self.ask("GET", f"{self.admin}/admin/identities/{identifier}")

    def is_let_in(self, seconds: float = 20) -> bool:
        """Whether the admin API asks for no key, or ceases to within some seconds."""
        end = time.monotonic() + seconds
        while (status := self.ask("GET", f"{self.admin}/admin/identities")[0]) != 200 and time.monotonic() < end:
            time.sleep(0.1)
        return status == 200

    def create(self, schema: str, traits: dict[str, object], password: str) -> Answer:
        """What the Admin UI does for a new user."""
        credentials = {"password": {"config": {"password": password}}}
        body = {"schema_id": schema, "traits": traits, "credentials": credentials}
        return self.ask("POST", f"{self.admin}/admin/identities", body)

    def schemas(self) -> list[str]:
        return [schema["id"] for schema in self.ask("GET", f"{self.public}/schemas")[1]]

    def enrol_totp(self, token: str) -> bool:
        """Sets up a one-time password as an authenticator app would; False when the server offers none."""
        _, flow = self.ask("GET", f"{self.public}/self-service/settings/api", token=token)
        nodes = {node["attributes"].get("id"): node["attributes"] for node in flow["ui"]["nodes"]}
        if "totp_secret_key" not in nodes:
            return False
        secret = nodes["totp_secret_key"]["text"]["context"]["secret"]
        values = {"method": "totp", "totp_code": one_time_password(secret, time.time())}
        status, _ = self.ask("POST", self._action("settings", flow), values, token=token)
        return status == 200


def _json(data: bytes) -> Any:
    try:
        return json.loads(data) if data else None
    except ValueError:
        return {"text": data.decode(errors="replace")}


def one_time_password(secret: str, moment: float) -> str:
    """The six digits of RFC 6238, with SHA-1 and thirty seconds."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(moment) // 30), hashlib.sha1)
    offset = digest[-1] & 15
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"

"""The part of the admin API that the charm calls, over real HTTP, with identities in a dictionary."""

import json
import re
import threading
import uuid
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Answer = tuple[int, Any]


class AdminStub:
    """A server on a free port of the loopback interface.

    Attributes:
        identities: by id; ``credentials`` holds what a PUT or POST brought.
        sessions: how many sessions an identity has, by id.
        calls: method and path of each call so far.
        bodies: the bodies that came with them.
        refusals: answers to give instead, by "METHOD path" as a regular expression.
    """

    def __init__(self) -> None:
        self.identities: dict[str, dict[str, Any]] = {}
        self.sessions: dict[str, int] = {}
        self.calls: list[str] = []
        self.bodies: list[Any] = []
        self.headers: list[Mapping[str, str]] = []
        self.refusals: dict[str, Answer] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "AdminStub":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def add(self, **fields: Any) -> str:
        """Store an identity; ``email`` becomes its identifier."""
        identity_id = str(uuid.uuid4())
        email = fields.pop("email", "person@shop.test")
        self.identities[identity_id] = {
            "id": identity_id,
            "schema_id": "social_user_v0",
            "state": "active",
            "traits": {"email": email},
            "metadata_public": None,
            "metadata_admin": None,
            **fields,
        }
        return identity_id

    def refuse(self, call: str, status: int, reason: str = "") -> None:
        """Answer calls that match with an error."""
        self.refusals[call] = (status, {"error": {"code": status, "message": "refused", "reason": reason}})

    def answer(self, method: str, target: str, body: Any) -> Answer:
        parts = urlsplit(target)
        call = f"{method} {parts.path.removeprefix('/admin')}"
        self.calls.append(call)
        self.bodies.append(body)
        for pattern, refusal in self.refusals.items():
            if re.fullmatch(pattern, call):
                return refusal
        return self._route(call, parse_qs(parts.query), body)

    def _route(self, call: str, query: Mapping[str, list[str]], body: Any) -> Answer:
        if call == "GET /identities":
            wanted = query["credentials_identifier"][0]
            return 200, [one for one in self.identities.values() if wanted in one["traits"].values()]
        if call == "POST /identities":
            return 201, self.identities[self.add(**body)]
        if call == "POST /recovery/code":
            return 201, {
                "recovery_link": "http://kratos/recovery?flow=1",
                "recovery_code": "123456",
                "expires_at": "soon",
            }
        found = re.fullmatch(r"(\w+) /identities/([^/]+)(/.*)?", call)
        if not found or found[2] not in self.identities:
            return 404, {"error": {"code": 404, "message": "Unable to locate the resource"}}
        return self._of_one(found[1], found[2], found[3] or "", query, body)

    def _of_one(self, method: str, identity_id: str, rest: str, query: Mapping[str, list[str]], body: Any) -> Answer:
        identity = self.identities[identity_id]
        missing = 404, {"error": {"code": 404, "message": "Unable to locate the resource"}}
        if rest == "/sessions":
            return (204, None) if self.sessions.pop(identity_id, 0) else missing
        if rest.startswith("/credentials/"):
            kinds = identity.get("credentials", {})
            return (204, None) if kinds.pop(rest.rpartition("/")[2], None) is not None else missing
        if method == "DELETE":
            return 204, self.identities.pop(identity_id) and None
        if method == "PUT":
            cleared = {"metadata_public": None, "metadata_admin": None, "external_id": None}
            self.identities[identity_id] = {**identity, **cleared, **body}
        return 200, self.identities[identity_id]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def _serve(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                body = json.loads(self.rfile.read(length)) if length else None
                stub.headers.append(dict(self.headers))
                status, said = stub.answer(self.command, self.path, body)
                text = b"" if said is None else said.encode() if isinstance(said, str) else json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _serve  # noqa: N815 - names of the standard library

            def log_message(self, format: str, *args: object) -> None:
                """Nothing: the test says what it saw."""

        return Handler

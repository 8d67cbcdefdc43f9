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
        messages: what the courier has.
        entries: the audit trail; None while none is kept.
        queries: of the calls for the audit trail.
        link: the Link header of the next answer.
        refusals: answers to give instead, by "METHOD path" as a regular expression.
    """

    def __init__(self) -> None:
        self.identities: dict[str, dict[str, Any]] = {}
        self.sessions: dict[str, int] = {}
        self.calls: list[str] = []
        self.bodies: list[Any] = []
        self.headers: list[Mapping[str, str]] = []
        self.refusals: dict[str, Answer] = {}
        self.messages: list[dict[str, Any]] = []
        self.entries: list[dict[str, Any]] | None = None
        self.queries: list[dict[str, str]] = []
        self.link = ""
        self.path = ""
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
        self.link, self.path = "", parts.path.removeprefix("/admin")
        call = f"{method} {self.path}"
        self.calls.append(call)
        self.bodies.append(body)
        for pattern, refusal in self.refusals.items():
            if re.fullmatch(pattern, call):
                return refusal
        return self._route(call, parse_qs(parts.query), body)

    def _route(self, call: str, query: Mapping[str, list[str]], body: Any) -> Answer:
        if call == "GET /identities":
            return 200, self._page(self._found(query), query)
        if call == "GET /courier/messages":
            wanted = {key: query[key][0] for key in ("status", "recipient") if key in query}
            return 200, self._page([one for one in self.messages if wanted.items() <= one.items()], query)
        if call == "GET /audit" and self.entries is not None:
            wanted = {key: query[key][0] for key in ("identity_id", "event", "actor", "result") if key in query}
            self.queries.append({key: values[0] for key, values in query.items()})
            return 200, self._page([one for one in self.entries if wanted.items() <= one.items()], query)
        if call == "POST /identities":
            return self._create(body)
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

    def _found(self, query: Mapping[str, list[str]]) -> list[Any]:
        known = sorted(self.identities.values(), key=lambda one: one["id"])
        if "credentials_identifier" in query:
            return [one for one in known if query["credentials_identifier"][0] in one["traits"].values()]
        prefix = query.get("preview_credentials_identifier_similar", [""])[0]
        return [one for one in known if one["traits"].get("email", "").startswith(prefix)]

    def _create(self, body: Any) -> Answer:
        emails = [one["traits"].get("email") for one in self.identities.values()]
        if body["traits"]["email"] in emails:
            return 409, {"error": {"code": 409, "message": "exists", "reason": "This account exists already."}}
        return 201, self.identities[self.add(**body)]

    def _page(self, members: list[Any], query: Mapping[str, list[str]]) -> list[Any]:
        """A page; the token is the number of the next member, and goes into the header of the answer."""
        start, size = int(query.get("page_token", ["0"])[0]), int(query.get("page_size", ["250"])[0])
        following = f"page_size={size}&page_token={start + size}"
        self.link = (
            f'<http://else.where/admin{self.path}?{following}>; rel="next"' if start + size < len(members) else ""
        )
        return members[start : start + size]

    def _of_one(self, method: str, identity_id: str, rest: str, query: Mapping[str, list[str]], body: Any) -> Answer:
        identity = self.identities[identity_id]
        missing = 404, {"error": {"code": 404, "message": "Unable to locate the resource"}}
        if rest == "/sessions" and method == "GET":
            one = {
                "active": True,
                "authenticated_at": "now",
                "devices": [{"ip_address": "10.0.0.1", "user_agent": "curl"}],
            }
            return 200, [{"id": str(uuid.UUID(int=n)), **one} for n in range(self.sessions.get(identity_id, 0))]
        if rest == "/sessions":
            return (204, None) if self.sessions.pop(identity_id, 0) else missing
        if rest.startswith("/credentials/"):
            kinds = identity.get("credentials", {})
            return (204, None) if kinds.pop(rest.rpartition("/")[2], None) is not None else missing
        if method == "DELETE":
            return 204, self.identities.pop(identity_id) and None
        if method == "PATCH":
            for operation in body:
                identity[operation["path"].strip("/")] = operation["value"]
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
                if stub.link:
                    self.send_header("Link", stub.link)
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _serve  # noqa: N815 - names of the standard library

            def log_message(self, format: str, *args: object) -> None:
                """Nothing: the test says what it saw."""

        return Handler

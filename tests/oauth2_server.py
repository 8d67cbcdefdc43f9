"""The part of Hydra's admin API that login pages talk to, on loopback."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Json = dict[str, Any]


@dataclass
class OAuth2Server:
    """What it knows and heard.

    Attributes:
        requests: login requests by their challenges.
        accepted: what it was told about each, in order.
        refusal: the answer to accepting, instead of the usual one.
    """

    url: str = ""
    requests: dict[str, Json] = field(default_factory=dict)
    accepted: list[tuple[str, Json]] = field(default_factory=list)
    headers: list[Json] = field(default_factory=list)
    refusal: tuple[int, bytes] | None = None

    def wants(self, challenge: str, **more: Any) -> Json:
        """Makes a login request known."""
        asked = {
            "challenge": challenge,
            "skip": False,
            "subject": "",
            "client": {"client_id": "shop", "client_secret": "not-for-browsers"},
            "request_url": f"https://oauth.test/oauth2/auth?client_id=shop&state={challenge}",
            **more,
        }
        self.requests[challenge] = asked
        return asked

    def answer(self, method: str, path: str, challenge: str, body: bytes) -> tuple[int, bytes]:
        """Hydra's answer."""
        if path == "/admin/oauth2/auth/requests/login" and method == "GET":
            known = self.requests.get(challenge)
            return (200, json.dumps(known).encode()) if known else (404, b'{"error":"not_found"}')
        if path == "/admin/oauth2/auth/requests/login/accept" and method == "PUT":
            self.accepted.append((challenge, json.loads(body)))
            onward = {"redirect_to": f"https://oauth.test/oauth2/auth?login_verifier={challenge}"}
            return self.refusal or (200, json.dumps(onward).encode())
        return 404, b""


@contextmanager
def running() -> Iterator[OAuth2Server]:
    """A server that answers until the block ends."""
    hydra = OAuth2Server()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def serve(self) -> None:
            url = urlsplit(self.path)
            challenge = parse_qs(url.query).get("login_challenge", [""])[0]
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            hydra.headers.append(dict(self.headers.items()))
            status, raw = hydra.answer(self.command, url.path, challenge, body)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def do_GET(self) -> None:
            self.serve()

        def do_PUT(self) -> None:
            self.serve()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hydra.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield hydra
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

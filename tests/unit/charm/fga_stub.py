"""The part of OpenFGA's API that the charm calls, over real HTTP, with its refusals."""

import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "fga-token"


class FgaStub:
    """A store on a free port of the loopback interface.

    Attributes:
        tuples: what it holds, each as (user, relation, object).
        model: whether the store has a model.
        refusal: an answer to give instead of any other.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.tuples: set[tuple[str, str, str]] = set()
        self.model = True
        self.refusal: tuple[int, Any] | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._scheme = "https" if tls else "http"
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "FgaStub":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def administrators(self) -> set[str]:
        return {user for user, relation, of in self.tuples if (relation, of) == ("admin", "privileged:superuser")}

    def answer(self, path: str, authorization: str, body: Any) -> tuple[int, Any]:
        if self.refusal:
            return self.refusal
        if authorization != f"Bearer {TOKEN}":
            return 401, {"code": "unauthenticated", "message": "unauthenticated"}
        if path == "/stores/store/read":
            found = _of(body["tuple_key"])
            return 200, {"tuples": [{"key": body["tuple_key"]}] if found in self.tuples else []}
        if path == "/stores/store/write":
            return self._write(body)
        return 404, {"code": "undefined_endpoint", "message": "Not Found"}

    def _write(self, body: Any) -> tuple[int, Any]:
        if not self.model:
            return 400, {"code": "latest_authorization_model_not_found", "message": "No authorization models found"}
        for key in body.get("writes", {}).get("tuple_keys", []):
            if _of(key) in self.tuples:
                return 400, {"code": "write_failed_due_to_invalid_input", "message": "a tuple which already exists"}
            self.tuples.add(_of(key))
        for key in body.get("deletes", {}).get("tuple_keys", []):
            if _of(key) not in self.tuples:
                return 400, {"code": "write_failed_due_to_invalid_input", "message": "a tuple which does not exist"}
            self.tuples.remove(_of(key))
        return 200, {}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, said = stub.answer(self.path, self.headers.get("Authorization", ""), body)
                text = said.encode() if isinstance(said, str) else json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, format: str, *args: object) -> None:
                """Nothing: the test says what it saw."""

        return Handler


def _of(key: dict[str, str]) -> tuple[str, str, str]:
    return key["user"], key["relation"], key["object"]

import io
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from identity_server.cli.main import main

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Calls the command line as ``kratos ARGS…`` would."""
    for name in ("DSN", "KRATOS_ADMIN_URL", "KRATOS_ADMIN_KEY", "KRATOS_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)

    def call(*args: object, stdin: str = "", env: dict[str, str] | None = None) -> Ran:
        for name, value in (env or {}).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        capsys.readouterr()
        status = main([str(arg) for arg in args])
        said = capsys.readouterr()
        return Ran(status, said.out, said.err)

    return call


@dataclass
class Server:
    """A stand-in for the admin API: fixed answers, and a memory of requests.

    Attributes:
        answers: status, body and headers by ``METHOD /path``.
        requests: method, path with query, body and headers.
    """

    url: str
    answers: dict[str, tuple[int, Any, dict[str, str]]] = field(default_factory=dict)
    requests: list[tuple[str, str, Any, dict[str, str]]] = field(default_factory=list)

    def answer(self, request: str, body: Any = None, status: int = 200, **headers: str) -> None:
        self.answers[request] = (status, body, headers)


@pytest.fixture
def server() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(size)) if size else None
            found.requests.append((self.command, self.path, body, dict(self.headers)))
            missing = (404, {"error": {"code": 404, "message": "There is nothing here."}}, {})
            status, answer, headers = found.answers.get(f"{self.command} {self.path.partition('?')[0]}", missing)
            data = b"" if answer is None else answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(data)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        do_POST = do_PATCH = do_DELETE = do_GET  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Server(f"http://127.0.0.1:{http.server_port}")
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield found
    http.shutdown()
    thread.join()
    http.server_close()

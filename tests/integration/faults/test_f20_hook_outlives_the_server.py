"""F20: nobody listens, the server is killed and started again, somebody listens: the call arrives, under its id."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from integration.faults.people import eventually
from live_server import create_identity, free_port, live_server, native_login


def after_login(port: int) -> dict[str, Any]:
    body = "base64://ZnVuY3Rpb24oY3R4KSB7IHdobzogY3R4LmlkZW50aXR5LnRyYWl0cy5lbWFpbCB9"
    config = {
        "url": f"http://127.0.0.1:{port}/",
        "method": "POST",
        "body": body,
        "response": {"ignore": True},
    }
    hooks = [{"hook": "web_hook", "config": config}]
    return {
        "log": {"level": "debug"},
        "selfservice": {"flows": {"login": {"after": {"password": {"hooks": hooks}}}}},
    }


@contextmanager
def listening(port: int, asked: list[tuple[str, bytes]]) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            asked.append((self.headers["Ory-Webhook-Request-ID"], content))
            self.send_response(204)
            self.end_headers()

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_f20_a_call_outlives_the_server(tmp_path: Path, dsn: str) -> None:
    port, asked = free_port(), list[tuple[str, bytes]]()
    with live_server(tmp_path, dsn, after_login(port)) as server:
        create_identity(server, "ada@example.com")
        assert native_login(server, "ada@example.com").status_code == 200
        eventually(lambda: "web hook gave no answer" in server.log.read_text())
        time.sleep(1)  # the next attempt is noted
        server.kill()
        with listening(port, asked):
            server.start_again()
            eventually(lambda: bool(asked))
            assert server.stop() == 0
    assert len({call_id for call_id, _ in asked}) == 1
    assert {content for _, content in asked} == {b'{"who":"ada@example.com"}'}

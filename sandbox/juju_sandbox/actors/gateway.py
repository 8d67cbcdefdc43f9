"""A small reverse proxy that reads the routers of Traefik's dynamic configuration."""

import http.client
import http.server
import re
import socketserver
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

MOST_BYTES = 4 << 20
#: How soon a server notices that it shall end.
POLL_SECONDS = 0.05
#: Headers of one connection, not of the message (RFC 9110, 7.6.1).
HOP_BY_HOP = {
    "connection",
    "keep-alive",
    "transfer-encoding",
    "te",  # codespell:ignore te
    "trailer",
    "upgrade",
    "proxy-connection",
}
_CLAUSE = re.compile(r"(Host|PathPrefix|Path)\(`([^`]*)`\)")


@dataclass(frozen=True)
class Rule:
    """One router: what it matches, and where it leads."""

    host: str
    path: str
    prefix: bool
    server: str
    replace: str = ""
    strip: str = ""

    def matches(self, host: str, path: str) -> bool:
        fits = path.startswith(self.path) if self.prefix else path == self.path
        return fits and self.host in ("", host)

    def target(self, path: str) -> str:
        """The path that the server is asked for."""
        if self.replace:
            return self.replace
        return path.removeprefix(self.strip) or "/" if self.strip else path


def rules(configuration: Mapping[str, Any]) -> list[Rule]:
    """The routers of the entry point `web`, the longest path first, as Traefik orders them."""
    http_part = configuration.get("http") or {}
    found: list[Rule] = []
    for router in (http_part.get("routers") or {}).values():
        if "web" not in (router.get("entryPoints") or ["web"]):
            continue
        server = http_part["services"][router["service"]]["loadBalancer"]["servers"][0]["url"]
        middlewares = [(http_part.get("middlewares") or {}).get(name, {}) for name in router.get("middlewares") or []]
        replace = next((each["replacePath"]["path"] for each in middlewares if "replacePath" in each), "")
        clauses = dict(_CLAUSE.findall(router["rule"]))
        path = clauses.get("PathPrefix", clauses.get("Path", "/"))
        found.append(Rule(clauses.get("Host", ""), path, "Path" not in clauses, server, replace))
    return sorted(found, key=lambda rule: -len(rule.path))


class _Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    rules: list[Rule]
    resolve: Callable[[str], tuple[str, int]]


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server  # pyright: ignore[reportIncompatibleVariableOverride]

    def _pass_on(self) -> None:
        path, question, query = self.path.partition("?")
        host = (self.headers.get("Host") or "").partition(":")[0]
        rule = next((each for each in self.server.rules if each.matches(host, path)), None)
        if rule is None:
            self.send_error(404)
            return
        length = int(self.headers.get("Content-Length") or 0)
        if length > MOST_BYTES:
            self.send_error(413)
            return
        body = self.rfile.read(length)
        try:
            self._exchange(rule, rule.target(path) + question + query, body)
        except OSError:
            self.send_error(502)

    def _exchange(self, rule: Rule, target: str, body: bytes) -> None:
        connection = http.client.HTTPConnection(*self.server.resolve(rule.server), timeout=60)
        headers = {key: value for key, value in self.headers.items() if key.lower() not in HOP_BY_HOP}
        headers |= {"X-Forwarded-Proto": "http", "X-Forwarded-Host": self.headers.get("Host") or ""}
        headers["X-Forwarded-For"] = self.client_address[0]
        try:
            connection.request(self.command, target, body, headers)
            answer = connection.getresponse()
            data = answer.read()
        finally:
            connection.close()
        self.send_response(answer.status)
        for key, value in answer.getheaders():
            if key.lower() not in HOP_BY_HOP | {"content-length", "server", "date"}:
                self.send_header(key, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _pass_on  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        """A gateway of tests prints nothing."""


class Gateway:
    """Listens on an address of the machine and passes requests on by its rules."""

    def __init__(self, host: str, port: int, resolve: Callable[[str], tuple[str, int]]) -> None:
        self._server = _Server((host, port), _Handler)
        self._server.rules, self._server.resolve = [], resolve
        threading.Thread(target=self._server.serve_forever, args=(POLL_SECONDS,), name="gateway", daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def route(self, found: list[Rule]) -> None:
        self._server.rules = found

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

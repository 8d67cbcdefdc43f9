"""The part of the Kubernetes API that the charm calls, over real HTTP."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, BinaryIO

from lightkube import Client, KubeConfig
from lightkube.config.models import Cluster, User

MAPS = "/api/v1/namespaces/shop/configmaps"
SETS = "/apis/apps/v1/namespaces/shop/statefulsets"


def client_for(url: str) -> Client:
    """A client as a unit has it, for an API server of ours."""
    config = KubeConfig.from_one(cluster=Cluster(server=url), user=User(token="t"), namespace="shop")
    return Client(config, field_manager="kratos-charm", trust_env=False)


class ClusterStub:
    """An API server on a free port of the loopback interface.

    Attributes:
        maps: ConfigMaps by name.
        resources: of the workload container.
        managers: who applied something.
        calls: method and path of each call.
        refusal: a status to answer every call with.
        conflict: whether somebody else always writes a map first.
        watchers: with what the charm would have started a process to watch the maps.
        watched: what a watch tells before the cluster ends it for good: a kind of change, and the name of a map.
    """

    def __init__(self) -> None:
        self.maps: dict[str, dict[str, Any]] = {}
        self.resources: dict[str, Any] = {}
        self.managers: list[str] = []
        self.calls: list[str] = []
        self.refusal = 0
        self.conflict = False
        self.watched: list[Any] = []
        self.watchers: list[Any] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "ClusterStub":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def data(self, name: str) -> dict[str, str]:
        return dict(self.maps[name]["data"])

    def put(self, name: str, data: dict[str, str], application: str = "kratos") -> None:
        metadata = {"name": name, "namespace": "shop", "labels": {"juju-app-name": application}}
        self.maps[name] = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        self.calls.append(f"{method} {path}")
        if self.refusal:
            return self.refusal, _status(self.refusal, "the cluster says no")
        if path.startswith(SETS):
            return self._set(method, body)
        name = path.removeprefix(MAPS).strip("/")
        if method == "POST":
            self.maps[body["metadata"]["name"]] = body
            return 201, body
        if method == "PUT" and self.conflict:
            return 409, _status(409, "it was changed meanwhile")
        if method == "PUT":
            self.maps[name] = body
        return (200, self.maps[name]) if name in self.maps else (404, _status(404, "not found"))

    def tell(self, file: BinaryIO) -> None:
        """A watch: one line of JSON for each change; an entry that can be called makes the next one."""
        if not self.watched:
            file.write(b"HTTP/1.1 500 Over\r\nContent-Length: 0\r\n\r\n")
            return
        file.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n")
        while self.watched:
            entry = self.watched.pop(0)
            if callable(entry):
                entry()
                continue
            kind, name = entry
            file.write(json.dumps({"type": kind, "object": self.maps[name]}).encode() + b"\n")
            file.flush()

    def _set(self, method: str, body: Any) -> tuple[int, Any]:
        if method == "PATCH":
            self.resources = body["spec"]["template"]["spec"]["containers"][0]["resources"]
            self.managers.append("kratos-charm")
        container = {"name": "kratos", "image": "x", "resources": self.resources}
        return 200, {
            "apiVersion": "apps/v1",
            "kind": "StatefulSet",
            "metadata": {
                "name": "kratos",
                "namespace": "shop",
                "uid": "uid-1",
                "managedFields": [{"manager": name} for name in self.managers],
            },
            "spec": {
                "selector": {},
                "serviceName": "x",
                "template": {"spec": {"containers": [{"name": "charm", "image": "x"}, container]}},
            },
        }

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def _serve(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                body = json.loads(self.rfile.read(length)) if length else None
                if "watch=" in self.path:
                    stub.tell(self.wfile)
                    self.close_connection = True
                    return
                status, said = stub.answer(self.command, self.path.partition("?")[0], body)
                text = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PATCH = do_PUT = _serve  # noqa: N815 - names of the standard library

            def log_message(self, format: str, *args: object) -> None:
                """Nothing: the test says what it saw."""

        return Handler


def _status(code: int, message: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Status", "status": "Failure", "code": code, "message": message}

"""openfga-k8s: the real OpenFGA server with its store in memory of one run, and the provider's side of `openfga`."""

import http.client
import json
import secrets
import threading
from collections.abc import Mapping
from typing import Any, ClassVar

from juju_sandbox.actors.actor import Actor, provides, requires
from juju_sandbox.actors.openfga_model import ADMIN_UI_STORE, authorization_model
from juju_sandbox.failures import SandboxError
from juju_sandbox.network import free_port
from juju_sandbox.store import Row
from juju_sandbox.tools import cancel_builds, ensure_openfga, openfga_is_built


class OpenFga(Actor):
    charm: ClassVar[str] = "openfga-k8s"
    summary: ClassVar[str] = "the real OpenFGA server, built when it is first asked for"
    endpoints = provides(("openfga", "openfga")) | requires(("database", "postgresql_client"), ("ingress", "ingress"))
    actions: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "check": {
            "description": "Asks whether a user has a relation to an object.",
            "params": {"user": {"type": "string"}, "relation": {"type": "string"}, "object": {"type": "string"}},
            "required": ["user", "relation", "object"],
        },
        "write-model": {"description": "Writes the Admin UI's model into its store, as the Admin UI does."},
    }
    _building: threading.Thread | None = None
    _problem = ""

    def settle(self) -> tuple[str, str]:
        if self._problem:
            return "error", self._problem
        if not openfga_is_built():
            self._build()
            return "maintenance", "building OpenFGA from source (once; it takes some minutes)"
        self._start()
        self.drop_secrets_of_gone_relations()
        return super().settle()

    def _build(self) -> None:
        if self._building is None:
            self._building = threading.Thread(target=self._build_now, name="openfga", daemon=True)
            self._building.start()

    def _build_now(self) -> None:
        try:
            ensure_openfga(print)
        except SandboxError as error:
            self._problem = str(error)

    def _start(self) -> None:
        if self.world.services.running(self.name):
            return
        token = self.fact("token") or secrets.token_urlsafe(24)
        ports = {"http": free_port(), "grpc": free_port()}
        self.set_fact("token", token)
        self.set_fact("http", str(ports["http"]))
        self.set_fact("grpc", str(ports["grpc"]))
        self._forget_stores()
        environment = {
            "OPENFGA_AUTHN_METHOD": "preshared",
            "OPENFGA_AUTHN_PRESHARED_KEYS": token,
            "OPENFGA_DATASTORE_ENGINE": "memory",
            "OPENFGA_HTTP_ADDR": f"127.0.0.1:{ports['http']}",
            "OPENFGA_GRPC_ADDR": f"127.0.0.1:{ports['grpc']}",
            "OPENFGA_PLAYGROUND_ENABLED": "false",
            "OPENFGA_METRICS_ENABLED": "false",
        }
        program = str(ensure_openfga(print))
        self.world.services.start(self.name, [program, "run"], ready=self._healthy, environment=environment)
        self.world.ports[self.name] = set(ports.values())

    def _forget_stores(self) -> None:
        """A server that starts has none."""
        self.store.run("DELETE FROM fact WHERE key LIKE ?", f"{self.name}.store.%")

    def _healthy(self) -> bool:
        try:
            return self._call("GET", "/healthz")[0] == 200
        except SandboxError:
            return False

    def settle_relation(self, row: Row) -> None:
        name = self.remote_bag(row).get("store_name")
        if not name:
            return
        self.write(
            row,
            {
                "http_api_url": f"http://127.0.0.1:{self.fact('http')}",
                "grpc_api_url": f"127.0.0.1:{self.fact('grpc')}",
                "store_id": self._store_of(name),
                "token_secret_id": self.secret(row, "token", {"token": self.fact("token")}),
            },
        )
        if name == ADMIN_UI_STORE and self._asked_by_admin_ui(row):
            self.write_model()

    def _store_of(self, name: str) -> str:
        """The store of that name, made when there is none: who asks for the same name shares it."""
        known = self.fact(f"store.{name}")
        if not known:
            status, made = self._call("POST", "/stores", {"name": name})
            if status != 201:
                raise SandboxError(f"OpenFGA made no store: {made}")
            known = made["id"]
            self.set_fact(f"store.{name}", known)
        return known

    def _asked_by_admin_ui(self, row: Row) -> bool:
        charm = self.store.value("SELECT charm FROM application WHERE name = ?", self.remote(row))
        return charm == "identity-platform-admin-ui"

    def write_model(self) -> None:
        """Gives the Admin UI's store its model, once."""
        store = self._store_of(ADMIN_UI_STORE)
        _, found = self._call("GET", f"/stores/{store}/authorization-models")
        if not found.get("authorization_models"):
            status, made = self._call("POST", f"/stores/{store}/authorization-models", authorization_model())
            if status != 201:
                raise SandboxError(f"OpenFGA refused the model: {made}")

    def perform(self, action: str, parameters: Mapping[str, Any]) -> dict[str, str]:
        if not self.world.services.running(self.name):
            raise SandboxError("OpenFGA does not run yet")
        if action == "write-model":
            self.write_model()
            return {"store": self._store_of(ADMIN_UI_STORE)}
        body = {"tuple_key": {key: parameters[key] for key in ("user", "relation", "object")}}
        status, answer = self._call("POST", f"/stores/{self._store_of(ADMIN_UI_STORE)}/check", body)
        if status != 200:
            raise SandboxError(f"OpenFGA answered {status}: {answer.get('message', '')}")
        return {"allowed": str(answer.get("allowed", False)).lower()}

    def _call(self, method: str, path: str, body: object = None) -> tuple[int, dict[str, Any]]:
        connection = http.client.HTTPConnection("127.0.0.1", int(self.fact("http")), timeout=10)
        headers = {"Authorization": f"Bearer {self.fact('token')}", "Content-Type": "application/json"}
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"{}")
        except (OSError, ValueError) as error:
            raise SandboxError(f"OpenFGA does not answer: {error}") from None
        finally:
            connection.close()

    def stop(self) -> None:
        if self._building and self._building.is_alive():
            cancel_builds()
            self._building.join(timeout=10)
        self._building = None
        self.world.services.stop(self.name)
        self.world.ports.pop(self.name, None)

    def remove(self) -> None:
        self.stop()
        self.store.run("DELETE FROM fact WHERE key LIKE ?", f"{self.name}.%")

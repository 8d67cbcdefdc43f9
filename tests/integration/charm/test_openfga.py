"""Administrators of the Admin UI, in the real OpenFGA with the Admin UI's own types and relations."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import ops
import pytest
import requests
from ops import testing

from integration.charm.starting import free_port, wait_for
from juju_sandbox.actors.openfga_model import authorization_model
from juju_sandbox.tools import ensure_openfga, openfga_is_built
from unit.charm import states

pytestmark = pytest.mark.skipif(
    not openfga_is_built(), reason="OpenFGA is not built; sandbox/juju deploy openfga-k8s does"
)

TOKEN = "a-token-of-the-test"
SECRET = testing.Secret({"token": TOKEN}, id="secret:fga", owner=None)
ACCOUNT = {"username": "ann", "email": "ann@shop.test", "password": "a-long-password"}


@dataclass
class Fga:
    """The server, with one store."""

    url: str
    store: str = ""

    def call(self, path: str, body: Any) -> dict[str, Any]:
        answer = requests.post(f"{self.url}{path}", json=body, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=10)
        assert answer.ok, answer.text
        return dict(answer.json())

    def write_model(self) -> None:
        self.call(f"/stores/{self.store}/authorization-models", authorization_model())

    def allowed(self, email: str, relation: str = "admin", of: str = "privileged:superuser") -> bool:
        """As the Admin UI asks: everything belongs to the superusers."""
        mine = (
            []
            if of.startswith("privileged:")
            else [{"user": "privileged:superuser", "relation": "privileged", "object": of}]
        )
        key = {"user": f"user:{email}", "relation": relation, "object": of}
        body = {"tuple_key": key, "contextual_tuples": {"tuple_keys": mine}}
        return bool(self.call(f"/stores/{self.store}/check", body)["allowed"])


@pytest.fixture
def fga() -> Iterator[Fga]:
    port, grpc = free_port(), free_port()
    environment = {
        **os.environ,
        "OPENFGA_AUTHN_METHOD": "preshared",
        "OPENFGA_AUTHN_PRESHARED_KEYS": TOKEN,
        "OPENFGA_DATASTORE_ENGINE": "memory",
        "OPENFGA_HTTP_ADDR": f"127.0.0.1:{port}",
        "OPENFGA_GRPC_ADDR": f"127.0.0.1:{grpc}",
        "OPENFGA_PLAYGROUND_ENABLED": "false",
        "OPENFGA_METRICS_ENABLED": "false",
    }
    process = subprocess.Popen([ensure_openfga(print), "run"], env=environment, stdout=subprocess.DEVNULL)
    try:
        server = Fga(f"http://127.0.0.1:{port}")
        wait_for(f"{server.url}/healthz", process)
        server.store = server.call("/stores", {"name": "identity-platform-admin-ui-store"})["id"]
        yield server
    finally:
        process.terminate()
        process.wait(timeout=20)


def related(fga: Fga) -> dict[str, Any]:
    relation = states.openfga(http_api_url=fga.url, store_id=fga.store)
    return {"relations": [relation], "secrets": [SECRET]}


def test_an_administrator_may_do_everything_until_the_account_goes(serve: Any, fga: Fga) -> None:
    fga.write_model()
    server = serve(**related(fga))
    assert not fga.allowed("ann@shop.test")
    assert server.run("create-admin-account", **ACCOUNT)["administrator"] == "true"
    assert fga.allowed("ann@shop.test")
    assert fga.allowed("ann@shop.test", "can_delete", "identity:1")
    assert fga.allowed("ann@shop.test", "can_edit", "provider:google")
    assert not fga.allowed("bob@shop.test", "can_edit", "provider:google")

    assert server.run("create-admin-account", **ACCOUNT)["administrator"] == "false"
    assert fga.allowed("ann@shop.test")

    server.run("delete-identity", email="ann@shop.test")
    assert not fga.allowed("ann@shop.test")


def test_an_account_from_before_the_relation(serve: Any, fga: Fga) -> None:
    fga.write_model()
    server = serve()
    server.run("create-admin-account", **ACCOUNT)
    object.__setattr__(server, "state", states.create_state(**related(fga)))
    assert server.run("create-admin-account", **ACCOUNT)["administrator"] == "true"
    assert fga.allowed("ann@shop.test")


def test_a_store_without_a_model_is_told_and_tried_again(serve: Any, fga: Fga) -> None:
    server = serve(**related(fga))
    given = dict(ACCOUNT)
    with pytest.raises(testing.ActionFailed, match="no model yet") as failed:
        server.context.run(server.context.on.action("create-admin-account", params=given), server.state)
    assert failed.value.state
    fga.write_model()
    out = server.context.run(server.context.on.update_status(), failed.value.state)
    assert out.unit_status == ops.ActiveStatus()
    assert fga.allowed("ann@shop.test")

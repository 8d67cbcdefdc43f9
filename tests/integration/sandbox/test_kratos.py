"""The charm of this repository on the sandbox, with the bundled server."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import jubilant
import pytest

from integration.sandbox.waiting import settled, until, wait
from juju_sandbox.actors.postgresql import MISSING, find_programs
from juju_sandbox.places import REPOSITORY
from juju_sandbox.tools import openfga_is_built
from juju_sandbox.visitor import Visitor

PASSWORD = "a-long-enough-password"


@pytest.fixture(scope="module", autouse=True)
def deployed(real: jubilant.Juju) -> Iterator[None]:
    real.deploy(REPOSITORY, "kratos")
    wait(real, settled, error=lambda status: jubilant.any_error(status, "kratos"))
    yield


def visitor(juju: jubilant.Juju, unit: str = "kratos/0") -> Visitor:
    address = juju.status().apps["kratos"].units[unit].address
    return Visitor(f"http://{address}:4433", f"http://{address}:4434")


def message(juju: jubilant.Juju, unit: str) -> tuple[str, str]:
    found = juju.status().apps["kratos"].units[unit].workload_status
    return found.current, found.message


def peer(juju: jubilant.Juju, endpoint: str) -> dict[str, Any]:
    shown = json.loads(juju.cli("show-unit", "kratos/0", "--format", "json"))["kratos/0"]["relation-info"]
    return next((each for each in shown if each["endpoint"] == endpoint), {})


@pytest.fixture(scope="module")
def account(real: jubilant.Juju, deployed: None) -> str:
    """The id of the account a@example.com."""
    words = {"email": "a@example.com", "username": "a", "password": PASSWORD}
    return real.run("kratos/0", "create-admin-account", words).results["identity-id"]


def test_an_account_made_by_an_action_signs_in(real: jubilant.Juju, account: str) -> None:
    assert real.run("kratos/0", "get-identity", {"email": "a@example.com"}).results["id"] == account
    assert visitor(real).log_in("a@example.com", PASSWORD)


def test_an_account_outlives_the_container_and_the_sandbox(real: jubilant.Juju, account: str) -> None:
    real.cli("lab", "kill-container", "kratos/0")
    until(lambda: visitor(real).log_in("a@example.com", PASSWORD))
    real.cli("lab", "stop")
    real.cli("lab", "start")
    wait(real, settled)
    assert visitor(real).log_in("a@example.com", PASSWORD)


def test_a_second_unit_without_a_database_is_told_what_to_do(real: jubilant.Juju) -> None:
    real.add_unit("kratos")
    until(lambda: "kratos/1" in real.status().apps["kratos"].units and message(real, "kratos/1")[0] == "blocked")
    assert "pg-database" in message(real, "kratos/1")[1]
    real.remove_unit("kratos", num_units=1)
    wait(real, lambda status: settled(status) and len(status.apps["kratos"].units) == 1)


def test_mail_reaches_the_sink(real: jubilant.Juju, account: str) -> None:
    real.integrate("kratos", "smtp-integrator")
    wait(real, settled)
    person = visitor(real)
    _, flow = until(lambda: person.ask("GET", f"{person.public}/self-service/recovery/api"))
    values = {"method": "code", "email": "a@example.com"}
    assert person.ask("POST", f"{person.public}/self-service/recovery?flow={flow['id']}", values)[0] == 200

    def arrived() -> list[dict[str, Any]]:
        return json.loads(real.run("smtp-integrator/0", "show-messages").results["messages"])

    assert until(arrived)[0]["to"] == ["a@example.com"]
    real.remove_relation("kratos", "smtp-integrator")
    wait(real, settled)


def test_routes_and_ingress_lead_to_the_server(real: jubilant.Juju) -> None:
    real.integrate("kratos:public-route", "traefik-k8s:traefik-route")
    host = until(lambda: peer(real, "public-route").get("application-data", {}).get("external_host"))
    until(lambda: Visitor("", "").ask("GET", f"http://{host}/schemas")[0] == 200)
    real.integrate("kratos:ingress", "traefik-k8s")
    url = json.loads(until(lambda: peer(real, "ingress").get("application-data", {}).get("ingress")))["url"]
    until(lambda: Visitor("", "").ask("GET", f"{url}/health/alive")[0] == 200)
    real.remove_relation("kratos:public-route", "traefik-k8s")
    real.remove_relation("kratos:ingress", "traefik-k8s")
    wait(real, settled)


def test_observability_sees_the_server(real: jubilant.Juju) -> None:
    for other in ("prometheus-k8s", "loki-k8s", "grafana-k8s"):
        real.integrate("kratos", other)
    wait(real, settled)
    assert "series" in until(lambda: real.run("prometheus-k8s/0", "scrape").results)["kratos-0"]
    assert real.run("grafana-k8s/0", "list-dashboards").results
    visitor(real).schemas()
    until(lambda: int(real.run("loki-k8s/0", "query").results["count"]))
    for other in ("prometheus-k8s", "loki-k8s", "grafana-k8s"):
        real.remove_relation("kratos", other)
    wait(real, settled)


@pytest.mark.skipif(not openfga_is_built(), reason="OpenFGA is not built: sandbox/juju integrate kratos openfga-k8s")
def test_openfga_allows_the_admin_and_forgets_the_deleted_one(real: jubilant.Juju) -> None:
    real.integrate("kratos", "openfga-k8s")
    until(lambda: peer(real, "openfga").get("application-data", {}).get("store_id"))
    real.integrate("identity-platform-admin-ui", "openfga-k8s")
    wait(real, lambda status: status.apps["openfga-k8s"].is_active and settled_unit(status))
    real.run("kratos/0", "create-admin-account", {"email": "f@example.com", "username": "f", "password": PASSWORD})
    question = {"user": "user:f@example.com", "relation": "admin", "object": "privileged:superuser"}
    assert real.run("openfga-k8s/0", "check", question).results == {"allowed": "true"}
    real.run("kratos/0", "delete-identity", {"email": "f@example.com"})
    assert real.run("openfga-k8s/0", "check", question).results == {"allowed": "false"}
    real.remove_application("identity-platform-admin-ui", "openfga-k8s")
    wait(real, lambda status: settled(status) and "openfga-k8s" not in status.apps)


def settled_unit(status: jubilant.Status) -> bool:
    """The Admin UI lacks neighbours here, so not everything can be active."""
    unit = status.apps["kratos"].units["kratos/0"]
    return unit.is_active and unit.juju_status.current == "idle"


@pytest.mark.skipif(find_programs() is None, reason=MISSING)
def test_two_units_share_a_real_database(real: jubilant.Juju) -> None:
    real.integrate("kratos", "postgresql-k8s")
    real.add_unit("kratos")
    wait(real, lambda status: settled(status) and len(status.apps["kratos"].units) == 2)
    words = {"email": "b@example.com", "username": "b", "password": PASSWORD}
    real.run("kratos/1", "create-admin-account", words)
    for unit in ("kratos/0", "kratos/1"):
        until(lambda name=unit: visitor(real, name).log_in("b@example.com", PASSWORD))
    real.run("postgresql-k8s/0", "rotate-relation-password")
    until(lambda: visitor(real, "kratos/1").log_in("b@example.com", PASSWORD))
    wait(real, settled)
    real.cli("lab", "elect", "kratos/1")
    wait(real, lambda status: settled(status) and status.apps["kratos"].units["kratos/1"].leader)
    real.cli("scale-application", "kratos", "0")
    wait(real, lambda status: not status.apps["kratos"].units)
    real.cli("scale-application", "kratos", "1")
    wait(real, lambda status: settled(status) and len(status.apps["kratos"].units) == 1)
    until(lambda: visitor(real).log_in("b@example.com", PASSWORD))


def test_the_demo_holds_and_leaves_nothing_running() -> None:
    program = [sys.executable, str(REPOSITORY / "sandbox" / "demo.py")]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("KRATOS_SANDBOX")}
    done = subprocess.run(program, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All of the guide holds" in done.stdout
    assert not (REPOSITORY / ".cache" / "sandbox" / "demo").exists()

"""The charm among all its neighbours at once: they come, go and come back, and the server lives through its faults."""

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jubilant
import pytest

from integration.sandbox.waiting import settled, until, wait
from juju_sandbox.actors.postgresql import MISSING, find_programs
from juju_sandbox.places import REPOSITORY
from juju_sandbox.visitor import Visitor

pytestmark = [
    pytest.mark.xdist_group("sandbox-platform"),
    pytest.mark.skipif(find_programs() is None, reason=MISSING),
]
PASSWORD = "a-long-enough-password"
LOGIN_UI = "identity-platform-login-ui-operator"
#: Our endpoint, and the other side of it.
NEIGHBOURS = {
    "pg-database": "postgresql-k8s:database",
    "smtp": "smtp-integrator:smtp",
    "hydra-endpoint-info": "hydra:hydra-endpoint-info",
    "ui-endpoint-info": f"{LOGIN_UI}:ui-endpoint-info",
    "kratos-info": f"{LOGIN_UI}:kratos-info",
    "kratos-external-idp": "kratos-external-idp-integrator:kratos-external-idp",
    "public-route": "traefik-k8s:traefik-route",
    "internal-route": "inside:traefik-route",
    "ingress": "traefik-k8s:ingress",
    "receive-ca-cert": "self-signed-certificates:send-ca-cert",
    "metrics-endpoint": "prometheus-k8s:metrics-endpoint",
    "logging": "loki-k8s:logging",
    "grafana-dashboard": "grafana-k8s:grafana-dashboard",
    "tracing": "tempo-coordinator-k8s:tracing",
    "charm-tracing": "tempo-coordinator-k8s:tracing",
}
DURABLE = "pg-database"


def connect(juju: jubilant.Juju, *endpoints: str) -> None:
    for endpoint in endpoints:
        juju.integrate(f"kratos:{endpoint}", NEIGHBOURS[endpoint])


def part(juju: jubilant.Juju, *endpoints: str) -> None:
    for endpoint in endpoints:
        juju.remove_relation(f"kratos:{endpoint}", NEIGHBOURS[endpoint])


@pytest.fixture(scope="module", autouse=True)
def platform(real: jubilant.Juju) -> Iterator[None]:
    real.deploy(REPOSITORY, "kratos")
    provider = {"provider": "google", "client_id": "client", "client_secret": "a #secret: 1"}
    real.deploy("kratos-external-idp-integrator", config=provider)
    real.deploy("traefik-k8s", "inside")
    connect(real, *NEIGHBOURS)
    real.config(LOGIN_UI, {"base_url": "https://login.shop.test"})
    wait(real, settled)
    words = {"email": "a@example.com", "username": "a", "password": PASSWORD}
    real.run("kratos/0", "create-admin-account", words)
    yield


def visitor(juju: jubilant.Juju, unit: str = "kratos/0") -> Visitor:
    address = juju.status().apps["kratos"].units[unit].address
    return Visitor(f"http://{address}:4433", f"http://{address}:4434")


def bags(juju: jubilant.Juju) -> dict[str, dict[str, Any]]:
    """What the other side of each relation wrote for us; relations alone are told apart by number."""
    shown = json.loads(juju.cli("show-unit", "kratos/0", "--format", "json"))["kratos/0"]["relation-info"]
    return {each["endpoint"]: each.get("application-data") or {} for each in shown}


def told(juju: jubilant.Juju) -> dict[str, str]:
    """What our application told the login UI."""
    shown = json.loads(juju.cli("show-unit", f"{LOGIN_UI}/0", "--format", "json"))[f"{LOGIN_UI}/0"]["relation-info"]
    return next((each.get("application-data") or {} for each in shown if each["endpoint"] == "kratos-info"), {})


def ready(juju: jubilant.Juju) -> bool:
    person = visitor(juju)
    return person.ask("GET", f"{person.admin}/admin/health/ready")[0] == 200


def message(juju: jubilant.Juju, unit: str = "kratos/0") -> str:
    return juju.status().apps["kratos"].units[unit].workload_status.message


def test_all_of_them_see_the_server(real: jubilant.Juju) -> None:
    info = told(real)
    assert info["login_browser_endpoint"].endswith("/self-service/login/browser")
    assert set(info["feature_flags"].split(",")) == {"password", "totp", "backup_codes", "account_linking"}
    assert info["admin_endpoint"].startswith("http://")
    redirect = real.run("kratos-external-idp-integrator/0", "get-redirect-uri").results["redirect-uri"]
    assert "/self-service/methods/oidc/callback/google_" in redirect
    assert "series" in until(lambda: real.run("prometheus-k8s/0", "scrape").results)["kratos-0"]
    assert real.run("grafana-k8s/0", "list-dashboards").results
    assert visitor(real).log_in("a@example.com", PASSWORD)
    until(lambda: int(real.run("loki-k8s/0", "query").results["count"]))


def test_tempo_sees_the_server_and_the_charm(real: jubilant.Juju) -> None:
    visitor(real).schemas()
    found = until(lambda: services_traced(real) >= 2 and real.run("tempo-coordinator-k8s/0", "count-traces").results)
    assert found


def services_traced(juju: jubilant.Juju) -> int:
    juju.cli("lab", "update-status", "kratos/0")
    visitor(juju).schemas()
    return len(juju.run("tempo-coordinator-k8s/0", "count-traces").results)


def test_they_go_and_come_back_in_another_order(real: jubilant.Juju) -> None:
    before, info = bags(real), told(real)
    going = [endpoint for endpoint in NEIGHBOURS if endpoint != DURABLE]
    part(real, *going)
    wait(real, settled)
    assert told(real) == {}
    assert set(bags(real)) <= {DURABLE, "kratos-peers"}
    assert until(lambda: visitor(real).log_in("a@example.com", PASSWORD))
    connect(real, *reversed(going))
    wait(real, settled)
    assert set(bags(real)) == set(before)
    assert until(lambda: told(real) == info)


def test_without_its_database_the_unit_waits_for_it_and_goes_on(real: jubilant.Juju) -> None:
    part(real, DURABLE)
    until(lambda: "pg-database was removed" in message(real))
    assert not server_processes(real), "it would have no database to answer from"
    connect(real, DURABLE)
    wait(real, settled)
    until(lambda: ready(real))
    assert real.run("kratos/0", "list-identities").success


def server_processes(juju: jubilant.Juju) -> list[int]:
    """The servers that this sandbox runs, found below its own process."""
    sandbox = json.loads(juju.cli("lab", "where", "--format", "json"))["process"]
    found: list[int] = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"serve" in words and b"all" in words and sandbox in ancestors(int(folder.name)):
            found.append(int(folder.name))
    return found


def ancestors(process: int) -> list[int]:
    found: list[int] = []
    while process > 1:
        try:
            text = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
        except OSError:
            break
        process = int(text.rpartition(")")[2].split()[1])
        found.append(process)
    return found


def test_f29_a_server_that_is_killed_is_back_without_an_operator(real: jubilant.Juju) -> None:
    (process,) = until(lambda: server_processes(real))
    os.kill(process, signal.SIGKILL)
    started = time.monotonic()
    until(lambda: not Path(f"/proc/{process}").exists())
    until(lambda: ready(real))
    assert time.monotonic() - started < (60 if os.environ.get("CI") else 30), (
        "the goal is ten seconds on an idle machine"
    )
    (another,) = until(lambda: server_processes(real))
    assert another != process
    wait(real, settled)


def test_f29_a_container_that_starts_anew_is_back_without_an_operator(real: jubilant.Juju) -> None:
    real.cli("lab", "kill-container", "kratos/0")
    until(lambda: ready(real))
    wait(real, settled)


def test_units_restart_one_after_the_other(real: jubilant.Juju) -> None:
    real.add_unit("kratos", num_units=1)
    wait(real, lambda status: settled(status) and len(status.apps["kratos"].units) == 2)
    before = set(until(lambda: len(server_processes(real)) == 2 and server_processes(real)))
    real.config("kratos", {"log_level": "debug"})
    seen: list[int] = []

    def both_are_new() -> bool:
        now = set(server_processes(real))
        seen.append(len([unit for unit in ("kratos/0", "kratos/1") if answers(real, unit)]))
        return len(now) == 2 and not now & before

    until(both_are_new)
    assert min(seen) >= 1, "somebody always answered"
    wait(real, settled)


def answers(juju: jubilant.Juju, unit: str) -> bool:
    person = visitor(juju, unit)
    try:
        return person.ask("GET", f"{person.public}/health/alive")[0] == 200
    except OSError:
        return False


def test_a_refreshed_charm_goes_on(real: jubilant.Juju) -> None:
    real.refresh("kratos", path=REPOSITORY)
    wait(real, lambda status: settled(status) and status.apps["kratos"].charm_rev > 0)
    until(lambda: ready(real))
    assert real.run("kratos/0", "get-identity", {"email": "a@example.com"}).success


def test_f30_a_new_leader_goes_on(real: jubilant.Juju) -> None:
    real.cli("lab", "elect", "kratos/1")
    wait(real, lambda status: settled(status) and status.apps["kratos"].units["kratos/1"].leader)
    real.run("kratos/1", "rotate-secrets", {"kind": "cookie"})
    wait(real, settled)
    assert until(lambda: told(real))["login_browser_endpoint"]


def test_nothing_is_left_of_an_application_that_is_removed(real: jubilant.Juju) -> None:
    real.remove_application("kratos")
    until(lambda: "kratos" not in real.status().apps)
    until(lambda: not server_processes(real))
    assert told(real) == {}

"""From Canonical's charm to this one, in a running model with a real PostgreSQL and accounts in it."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jubilant
import psycopg
import pytest
import yaml

from integration.moving.kratos_database import ANN, PASSWORD, fill
from integration.sandbox.conftest import sandbox
from integration.sandbox.waiting import settled, until, wait
from juju_sandbox.actors.postgresql import MISSING, find_programs
from juju_sandbox.places import REPOSITORY
from juju_sandbox.visitor import Visitor

pytestmark = pytest.mark.skipif(find_programs() is None, reason=MISSING)


@pytest.fixture(scope="module")
def juju() -> Iterator[jubilant.Juju]:
    """A sandbox whose workload is the bundled server."""
    with sandbox() as driver:
        yield driver


@pytest.fixture(scope="module")
def charm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This charm in the variant without storage."""
    folder = tmp_path_factory.mktemp("charm")
    for name in ("src", "lib", "templates"):
        shutil.copytree(REPOSITORY / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("config.yaml", "actions.yaml"):
        shutil.copy(REPOSITORY / name, folder)
    found = yaml.safe_load((REPOSITORY / "metadata.yaml").read_text(encoding="utf-8"))
    del found["storage"], found["containers"]["kratos"]["mounts"]
    (folder / "metadata.yaml").write_text(yaml.safe_dump(found))
    return folder


def relation(juju: jubilant.Juju, endpoint: str) -> dict[str, Any]:
    shown = json.loads(juju.cli("show-unit", "kratos/0", "--format", "json"))["kratos/0"]["relation-info"]
    return next((each for each in shown if each["endpoint"] == endpoint), {})


def connect(juju: jubilant.Juju) -> "psycopg.Connection[Any]":
    """To the application's database, as its user."""
    bag = until(lambda: relation(juju, "pg-database").get("application-data"))
    user = juju.show_secret(bag["secret-user"], reveal=True).content
    return psycopg.connect(
        f"postgresql://{bag['endpoints']}/{bag['database']}",
        user=user["username"],
        password=user["password"],
        autocommit=True,
    )


def said(juju: jubilant.Juju) -> tuple[str, str]:
    found = juju.status().apps["kratos"].units["kratos/0"].workload_status
    return found.current, found.message


def signs_in(juju: jubilant.Juju) -> bool:
    address = juju.status().apps["kratos"].units["kratos/0"].address
    person = Visitor(f"http://{address}:4433", f"http://{address}:4434")
    token = person.log_in("ann@shop.test", PASSWORD)
    return bool(token) and person.whoami(str(token))[1]["identity"]["id"] == ANN


def test_accounts_of_the_charm_before_sign_in_with_their_passwords(juju: jubilant.Juju, charm: Path) -> None:
    juju.deploy(Path(__file__).parent / "former_charm", "kratos")
    juju.integrate("kratos", "postgresql-k8s")
    wait(juju, settled)
    with connect(juju) as database:
        fill(database, "social_user_v0")

    juju.cli("refresh", "kratos", "--switch", str(charm), "--base", "ubuntu@24.04", "--trust", "--config", "dev=true")
    until(lambda: "run the action run-migration" in said(juju)[1])
    assert said(juju)[0] == "blocked"
    with connect(juju) as database:
        assert database.execute("SELECT count(*) FROM public.identities").fetchone() == (2,), "nothing is touched"

    juju.run("kratos/0", "run-migration", {"timeout": 300})
    wait(juju, settled)
    assert until(lambda: signs_in(juju))


def test_the_database_is_known_again_when_it_is_integrated_anew(juju: jubilant.Juju) -> None:
    juju.remove_relation("kratos", "postgresql-k8s")
    until(lambda: "pg-database was removed" in said(juju)[1] and not relation(juju, "pg-database"))
    juju.integrate("kratos", "postgresql-k8s")
    wait(juju, settled)
    assert until(lambda: signs_in(juju))
    with connect(juju) as database:
        assert database.execute("SELECT count(*) FROM public.identities").fetchone() == (2,)
        assert database.execute("SELECT count(*) FROM ory_kratos.identities").fetchone() == (2,)

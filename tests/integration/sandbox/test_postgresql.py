"""``integrate kratos postgresql-k8s``, as a charm and the operator see it."""

import json
import subprocess
from pathlib import Path
from typing import Any

import jubilant
import pytest

from integration.sandbox.waiting import until
from juju_sandbox.actors.postgresql import MISSING, find_programs

HERE = Path(__file__).parent


def related(juju: jubilant.Juju) -> dict[str, Any]:
    """The relation as fix/0 sees it."""
    shown = json.loads(juju.cli("show-unit", "fix/0", "--format", "json"))
    return next((each for each in shown["fix/0"]["relation-info"] if each["endpoint"] == "database"), {})


@pytest.mark.skipif(find_programs() is None, reason=MISSING)
def test_a_real_server_answers_the_wire_facts(juju: jubilant.Juju) -> None:
    juju.deploy(HERE / "fixture_charm", "fix")
    juju.integrate("fix", "postgresql-k8s")
    bag = until(lambda: related(juju).get("application-data"))
    assert bag["database"] == "fixture"
    assert bag["endpoints"].startswith("127.0.0.1:")
    assert bag["version"].isdecimal()
    user = juju.run("fix/0", "read-secret", {"id": bag["secret-user"]}).results
    tls = juju.run("fix/0", "read-secret", {"id": bag["secret-tls"]}).results
    assert tls == {"tls": "False"}
    assert log_in(user, bag) == "fixture"
    assert not list(Path("/proc").glob("*/cmdline")) or user["password"] not in all_arguments()
    rotate(juju, user, bag)
    juju.remove_relation("fix", "postgresql-k8s")
    until(lambda: not related(juju))
    with pytest.raises(jubilant.TaskError):
        juju.run("fix/0", "read-secret", {"id": bag["secret-user"]})
    again(juju, user)
    juju.remove_application("postgresql-k8s")
    until(lambda: "postgresql-k8s" not in juju.status().apps)
    with pytest.raises(AssertionError):
        log_in(user, bag)


def again(juju: jubilant.Juju, before: dict[str, Any]) -> None:
    """The same application comes back: another user, who owns what the one before left behind."""
    juju.integrate("fix", "postgresql-k8s")
    bag = until(lambda: related(juju).get("application-data"))
    user = juju.run("fix/0", "read-secret", {"id": bag["secret-user"]}).results
    assert user["username"] != before["username"]
    assert log_in(user, bag, "ALTER TABLE kept ADD COLUMN more int; SELECT count(*) FROM kept") == "0"
    with pytest.raises(AssertionError):
        log_in(before, bag)
    juju.remove_relation("fix", "postgresql-k8s")
    until(lambda: not related(juju))


def rotate(juju: jubilant.Juju, old: dict[str, Any], bag: dict[str, str]) -> None:
    juju.run("postgresql-k8s/0", "rotate-relation-password", {"application": "fix"})
    with pytest.raises(AssertionError):
        log_in(old, bag)
    shown = juju.show_secret(bag["secret-user"], reveal=True)
    assert shown.revision == 2
    assert log_in(shown.content, bag) == "fixture"
    assert log_in(shown.content, bag, "CREATE TABLE kept (id int)") == ""


def log_in(user: dict[str, Any], bag: dict[str, str], statement: str = "SELECT current_database()") -> str:
    programs = find_programs()
    assert programs is not None
    host, port = bag["endpoints"].split(":")
    words = ["-X", "-A", "-t", "-h", host, "-p", port, "-U", user["username"], "-d", "fixture"]
    done = subprocess.run(
        [str(programs / "psql"), "-q", *words, "-c", statement],
        env={"PGPASSWORD": user["password"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def all_arguments() -> str:
    found: list[str] = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(path.read_text(encoding="utf-8", errors="replace"))
        except OSError:
            continue
    return "\n".join(found)

"""A real charm, the real ops, the real Pebble: what the sandbox promises, seen through jubilant."""

import json
import os
import shutil
import time
import urllib.request
from pathlib import Path
from typing import Any

import jubilant
import pytest

from integration.sandbox.waiting import settled, until, wait

HERE = Path(__file__).parent


@pytest.fixture(scope="module", autouse=True)
def fixture_charm(juju: jubilant.Juju) -> None:
    juju.deploy(HERE / "fixture_charm", "fix", num_units=2)
    wait(juju, settled, error=lambda status: jubilant.any_error(status, "fix"))


def events(juju: jubilant.Juju, unit: str) -> list[str]:
    shown = json.loads(juju.cli("show-unit", unit, "--format", "json"))
    peers = next(each for each in shown[unit]["relation-info"] if each["endpoint"] == "group")
    return json.loads(peers["local-unit"]["data"].get("events", "[]"))


def fetch(address: str, data: bytes | None = None) -> Any:
    with urllib.request.urlopen(f"http://{address}:4433/", data=data) as answer:
        return json.load(answer)


def address(juju: jubilant.Juju, unit: str) -> str:
    return juju.status().apps["fix"].units[unit].address


def test_status_is_what_jubilant_reads(juju: jubilant.Juju) -> None:
    found = juju.status().apps["fix"]
    assert found.version == "1.2.3"
    assert (found.units["fix/0"].leader, found.units["fix/1"].leader) == (True, False)
    assert found.units["fix/0"].workload_status.message == "well"


def test_each_unit_reaches_its_own_workload_on_its_own_loopback(juju: jubilant.Juju) -> None:
    for unit in ("fix/0", "fix/1"):
        assert juju.run(unit, "ask").results["answer"]["unit"] == unit


def test_each_unit_is_reached_at_its_address(juju: jubilant.Juju) -> None:
    for unit in ("fix/0", "fix/1"):
        assert fetch(address(juju, unit))["unit"] == unit


def test_an_option_reaches_the_workload(juju: jubilant.Juju) -> None:
    juju.config("fix", {"greeting": "good day"})
    until(lambda: fetch(address(juju, "fix/1"))["greeting"] == "good day")
    assert juju.config("fix")["greeting"] == "good day"
    juju.config("fix", reset="greeting")
    until(lambda: fetch(address(juju, "fix/1"))["greeting"] == "hello")


def test_files_are_the_containers_own(juju: jubilant.Juju) -> None:
    assert not Path("/etc/fixture").exists()
    seen = juju.run("fix/0", "look").results
    assert json.loads(seen["pulled"])["unit"] == "fix/0"
    assert seen["listed"] == "/etc/fixture/config.json"
    assert seen["plan"] in ("http://localhost:4433/health", "http://127.0.0.1:4433/health")
    assert (seen["planned"], seen["own-etc"]) == ("2", "False")
    assert seen["address"] == address(juju, "fix/0")


def test_a_failing_action_ends_with_its_reason(juju: jubilant.Juju) -> None:
    with pytest.raises(jubilant.TaskError) as failed:
        juju.run("fix/0", "fail")
    task = failed.value.task
    assert (task.status, task.message, task.results) == ("failed", "it did not work", {"tried": "once"})
    assert task.log == ["trying"]


def test_a_granted_secret_is_read_and_its_change_is_told(juju: jubilant.Juju) -> None:
    uri = juju.add_secret("word", {"password": "hunter22"})
    with pytest.raises(jubilant.TaskError):
        juju.run("fix/0", "read-secret", {"id": str(uri)})
    juju.grant_secret("word", "fix")
    assert juju.run("fix/0", "read-secret", {"id": str(uri)}).results == {"password": "hunter22"}
    juju.update_secret("word", {"password": "hunter33"})
    until(lambda: "secret_changed" in events(juju, "fix/0"))
    assert juju.show_secret("word", reveal=True).content == {"password": "hunter33"}
    assert juju.show_secret("word", reveal=True).revision == 2


def test_a_failing_check_is_told_and_so_is_its_recovery(juju: jubilant.Juju) -> None:
    juju.run("fix/1", "sick", {"value": True})
    until(lambda: "work_pebble_check_failed" in events(juju, "fix/1"))
    juju.run("fix/1", "sick", {"value": False})
    until(lambda: "work_pebble_check_recovered" in events(juju, "fix/1"))
    assert "work_pebble_check_failed" not in events(juju, "fix/0")


def test_a_failing_hook_is_an_error_that_resolves(juju: jubilant.Juju) -> None:
    juju.config("fix", {"crash": True})
    wait(juju, lambda status: jubilant.any_error(status, "fix"))
    message = juju.status().apps["fix"].units["fix/0"].workload_status.message
    assert message == 'hook failed: "config-changed"'
    assert "asked to crash" in juju.debug_log(limit=200)
    juju.config("fix", {"crash": False})
    for unit in ("fix/0", "fix/1"):
        until(lambda name=unit: juju.status().apps["fix"].units[name].workload_status.current == "error")
        juju.cli("resolved", unit)
    wait(juju, settled)


def test_a_killed_container_comes_back_with_its_storage_and_without_its_other_files(juju: jubilant.Juju) -> None:
    where = address(juju, "fix/1")
    fetch(where, b"precious")
    before = events(juju, "fix/1").count("work_pebble_ready")
    juju.cli("lab", "kill-container", "fix/1")
    until(lambda: events(juju, "fix/1").count("work_pebble_ready") == before + 1)
    wait(juju, settled)
    until(lambda: fetch(where)["kept"] == "precious")
    seen = juju.run("fix/1", "look").results
    assert "scratch" not in seen["listed"]
    assert "kept" in seen["storage-files"]


def test_another_leader_takes_over(juju: jubilant.Juju) -> None:
    juju.cli("lab", "elect", "fix/1")
    wait(juju, lambda status: settled(status) and status.apps["fix"].units["fix/1"].leader)
    shown = json.loads(juju.cli("show-unit", "fix/0", "--format", "json"))
    peers = next(each for each in shown["fix/0"]["relation-info"] if each["endpoint"] == "group")
    assert peers["application-data"] == {"leader": "fix/1"}
    juju.cli("lab", "elect", "fix/0")
    wait(juju, lambda status: settled(status) and status.apps["fix"].units["fix/0"].leader)


def test_a_refreshed_charm_is_the_new_one(juju: jubilant.Juju, tmp_path: Path) -> None:
    changed = tmp_path / "charm"
    shutil.copytree(HERE / "fixture_charm", changed)
    code = (changed / "src" / "charm.py").read_text(encoding="utf-8")
    (changed / "src" / "charm.py").write_text(code.replace('"well"', '"better"'), encoding="utf-8")
    juju.refresh("fix", path=changed)
    wait(juju, lambda status: settled(status) and status.apps["fix"].units["fix/1"].workload_status.message == "better")


def test_units_come_and_go(juju: jubilant.Juju) -> None:
    juju.add_unit("fix")
    wait(juju, lambda status: settled(status) and "fix/2" in status.apps["fix"].units)
    where = address(juju, "fix/2")
    assert fetch(where)["unit"] == "fix/2"
    juju.remove_unit("fix", num_units=1)
    wait(juju, lambda status: settled(status) and set(status.apps["fix"].units) == {"fix/0", "fix/1"})
    with pytest.raises(OSError, match="refused"):
        fetch(where)


def test_a_dispatch_without_pebble_work_takes_less_than_a_second(juju: jubilant.Juju) -> None:
    started = time.monotonic()
    with pytest.raises(jubilant.TaskError):
        juju.run("fix/0", "fail")
    assert os.environ.get("CI") or time.monotonic() - started < 3, "a dispatch and the command line together"


def test_mistakes_are_explained(juju: jubilant.Juju) -> None:
    for words, said in (
        (("run", "fix/0", "nothing"), 'action "nothing" not defined'),
        (("run", "fix/9", "ask"), 'unit "fix/9" not found'),
        (("run", "fix/0", "ask", "a=1"), "additional property"),
        (("config", "fix", "nothing=1"), 'unknown option "nothing"'),
        (("integrate", "fix", "nothing"), '"nothing" not found'),
        (("deploy", "nothing"), 'charm "nothing" is unknown here'),
        (("grant-secret", "nothing", "fix"), 'secret "nothing" not found'),
        (("dance",), "no command of the sandbox"),
    ):
        with pytest.raises(jubilant.CLIError) as refused:
            juju.cli(*words)
        assert said in refused.value.stderr

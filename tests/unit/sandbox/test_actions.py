"""Actions: parameters, results, failures."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from juju_sandbox import action_parameters
from juju_sandbox.cli.action_commands import shape
from juju_sandbox.cli.output import nested
from juju_sandbox.failures import SandboxError
from juju_sandbox.moments import now
from unit.sandbox.playground import Playground, Refused, Script, Tools

DECLARED: Mapping[str, Any] = {
    "params": {"colour": {"type": "string"}, "coats": {"type": "integer", "default": 2}, "kind": {"enum": ["a", "b"]}},
    "required": ["colour"],
    "additionalProperties": False,
}


def perform(ground: Playground, script: Script, **parameters: object) -> Mapping[str, Any]:
    ground.deploy()
    ground.settle()
    ground.store.run(
        "INSERT INTO task (id, operation, unit, action, parameters, enqueued) VALUES (2, 1, 'one/0', 'paint', ?, ?)",
        *(json.dumps(parameters), now()),
    )
    assert ground.step("one/0", script).dispatch_path == "actions/paint"
    row = ground.store.first("SELECT * FROM task")
    assert row is not None
    return dict(row)


def test_an_action_reads_its_parameters_and_gives_results(ground: Playground) -> None:
    def paint(tools: Tools) -> None:
        assert tools.json("action-get") == {"colour": "red", "deep": {"er": 1}}
        assert tools("action-get", "deep.er") == "1\n...\n"
        tools("action-log", "--", "painting")
        tools("action-set", "wall.colour=red", "coats=2")

    task = perform(ground, paint, colour="red", deep={"er": 1})
    assert task["status"] == "completed"
    assert nested(json.loads(task["results"])) == {"coats": "2", "wall": {"colour": "red"}}
    assert json.loads(task["log"]) == ["painting"]
    assert ground.environment["JUJU_ACTION_UUID"] == "2"
    assert ground.environment["JUJU_HOOK_NAME"] == ""


def test_an_action_that_fails_says_why_and_keeps_its_results_and_writes(ground: Playground) -> None:
    def paint(tools: Tools) -> None:
        tools("action-set", "coats=1")
        tools("open-port", "80")
        tools("action-fail", "--", "out of paint")

    task = perform(ground, paint)
    assert (task["status"], task["message"], json.loads(task["results"])) == ("failed", "out of paint", {"coats": "1"})
    assert ground.store.column("SELECT port FROM port") == ["80/tcp"]


def test_an_action_that_crashes_loses_its_writes_and_stops_nothing(ground: Playground) -> None:
    def paint(tools: Tools) -> None:
        tools("open-port", "80")
        raise ZeroDivisionError

    task = perform(ground, paint)
    assert (task["status"], task["code"]) == ("failed", 1)
    assert ground.store.column("SELECT port FROM port") == []
    assert ground.next("one/0") is None, "the unit is not in an error state"


@pytest.mark.parametrize("key", ["Colour", "a_b", "a-", "a.", "stdout"])
def test_result_keys_are_juju_s(ground: Playground, key: str) -> None:
    def paint(tools: Tools) -> None:
        with pytest.raises(Refused, match="key"):
            tools("action-set", f"{key}=x")

    assert perform(ground, paint)["status"] == "completed"


def test_action_tools_work_in_actions_only(ground: Playground) -> None:
    ground.deploy()

    def hook(tools: Tools) -> None:
        for tool in ("action-get", "action-fail", "action-log"):
            with pytest.raises(Refused, match="not running an action"):
                tools(tool, "--", "x")

    ground.in_hook("one/0", hook)


def test_defaults_are_put_in() -> None:
    assert action_parameters.check(DECLARED, {"colour": "red"}) == {"colour": "red", "coats": 2}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, '"colour" property is missing'),
        ({"colour": "red", "size": 1}, '"size" is not allowed; this action knows: coats, colour, kind'),
        ({"colour": 123456}, "colour: must be of type string"),
        ({"colour": "red", "kind": "c"}, "kind: must be one of a, b"),
    ],
)
def test_wrong_parameters_are_refused_without_repeating_values(given: dict[str, Any], said: str) -> None:
    with pytest.raises(SandboxError, match=said) as refused:
        action_parameters.check(DECLARED, given)
    assert "123456" not in str(refused.value)


def test_results_whose_keys_collide_stay_flat() -> None:
    assert nested({"a": "1", "a.b": "2"}) == {"a": "1", "a.b": "2"}


def test_a_task_has_jujus_shape() -> None:
    task = {
        **{"id": "2", "unit": "one/0", "status": "failed", "message": "no", "results": {}, "code": 0, "log": []},
        **{"enqueued": "2026-01-02T03:04:05Z", "started": "2026-01-02T03:04:06Z", "completed": "2026-01-02T03:04:07Z"},
    }
    shown = shape(task)
    assert shown["timing"]["completed"] == "2026-01-02 03:04:07 +0000 UTC"
    assert (shown["results"], shown["message"]) == ({"return-code": 0}, "no")

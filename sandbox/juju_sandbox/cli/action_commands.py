"""Commands about actions."""

from typing import Any

from juju_sandbox.cli import words
from juju_sandbox.cli.output import nested, render, table
from juju_sandbox.cli.session import CommandFailed, Session
from juju_sandbox.failures import SandboxError

ENDED = ("completed", "failed", "cancelled")


def run(session: Session) -> None:
    given = session.arguments
    units = [word for word in given.words if "/" in word and "=" not in word]
    rest = given.words[len(units) :]
    if not units or not rest or given.words[: len(units)] != units or "=" in rest[0]:
        raise SandboxError("write: run UNIT [UNIT…] ACTION [key=value…]")
    parameters = words.action_parameters(rest[1:], given.params, strings=given.string_args)
    made = session.ask("run", units=units, action=rest[0], parameters=parameters)
    _announce(session, made)
    if given.background:
        session.say(f"Check operation status with 'juju show-operation {made['operation']}'")
        return
    ids = list(made["tasks"])
    session.say("\n" + "\n".join(f"Waiting for task {number}..." for number in ids))
    tasks = session.ask("wait", ids=ids, seconds=words.seconds(given.wait))
    _show(session, tasks)
    _judge(tasks)


def _announce(session: Session, made: dict[str, Any]) -> None:
    count = len(made["tasks"])
    session.say(f"Running operation {made['operation']} with {count} task{'' if count == 1 else 's'}")
    for number, unit in made["tasks"].items():
        session.say(f"  - task {number} on unit-{unit.replace('/', '-')}")


def _show(session: Session, tasks: list[dict[str, Any]]) -> None:
    if session.arguments.format in ("json", "yaml"):
        session.put(render({task["unit"]: shape(task) for task in tasks}, session.arguments.format))
        return
    for task in tasks:
        for line in task["log"]:
            session.say(line)
        if task["status"] == "failed":
            session.put(f"Action id {task['id']} failed: {task['message']}\n")
        results = nested(task["results"])
        if len(tasks) > 1:
            results = {task["unit"]: {"id": task["id"], "results": results, "status": task["status"]}}
        if results:
            session.put(render(results, "yaml"))


def shape(task: dict[str, Any]) -> dict[str, Any]:
    """A task as Juju's JSON has it."""
    timing = {
        key: task[key].replace("T", " ").replace("Z", " +0000 UTC")
        for key in ("enqueued", "started", "completed")
        if task[key]
    }
    shown: dict[str, Any] = {"id": task["id"], "status": task["status"], "timing": timing, "unit": task["unit"]}
    if task["status"] in ENDED:
        shown["results"] = nested(task["results"]) | {"return-code": task["code"]}
    if task["log"]:
        shown["log"] = task["log"]
    if task["message"]:
        shown["message"] = task["message"]
    return shown


def _judge(tasks: list[dict[str, Any]]) -> None:
    late = [task["id"] for task in tasks if task["status"] not in ENDED]
    if late:
        raise CommandFailed(f"timed out waiting for results from: {', '.join(late)}")
    failed = [task for task in tasks if task["status"] == "failed"]
    if failed:
        lines = "\n".join(f' - id "{task["id"]}" with return code {task["code"]}' for task in failed)
        noun = "task" if len(failed) == 1 else "tasks"
        raise CommandFailed(f"the following {noun} failed:\n{lines}\n\nuse 'juju show-task' to inspect the failure")


def actions(session: Session) -> None:
    declared = session.ask("actions", application=session.arguments.application)
    if session.arguments.format in ("json", "yaml") or session.arguments.schema:
        session.put_tree({name: body for name, body in sorted(declared.items())})
        return
    rows = [(name, body.get("description", "").strip().partition("\n")[0]) for name, body in sorted(declared.items())]
    session.put(table([("Action", "Description"), *rows]))


def show_task(session: Session) -> None:
    given = session.arguments
    found = session.ask("wait", ids=[given.number], seconds=words.seconds(given.wait))
    if not found:
        raise SandboxError(f"task {given.number} not found")
    session.put_tree(shape(found[0]))


def show_operation(session: Session) -> None:
    number = session.arguments.number
    found = [task for task in session.ask("operations") if task["operation"] == number]
    if not found:
        raise SandboxError(f"operation {number} not found")
    summary = f"{found[0]['action']} run on {', '.join(task['unit'] for task in found)}"
    session.put_tree(
        {"summary": summary, "status": found[-1]["status"], "tasks": {task["id"]: shape(task) for task in found}}
    )


def operations(session: Session) -> None:
    rows = [
        (task["operation"], task["id"], task["status"], task["unit"], task["action"])
        for task in session.ask("operations")
    ]
    session.put(table([("Operation", "Task", "Status", "Unit", "Action"), *rows]))

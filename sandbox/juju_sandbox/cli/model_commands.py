"""Commands about applications, units, relations and the model."""

import argparse
import time
from pathlib import Path
from typing import Any

from juju_sandbox.agent import JUJU_VERSION
from juju_sandbox.cli import process, words
from juju_sandbox.cli.output import render, status_tables, table
from juju_sandbox.cli.session import CommandFailed, Session
from juju_sandbox.failures import SandboxError


def deploy(session: Session) -> None:
    given = session.arguments
    if given.attach_storage or given.to:
        raise SandboxError("a sandbox places units and storage itself; leave out --to and --attach-storage")
    made = session.ask_starting(
        "deploy",
        charm=_absolute(given.charm),
        application=given.application,
        units=given.num_units,
        config=words.settings(given.config or []),
        resources=dict(each.split("=", 1) for each in given.resource or []),
        trust=given.trust,
    )
    session.say(f'Deploying "{made["application"]}" from charm "{made["charm"]}", revision {made["revision"]}')


def _absolute(charm: str | None) -> str | None:
    """A path from here, since the sandbox's process works elsewhere; names stay as they are."""
    is_path = charm and ("/" in charm or charm in (".", "..") or charm.endswith(".charm"))
    return str(Path(charm).resolve()) if charm and is_path else charm


def refresh(session: Session) -> None:
    given = session.arguments
    if given.path and given.switch:
        raise SandboxError("--switch and --path are mutually exclusive")
    made = session.ask(
        "refresh",
        application=given.application,
        path=_absolute(given.path or given.switch),
        resources=dict(each.split("=", 1) for each in given.resource or []),
        config=words.settings(given.config or []),
        trust=None if given.trust is None else given.trust == "true",
    )
    session.say(f'Added local charm revision {made["revision"]} to "{given.application}"')


def add_unit(session: Session) -> None:
    session.ask("scale", application=session.arguments.application, change=session.arguments.num_units)


def remove_unit(session: Session) -> None:
    given = session.arguments
    if "/" in given.application:
        raise SandboxError('on Kubernetes units leave by count: "remove-unit APP --num-units N"')
    if not given.num_units:
        raise SandboxError("specify the number of units with --num-units")
    gone = session.ask("scale", application=given.application, change=-given.num_units)
    for unit in gone["removed"]:
        session.say(f"will remove unit {unit}")


def scale_application(session: Session) -> None:
    given = session.arguments
    session.ask("scale", application=given.application, units=given.units)
    session.say(f"{given.application} scaled to {given.units} units")


def remove_application(session: Session) -> None:
    for name in session.arguments.applications:
        session.ask("remove_application", application=name)
        session.say(f"will remove application {name}")


def integrate(session: Session) -> None:
    made = session.ask("integrate", one=session.arguments.one, two=session.arguments.two)
    for name in made["deployed"]:
        session.say(f'Deploying "{name}", which the sandbox plays')


def remove_relation(session: Session) -> None:
    session.ask("remove_relation", one=session.arguments.one, two=session.arguments.two)


def config(session: Session) -> None:
    given = session.arguments
    assigned = [word for word in given.words if "=" in word]
    asked = [word for word in given.words if "=" not in word]
    if given.file:
        assigned = [f"{key}={value}" for key, value in _config_file(given.file, given.application).items()] + assigned
    reset = [key for each in given.reset or [] for key in each.split(",")]
    if assigned and asked:
        raise SandboxError("cannot set and retrieve values at once")
    if assigned or reset:
        values = words.settings(assigned)
        session.ask("set_config", application=given.application, values=values, reset=reset)
        return
    tree = session.ask("config", application=given.application)
    if not asked:
        session.put_tree(tree)
        return
    key = asked[0]
    if key not in tree["settings"]:
        raise SandboxError(f'key "{key}" not found in "{given.application}" application config or charm settings.')
    value = tree["settings"][key].get("value", "")
    session.put(f"{str(value).lower() if isinstance(value, bool) else value}\n")


def _config_file(path: str, application: str) -> dict[str, str]:
    tree: dict[str, Any] = words.action_parameters([], path, strings=True)
    chosen = tree.get(application, tree)
    return {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in chosen.items()}


def status(session: Session) -> None:
    tree = session.ask("status")
    given = session.arguments
    if given.selector:
        chosen = {word.partition("/")[0] for word in given.selector}
        tree["applications"] = {key: value for key, value in tree["applications"].items() if key in chosen}
    if given.format in (None, "tabular"):
        session.put(status_tables(tree, relations=given.relations))
        return
    tree.pop("integrations")
    session.put(render(tree, given.format))


def show_unit(session: Session) -> None:
    given = session.arguments
    tree: dict[str, Any] = {}
    for unit in given.units:
        tree |= session.ask("show_unit", unit=unit, only_app=given.app, endpoint=given.endpoint)
    session.put_tree(tree)


def show_application(session: Session) -> None:
    tree = session.ask("status")["applications"]
    found = {name: tree.get(name) for name in session.arguments.applications}
    missing = [name for name, body in found.items() if body is None]
    if missing:
        raise SandboxError(f'application "{missing[0]}" not found')
    session.put_tree(found)


def resolved(session: Session) -> None:
    for unit in session.arguments.units:
        session.ask("resolved", unit=unit, retry=not session.arguments.no_retry)


def trust(session: Session) -> None:
    session.ask("trust", application=session.arguments.application, trusted=not session.arguments.remove)


def model_config(session: Session) -> None:
    given = session.arguments.words
    values = words.settings([word for word in given if "=" in word])
    tree = session.ask("model_config", values=values)
    asked = [word for word in given if "=" not in word]
    if asked:
        session.put(f"{tree.get(asked[0], '')}\n")
    elif not values:
        session.put_tree(tree)


def debug_log(session: Session) -> None:
    """Prints what there is, and goes on with what comes unless told not to."""
    given, last = session.arguments, 0
    limit = 100_000 if given.replay else given.limit or given.lines
    while True:
        for row in session.ask("log", after=last, limit=limit):
            last, limit = row["id"], 100_000
            if not given.include or any(row["entity"].endswith(each.replace("/", "-")) for each in given.include):
                moment = row["time"].partition("T")[2].removesuffix("Z")
                session.put(f"{row['entity']}: {moment} {row['level']} {row['module']} {row['message']}\n")
        if given.no_tail or given.limit:
            return
        time.sleep(0.5)


def wait_for(session: Session) -> None:
    """Waits until an application, or a unit, has a workload status; by default ``active``."""
    given = session.arguments
    deadline = time.monotonic() + words.seconds(given.timeout)
    wanted = "active"
    if given.query:
        wanted = _wanted(given.query)
    while True:
        seen = _seen(session.ask("status"), given.kind, given.name)
        if seen == wanted:
            return
        if time.monotonic() > deadline:
            raise CommandFailed(f'timed out waiting for {given.kind} "{given.name}" to be {wanted}; it is {seen}')
        time.sleep(0.1)


def _wanted(query: str) -> str:
    found = [part.partition("==")[2].strip().strip("\"'") for part in query.split("&&") if "status" in part]
    if len(found) != 1 or not found[0]:
        raise SandboxError("""the sandbox understands the query status=="…" alone""")
    return found[0]


def _seen(tree: dict[str, Any], kind: str, name: str) -> str:
    application = tree["applications"].get(name.partition("/")[0], {})
    if kind == "application":
        units = application.get("units", {}).values()
        settled = all(unit["juju-status"]["current"] == "idle" for unit in units)
        said = application.get("application-status", {}).get("current", "missing")
        return said if settled or said != "active" else "busy"
    return application.get("units", {}).get(name, {}).get("workload-status", {}).get("current", "missing")


def destroy_model(session: Session) -> None:
    process.stop(session.places, destroy=True)


def version(session: Session) -> None:
    session.put(f"{JUJU_VERSION}-sandbox\n")


def models(session: Session) -> None:
    tree = session.ask("status")["model"]
    session.put(
        table([("Model", "Cloud/Region", "Type", "Status"), (tree["name"], tree["cloud"], "caas", "available")])
    )


def laboratory(session: Session) -> None:
    """What a cluster's administrator, or fate, would do."""
    given = session.arguments
    if given.deed == "start":
        session.ask_starting("where")
    elif given.deed == "stop":
        process.stop(session.places)
    elif given.deed == "where":
        session.put_tree(session.ask("where"))
    elif given.unit is None:
        raise SandboxError(f"say which unit: lab {given.deed} UNIT")
    elif given.deed == "kill-container":
        session.ask("kill_container", unit=given.unit, container=given.container)
    elif given.deed == "elect":
        session.ask("elect", unit=given.unit)
    else:
        session.ask("update_status", unit=given.unit)


def numbers(parser: argparse.ArgumentParser, default: int) -> None:
    parser.add_argument("-n", "--num-units", type=int, default=default, metavar="N")

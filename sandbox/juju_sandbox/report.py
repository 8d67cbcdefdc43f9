"""The model as `juju status` and `juju show-unit` tell it."""

import json
from typing import Any

from juju_sandbox import applications, relation_events, relations
from juju_sandbox.agent import JUJU_VERSION
from juju_sandbox.moments import now
from juju_sandbox.store import Row, Store

#: The graver of two statuses is an application's, when its charm has set none.
GRAVITY = ("error", "blocked", "maintenance", "waiting", "active", "unknown")
Tree = dict[str, Any]


def status(store: Store, executing: tuple[str, str] | None = None, *, busy: bool = False) -> Tree:
    """The whole model in the shape of ``juju status --format json``.

    Args:
        store: a connection.
        executing: the unit and hook that run now.
        busy: whether units may have hooks to run; then none is called idle.
    """
    rows = store.all("SELECT * FROM application ORDER BY name")
    return {
        "model": {
            "name": applications.fact(store, "name"),
            "type": "caas",
            "controller": "sandbox",
            "cloud": "laptop",
            "version": JUJU_VERSION,
            "model-status": {"current": "available", "since": applications.fact(store, "since")},
            "sla": "unsupported",
        },
        "machines": {},
        "applications": {row["name"]: _application(store, row, executing, busy) for row in rows},
        "storage": _storage(store),
        "controller": {"timestamp": now()},
    }


def _application(store: Store, row: Row, executing: tuple[str, str] | None, busy: bool) -> Tree:
    units = {
        unit["name"]: _unit(store, unit, row, executing, busy) for unit in applications.units_of(store, row["name"])
    }
    shown: Tree = {
        "charm": row["charm"] if row["actor"] else f"local:{row['charm']}-{row['revision']}",
        "base": {"name": "ubuntu", "channel": "24.04"},
        "charm-origin": "charmhub" if row["actor"] else "local",
        "charm-name": row["charm"],
        "charm-rev": row["revision"],
        "scale": len(units),
        "exposed": False,
        "application-status": _application_status(store, row["name"], units),
        "relations": _related(store, row["name"]),
    }
    if row["life"] != "alive":
        shown["life"] = row["life"]
    if row["version"]:
        shown["version"] = row["version"]
    return shown | ({"units": units} if units else {})


def _application_status(store: Store, name: str, units: dict[str, Tree]) -> Tree:
    said = store.first("SELECT * FROM status WHERE entity = ?", name)
    if said and said["status"] != "unknown":
        return _said(said)
    candidates = [unit["workload-status"] for unit in units.values()]
    unknown = {"current": "unknown", "since": now()}
    return min(candidates, key=lambda found: GRAVITY.index(found["current"]), default=unknown)


def _said(row: Row) -> Tree:
    message = {"message": row["message"]} if row["message"] else {}
    return {"current": row["status"], **message, "since": row["since"]}


def _unit(store: Store, unit: Row, application: Row, executing: tuple[str, str] | None, busy: bool) -> Tree:
    said = store.first("SELECT * FROM status WHERE entity = ?", unit["name"])
    shown: Tree = {
        "workload-status": _said(said) if said else {"current": "unknown", "since": now()},
        "juju-status": {"current": "idle", "since": said["since"] if said else now(), "version": JUJU_VERSION},
    }
    if executing and executing[0] == unit["name"]:
        shown["juju-status"] |= {"current": "executing", "message": f"running {executing[1]} hook"}
    elif not application["actor"] and not unit["started"]:
        shown["juju-status"] |= {"current": "allocating"}
    elif not application["actor"] and busy:
        shown["juju-status"] |= {"current": "executing"}
    if unit["failure"]:
        hook = json.loads(json.loads(unit["failure"])["hook"])["name"]
        shown["workload-status"] |= {"current": "error", "message": f'hook failed: "{hook}"'}
    if application["leader"] == unit["name"]:
        shown["leader"] = True
    ports = store.column("SELECT port FROM port WHERE unit = ? ORDER BY port", unit["name"])
    if ports:
        shown["open-ports"] = ports
    return shown | {"address": unit["address"], "provider-id": unit["name"].replace("/", "-")}


def _related(store: Store, application: str) -> dict[str, list[Tree]]:
    found: dict[str, list[Tree]] = {}
    rows = store.all(
        "SELECT e.*, r.interface FROM endpoint AS e JOIN relation AS r ON r.id = e.relation"
        " WHERE e.application = ? ORDER BY e.name, r.id",
        application,
    )
    for row in rows:
        remote = relations.other_end(store, row["relation"], application)["application"]
        found.setdefault(row["name"], []).append(
            {"related-application": remote, "interface": row["interface"], "scope": "global"}
        )
    return found


def integrations(store: Store) -> list[Tree]:
    """The relations as ``juju status --relations`` lists them: provider, requirer, interface, type."""
    found: list[Tree] = []
    for row in store.all("SELECT * FROM relation ORDER BY id"):
        ends = store.all("SELECT * FROM endpoint WHERE relation = ? ORDER BY role", row["id"])
        names = [f"{end['application']}:{end['name']}" for end in ends]
        kind = "peer" if len(names) == 1 else "regular"
        message = "" if row["life"] == "alive" else "leaving"
        entry = {"id": row["id"], "provider": names[0], "requirer": names[-1], "interface": row["interface"]}
        found.append(entry | {"type": kind, "message": message})
    return found


def _storage(store: Store) -> Tree:
    volumes: Tree = {}
    for row in store.all("SELECT * FROM storage ORDER BY id"):
        state = {0: "pending", 1: "attached", 2: "detached"}[row["attached"]]
        volumes[row["id"]] = {
            "kind": "filesystem",
            "life": "alive",
            "status": {"current": state, "since": applications.fact(store, "since")},
            "persistent": True,
            "attachments": {"units": {row["unit"]: {"life": "alive"}}},
        }
    return {"storage": volumes} if volumes else {}


def show_unit(store: Store, name: str, *, only_app: bool = False, only_endpoint: str | None = None) -> Tree:
    """A unit in the shape of ``juju show-unit``: every relation with the databags that the unit may see."""
    unit = applications.get_unit(store, name)
    application = applications.get(store, unit["application"])
    shown: Tree = {
        "opened-ports": store.column("SELECT port FROM port WHERE unit = ? ORDER BY port", name),
        "charm": f"local:{application['charm']}-{application['revision']}",
        "leader": application["leader"] == unit["name"],
        "life": unit["life"],
        "relation-info": [],
        "provider-id": unit["name"].replace("/", "-"),
        "address": unit["address"],
    }
    rows = store.all("SELECT * FROM endpoint WHERE application = ? ORDER BY relation", unit["application"])
    for row in rows:
        if only_endpoint in (None, row["name"]):
            shown["relation-info"].append(_relation_info(store, unit, row, only_app))
    return {unit["name"]: shown}


def _relation_info(store: Store, unit: Row, end: Row, only_app: bool) -> Tree:
    relation = end["relation"]
    other = relations.other_end(store, relation, unit["application"])
    shown: Tree = {
        "relation-id": relation,
        "endpoint": end["name"],
        "related-endpoint": other["name"],
        "application-data": relations.read(store, relation, other["application"]),
    }
    if only_app:
        return shown
    in_scope = store.value("SELECT 1 FROM scope WHERE relation = ? AND unit = ?", relation, unit["name"])
    shown["local-unit"] = {"in-scope": bool(in_scope), "data": relations.read(store, relation, unit["name"])}
    shown["related-units"] = {
        member: {"in-scope": True, "data": relations.read(store, relation, member)}
        for member in relation_events.members(store, relation, unit["name"])
    }
    return shown

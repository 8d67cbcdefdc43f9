"""What the command line can ask of a running sandbox, one method a command."""

import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from juju_sandbox import action_parameters, applications, options, relations, report, vault
from juju_sandbox.actors.cast import CAST
from juju_sandbox.charm_files import CharmFiles
from juju_sandbox.controller import Controller, duration
from juju_sandbox.failures import SandboxError, ToolError
from juju_sandbox.moments import now
from juju_sandbox.places import REPOSITORY
from juju_sandbox.secret_content import decode
from juju_sandbox.store import Row, Store

Tree = dict[str, Any]


class Commands:
    """Writing commands run in the model's thread; the methods below are called there."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller

    @property
    def _store(self) -> Store:
        return self._controller.store

    def deploy(
        self,
        charm: str,
        application: str | None = None,
        units: int = 1,
        config: Mapping[str, str] | None = None,
        resources: Mapping[str, str] | None = None,
        trust: bool = False,
    ) -> Tree:
        """Deploys a charm's folder or archive, our own charm by its name, or an actor by its charm's name."""
        if charm in CAST:
            return self._deploy_actor(charm, application or charm, config or {})
        source = self._source(charm)
        name = application or (CharmFiles.load(source).name if source.is_dir() else source.stem.partition("_")[0])
        made = applications.deploy_charm(self._store, self._controller.places, name, source, trust=trust)
        options.change(self._store, name, made.options, config or {}, [])
        applications.attach_resources(self._store, name, resources or {}, made.resources)
        for _ in range(units):
            applications.add_unit(self._store, name, made.storage)
        return {"application": name, "charm": made.name, "revision": applications.get(self._store, name)["revision"]}

    def _source(self, charm: str) -> Path:
        if charm.startswith("/"):
            return Path(charm)
        if charm == CharmFiles.load(REPOSITORY).name:
            return REPOSITORY
        known = ", ".join(sorted([*CAST, CharmFiles.load(REPOSITORY).name]))
        raise SandboxError(f'charm "{charm}" is unknown here; give a folder such as ./, or one of: {known}')

    def _deploy_actor(self, charm: str, name: str, config: Mapping[str, str]) -> Tree:
        if self._store.value("SELECT 1 FROM application WHERE name = ?", name):
            raise SandboxError(f'cannot add application "{name}": application already exists')
        applications.deploy_actor(self._store, name, charm)
        options.change(self._store, name, CAST[charm].options, config, [])
        applications.add_unit(self._store, name)
        return {"application": name, "charm": charm, "revision": 0}

    def refresh(
        self,
        application: str,
        path: str | None = None,
        resources: Mapping[str, str] | None = None,
        config: Mapping[str, str] | None = None,
        trust: bool | None = None,
    ) -> Tree:
        row = self._charm_application(application)
        source = self._source(path) if path else Path(row["source"])
        made = applications.refresh(self._store, self._controller.places, application, source)
        applications.attach_resources(self._store, application, resources or {}, made.resources)
        options.change(self._store, application, made.options, config or {}, [])
        if trust is not None:
            self.trust(application, trust)
        self._store.run("UPDATE unit SET failure = NULL WHERE application = ?", application)
        return {"revision": applications.get(self._store, application)["revision"]}

    def _charm_application(self, name: str) -> Row:
        row = applications.get(self._store, name)
        if row["actor"]:
            raise SandboxError(f'"{name}" is played by the sandbox; that cannot be changed')
        return row

    def scale(self, application: str, units: int | None = None, change: int = 0) -> Tree:
        """Adds units, or lets those of the highest numbers go."""
        self._charm_application(application)
        alive = [row for row in applications.units_of(self._store, application) if row["life"] == "alive"]
        wanted = units if units is not None else len(alive) + change
        if wanted < 0:
            raise SandboxError(f'"{application}" has {len(alive)} units; cannot remove {-change}')
        storage = applications.files_of(self._store, application).storage
        for _ in range(wanted - len(alive)):
            applications.add_unit(self._store, application, storage)
        leaving = alive[wanted:]
        for row in leaving:
            self._store.run("UPDATE unit SET life = 'dying', failure = NULL WHERE name = ?", row["name"])
        if any(row["name"] == applications.get(self._store, application)["leader"] for row in leaving):
            applications.elect(self._store, application)
        return {"scale": wanted, "removed": [row["name"] for row in leaving]}

    def remove_application(self, application: str) -> Tree:
        applications.get(self._store, application)
        self._store.run("UPDATE application SET life = 'dying' WHERE name = ?", application)
        self._store.run("UPDATE unit SET life = 'dying', failure = NULL WHERE application = ?", application)
        for relation in self._store.column("SELECT relation FROM endpoint WHERE application = ?", application):
            self._dying(relation)
        applications.bury_application(self._store, application)
        return {}

    def config(self, application: str) -> Tree:
        """All options with their values, as ``juju config APP`` shows them."""
        known, values = self._options(application), options.given(self._store, application)
        settings: Tree = {}
        for key, body in sorted(known.items()):
            value = values.get(key, body.get("default"))
            source = "user" if key in values else "default" if value is not None else "unset"
            settings[key] = {"description": body.get("description", ""), "source": source, "type": body.get("type")}
            settings[key] |= {"value": value} if value is not None else {}
            settings[key] |= {"default": body["default"]} if body.get("default") is not None else {}
        row = applications.get(self._store, application)
        return {"application": application, "charm": row["charm"], "settings": settings}

    def _options(self, application: str) -> Mapping[str, Mapping[str, Any]]:
        row = applications.get(self._store, application)
        return CAST[row["charm"]].options if row["actor"] else applications.files_of(self._store, application).options

    def set_config(self, application: str, values: Mapping[str, str], reset: list[str]) -> None:
        options.change(self._store, application, self._options(application), values, reset)

    def integrate(self, one: str, two: str) -> Tree:
        left, right = relations.split(one), relations.split(two)
        deployed = [name for name, _ in (left, right) if self._ensure_actor(name)]
        ends = relations.match(
            (left[0], self._controller.stage.endpoints(left[0])),
            (right[0], self._controller.stage.endpoints(right[0])),
            (left[1], right[1]),
        )
        relations.add(self._store, (left[0], ends[0]), (right[0], ends[1]))
        return {"deployed": deployed}

    def _ensure_actor(self, name: str) -> bool:
        """An application that the sandbox plays needs no `deploy` before it is integrated."""
        if name not in CAST or self._store.value("SELECT 1 FROM application WHERE name = ?", name):
            return False
        self._deploy_actor(name, name, {})
        return True

    def remove_relation(self, one: str, two: str | None = None) -> None:
        if two is None:
            if not one.isdecimal():
                raise SandboxError("name both ends of the relation, or give its number")
            found = self._store.value("SELECT id FROM relation WHERE id = ? AND life = 'alive'", int(one))
        else:
            for name in (relations.split(one)[0], relations.split(two)[0]):
                applications.get(self._store, name)
            found = relations.find(self._store, relations.split(one), relations.split(two))
        if found is None:
            raise SandboxError(f'relation "{one}{f" {two}" if two else ""}" not found')
        if self._store.value("SELECT count(*) FROM endpoint WHERE relation = ?", found) == 1:
            raise SandboxError("a peer relation cannot be removed")
        self._dying(found)

    def _dying(self, relation: int) -> None:
        self._store.run("UPDATE relation SET life = 'dying' WHERE id = ?", relation)
        relations.bury_if_empty(self._store, relation)

    def run(self, units: list[str], action: str, parameters: Mapping[str, Any]) -> Tree:
        """Enqueues an action on each unit; one operation, one task a unit."""
        rows = [applications.get_unit(self._store, name) for name in units]
        prepared = [(row, self._parameters(row, action, parameters)) for row in rows]
        number = (self._store.value("SELECT max(max(id), max(operation)) FROM task") or 0) + 1
        tasks: Tree = {}
        for index, (row, whole) in enumerate(prepared, number + 1):
            self._store.run(
                "INSERT INTO task (id, operation, unit, action, parameters, enqueued) VALUES (?, ?, ?, ?, ?, ?)",
                *(index, number, row["name"], action, json.dumps(whole), now()),
            )
            tasks[str(index)] = row["name"]
        return {"operation": str(number), "tasks": tasks}

    def _parameters(self, unit: Row, action: str, given: Mapping[str, Any]) -> dict[str, Any]:
        declared = self.actions(unit["application"])
        if action not in declared:
            raise SandboxError(
                f'action "{action}" not defined on unit "{unit["name"]}";'
                f" defined: {', '.join(sorted(declared)) or 'none'}"
            )
        return action_parameters.check(declared[action], given)

    def actions(self, application: str) -> Mapping[str, Mapping[str, Any]]:
        row = applications.get(self._store, application)
        return CAST[row["charm"]].actions if row["actor"] else applications.files_of(self._store, application).actions

    def add_secret(self, name: str, content: Mapping[str, str], info: str = "") -> str:
        return "secret:" + vault.create(self._store, "model", self._content(content), label=name, description=info)

    def _content(self, pairs: Mapping[str, str]) -> dict[str, str]:
        if not pairs:
            raise SandboxError("missing secret value or filename")
        return decode(pairs)

    def _user_secret(self, name: str) -> Row:
        row = self._store.first(
            "SELECT * FROM secret WHERE owner = 'model' AND (label = ? OR id = ?)", name, vault.bare(name)
        )
        if row is None:
            raise SandboxError(f'secret "{name}" not found')
        return row

    def update_secret(
        self, name: str, content: Mapping[str, str], info: str = "", new_name: str = "", auto_prune: bool = False
    ) -> None:
        row = self._user_secret(name)
        if content:
            vault.update(self._store, row["id"], self._content(content))
        changes = {"description": info, "label": new_name, "auto_prune": int(auto_prune) or ""}
        for column, value in changes.items():
            if value:
                self._store.run(f"UPDATE secret SET {column} = ? WHERE id = ?", value, row["id"])  # noqa: S608

    def remove_secret(self, name: str, revision: int | None = None) -> None:
        vault.remove(self._store, self._user_secret(name)["id"], revision)

    def grant_secret(self, name: str, apps: list[str], revoke: bool = False) -> None:
        row = self._user_secret(name)
        for application in apps:
            applications.get(self._store, application)
            (vault.revoke if revoke else vault.grant)(self._store, row["id"], application)

    def show_secret(self, name: str, reveal: bool = False, revision: int | None = None) -> Tree:
        row = self._store.first("SELECT * FROM secret WHERE label = ? OR id = ?", name, vault.bare(name))
        if row is None:
            raise SandboxError(f'secret "{name}" not found')
        latest = vault.latest_revision(self._store, row["id"])
        shown = self._secret_summary(row)
        if reveal:
            content = vault.read(self._store, row["id"], revision or latest)
            if content is None:
                raise SandboxError(f'secret "{name}" has no revision {revision}')
            shown[row["id"]]["content"] = content
        return shown

    def secrets(self) -> Tree:
        found: Tree = {}
        for row in self._store.all("SELECT * FROM secret ORDER BY id"):
            found |= self._secret_summary(row)
        return found

    def _secret_summary(self, row: Row) -> Tree:
        owner = "<model>" if row["owner"] == "model" else row["owner"].partition(":")[2]
        shown: Tree = {"revision": vault.latest_revision(self._store, row["id"]), "owner": owner}
        if row["rotate"] != "never":
            shown["rotation"] = row["rotate"]
        if row["description"]:
            shown["description"] = row["description"]
        shown |= {"name" if row["owner"] == "model" else "label": row["label"]} if row["label"] else {}
        return {row["id"]: shown | {"created": row["created"], "updated": row["updated"]}}

    def resolved(self, unit: str, retry: bool = True) -> None:
        row = applications.get_unit(self._store, unit)
        if not row["failure"]:
            raise SandboxError(f'unit "{row["name"]}" is not in an error state')
        if retry:
            note = json.loads(row["failure"]) | {"next": 0}
            self._store.run("UPDATE unit SET failure = ? WHERE name = ?", json.dumps(note), row["name"])
        else:
            self._controller.skip_failed(row)

    def trust(self, application: str, trusted: bool = True) -> None:
        self._charm_application(application)
        self._store.run("UPDATE application SET trust = ? WHERE name = ?", trusted, application)

    def model_config(self, values: Mapping[str, str] | None = None) -> Tree:
        known = ("update-status-hook-interval", "automatically-retry-hooks")
        for key, value in (values or {}).items():
            if key not in known:
                raise SandboxError(f'a sandbox knows the model options {" and ".join(known)}, not "{key}"')
            if key == known[0]:
                duration(value)
            elif value not in ("true", "false"):
                raise SandboxError(f"{key} is true or false")
            self._store.run("INSERT OR REPLACE INTO fact VALUES (?, ?)", key, value)
            self._controller.restart_update_timer()
        return {key: applications.fact(self._store, key) for key in known}

    def elect(self, unit: str) -> None:
        row = applications.get_unit(self._store, unit)
        if row["life"] != "alive":
            raise SandboxError(f'unit "{unit}" is leaving')
        applications.elect(self._store, row["application"], row["name"])

    def kill_container(self, unit: str, container: str | None = None) -> None:
        row = applications.get_unit(self._store, unit)
        self._charm_application(row["application"])
        known = list(applications.files_of(self._store, row["application"]).containers)
        chosen = container or next(iter(known), "")
        if chosen not in known:
            raise SandboxError(f'unit "{unit}" has the containers: {", ".join(known) or "none"}')
        self._controller.landlord.kill(row["name"], chosen)

    def update_status(self, unit: str) -> None:
        name = applications.get_unit(self._store, unit)["name"]
        self._store.run("UPDATE unit SET update_due = 1 WHERE name = ?", name)

    def stop(self) -> None:
        self._controller.stop()

    def destroy(self) -> None:
        self._controller.destroy_at_end = True
        self._controller.stop()


class Questions:
    """Reading commands; each has a connection of its own and sees what was last committed."""

    def __init__(self, controller: Controller) -> None:
        self._controller = controller

    def _reader(self) -> Store:
        return Store(self._controller.places.database, read_only=True)

    def status(self) -> Tree:
        store = self._reader()
        try:
            executing, busy = self._controller.executing, not self._controller.settled
            return report.status(store, executing, busy=busy) | {"integrations": report.integrations(store)}
        finally:
            store.close()

    def show_unit(self, unit: str, only_app: bool = False, endpoint: str | None = None) -> Tree:
        store = self._reader()
        try:
            return report.show_unit(store, unit, only_app=only_app, only_endpoint=endpoint)
        finally:
            store.close()

    def tasks(self, ids: list[str]) -> list[Tree]:
        store = self._reader()
        try:
            rows = [store.first("SELECT * FROM task WHERE id = ?", int(number)) for number in ids if number.isdecimal()]
            return [_task(row) for row in rows if row]
        finally:
            store.close()

    def operations(self) -> list[Tree]:
        store = self._reader()
        try:
            return [_task(row) for row in store.all("SELECT * FROM task ORDER BY id")]
        finally:
            store.close()

    def wait(self, ids: list[str], seconds: float) -> list[Tree]:
        """The tasks once all have ended, or as they are when the time is up."""
        deadline = time.monotonic() + seconds
        while True:
            found = self.tasks(ids)
            left = deadline - time.monotonic()
            if left <= 0 or all(task["status"] in ("completed", "failed", "cancelled") for task in found):
                return found
            with self._controller.changed:
                self._controller.changed.wait(min(left, 0.25))

    def log(self, after: int = 0, limit: int = 1000) -> list[Tree]:
        store = self._reader()
        try:
            rows = store.all("SELECT * FROM log WHERE id > ? ORDER BY id DESC LIMIT ?", after, limit)
            return [dict(row) for row in reversed(rows)]
        finally:
            store.close()

    def where(self) -> Tree:
        """Where the sandbox runs, how its units are kept apart, and what is wrong with the machine's ports."""
        isolated, folder = self._controller.landlord.isolated, str(self._controller.places.folder)
        complaints = [each for found in self._controller.complaints.values() for each in found]
        return {"process": os.getpid(), "folder": folder, "isolated": isolated, "complaints": complaints}


def _task(row: Row) -> Tree:
    return {
        "id": str(row["id"]),
        "operation": str(row["operation"]),
        "unit": row["unit"],
        "action": row["action"],
        "status": row["status"],
        "message": row["message"],
        "results": json.loads(row["results"]),
        "code": row["code"],
        "log": json.loads(row["log"]),
        "enqueued": row["enqueued"],
        "started": row["started"],
        "completed": row["completed"],
    }


__all__ = ["Commands", "Questions", "ToolError"]

"""Keeps the actors in step with the model."""

import json

from juju_sandbox import applications, relations
from juju_sandbox.actors.actor import Actor, World
from juju_sandbox.actors.cast import CAST
from juju_sandbox.agent import set_status
from juju_sandbox.charm_files import Endpoint
from juju_sandbox.failures import SandboxError
from juju_sandbox.moments import now
from juju_sandbox.store import Store


class Stage:
    """The actors that are deployed. All methods are called by the model's thread."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._actors: dict[str, Actor] = {}

    @property
    def _store(self) -> Store:
        return self._world.store

    def endpoints(self, application: str) -> dict[str, Endpoint]:
        """What an application can be related by, charm or actor."""
        row = applications.get(self._store, application)
        if row["actor"]:
            return dict(CAST[row["charm"]].endpoints)
        return dict(applications.files_of(self._store, application).endpoints)

    def settle(self) -> None:
        """Lets every actor answer the model's present state; its writes are one transaction."""
        for row in self._store.all("SELECT * FROM application WHERE actor = 1 ORDER BY name"):
            name = row["name"]
            actor = self._actors.setdefault(name, CAST[row["charm"]](self._world, name))
            if row["life"] == "alive":
                self._keep_scope(name)
                self._settle_one(actor)
                self._perform(actor)
            else:
                self._leave(name, actor)
        for name in set(self._actors) - set(self._store.column("SELECT name FROM application WHERE actor = 1")):
            self._actors.pop(name).remove()

    def _settle_one(self, actor: Actor) -> None:
        try:
            with self._store.transaction():
                status, message = actor.settle()
        except SandboxError as error:
            status, message = "error", str(error)
        for entity in (actor.name, actor.unit):
            set_status(self._store, entity, status, message)

    def _keep_scope(self, application: str) -> None:
        """An actor's units enter relations at once, and leave dying ones at once."""
        with self._store.transaction():
            for unit in applications.units_of(self._store, application):
                rows = self._store.all(
                    "SELECT r.id, r.life FROM endpoint AS e JOIN relation AS r ON r.id = e.relation"
                    " WHERE e.application = ?",
                    application,
                )
                for row in rows:
                    if row["life"] != "alive":
                        relations.leave(self._store, row["id"], unit["name"])
                    elif not self._store.value(
                        "SELECT 1 FROM scope WHERE (relation, unit) = (?, ?)", row["id"], unit["name"]
                    ):
                        relations.enter(self._store, row["id"], unit["name"], unit["address"])

    def _leave(self, name: str, actor: Actor) -> None:
        with self._store.transaction():
            for unit in applications.units_of(self._store, name):
                for relation in self._store.column("SELECT relation FROM scope WHERE unit = ?", unit["name"]):
                    relations.leave(self._store, relation, unit["name"])
                applications.bury_unit(self._store, unit["name"])
        actor.remove()
        self._actors.pop(name, None)

    def _perform(self, actor: Actor) -> None:
        """Runs the actions that wait for an actor's unit."""
        for task in self._store.all("SELECT * FROM task WHERE unit = ? AND status = 'pending'", actor.unit):
            started, status, message, results = now(), "completed", "", dict[str, str]()
            try:
                with self._store.transaction():
                    results = actor.perform(task["action"], json.loads(task["parameters"]))
            except SandboxError as error:
                status, message = "failed", str(error)
            self._store.run(
                "UPDATE task SET status = ?, message = ?, results = ?, started = ?, completed = ? WHERE id = ?",
                *(status, message, json.dumps(results), started, now(), task["id"]),
            )

    def close(self) -> None:
        for actor in self._actors.values():
            actor.stop()

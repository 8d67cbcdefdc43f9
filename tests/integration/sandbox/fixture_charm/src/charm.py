#!/usr/bin/env python3
"""A charm that touches everything the sandbox plays: files, services, checks, peers, secrets, actions."""

import json
import urllib.request
from pathlib import Path

import ops

LAYER: ops.pebble.LayerDict = {
    "services": {
        "server": {"override": "replace", "command": "fixture-server /etc/fixture/config.json", "startup": "enabled"}
    },
    "checks": {
        "alive": {
            "override": "replace",
            "http": {"url": "http://localhost:4433/health"},
            "period": "300ms",
            "timeout": "250ms",
            "threshold": 2,
        }
    },
}


class Fixture(ops.CharmBase):
    """Writes its events to its unit's databag of the peer relation, so that the tests can read them."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        self.container = self.unit.get_container("work")
        for event in (self.on.work_pebble_ready, self.on.config_changed, self.on.leader_elected):
            framework.observe(event, self.reconcile)
        framework.observe(self.on.work_pebble_check_failed, self.note)
        framework.observe(self.on.work_pebble_check_recovered, self.note)
        framework.observe(self.on.secret_changed, self.note)
        framework.observe(self.on.stop, self.note)
        framework.observe(self.on.database_relation_created, self.ask_database)
        framework.observe(self.on.database_relation_changed, self.note)
        framework.observe(self.on.database_relation_broken, self.note)
        for name in ("ask", "sick", "fail", "read_secret", "look"):
            framework.observe(self.on[name].action, getattr(self, name))
        framework.observe(self.on.collect_unit_status, self.collect_status)

    def collect_status(self, event: ops.CollectStatusEvent) -> None:
        event.add_status(ops.ActiveStatus("well"))

    def note(self, event: ops.EventBase) -> None:
        peers = self.model.get_relation("group")
        if peers:
            events = json.loads(peers.data[self.unit].get("events", "[]"))
            peers.data[self.unit]["events"] = json.dumps([*events, event.handle.kind])

    def reconcile(self, event: ops.EventBase) -> None:
        if self.config["crash"]:
            raise RuntimeError("asked to crash")
        peers = self.model.get_relation("group")
        if peers and self.unit.is_leader():
            peers.data[self.app]["leader"] = self.unit.name
        if not self.container.can_connect():
            return
        content = json.dumps({"greeting": self.config["greeting"], "unit": self.unit.name})
        path = "/etc/fixture/config.json"
        old = self.container.pull(path).read() if self.container.exists(path) else ""
        self.container.push(path, content, make_dirs=True)
        self.container.add_layer("fixture", LAYER, combine=True)
        self.container.replan()
        if old not in ("", content):
            self.container.restart("server")
        self.unit.set_ports(4433)
        version, _ = self.container.exec(["fixture-server", "version"]).wait_output()
        self.unit.set_workload_version(version.strip())
        self.note(event)

    def ask(self, event: ops.ActionEvent) -> None:
        with urllib.request.urlopen("http://127.0.0.1:4433/") as answer:
            event.set_results({"answer": json.load(answer)})

    def sick(self, event: ops.ActionEvent) -> None:
        if event.params["value"]:
            self.container.push("/srv/data/sick", "x")
        else:
            self.container.remove_path("/srv/data/sick")

    def fail(self, event: ops.ActionEvent) -> None:
        event.log("trying")
        event.set_results({"tried": "once"})
        event.fail("it did not work")

    def read_secret(self, event: ops.ActionEvent) -> None:
        secret = self.model.get_secret(id=event.params["id"])
        event.set_results(secret.get_content())

    def look(self, event: ops.ActionEvent) -> None:
        storage = self.model.storages["data"][0].location
        event.set_results(
            {
                "planned": self.app.planned_units(),
                "pulled": self.container.pull("/etc/fixture/config.json").read(),
                "listed": ",".join(sorted(info.path for info in self.container.list_files("/etc/fixture"))),
                "storage-files": ",".join(sorted(path.name for path in Path(storage).iterdir())),
                "address": str(self.model.get_binding("group").network.bind_address),
                "plan": self.container.get_plan().checks["alive"].http["url"],
                "own-etc": str(Path("/etc/fixture").exists()),
            }
        )

    def ask_database(self, event: ops.RelationCreatedEvent) -> None:
        if self.unit.is_leader():
            event.relation.data[self.app]["database"] = "fixture"


if __name__ == "__main__":
    ops.main(Fixture)

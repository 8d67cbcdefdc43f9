#!/usr/bin/env python3
"""What Canonical's charm writes into its databags and secrets; it runs no server."""

import ops


class Former(ops.CharmBase):
    """Asks for a database as a superuser, and says that it migrated it."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        framework.observe(self.on.leader_elected, self._on_leader_elected)
        framework.observe(self.on.pg_database_relation_created, self._on_database_created)
        framework.observe(self.on.pg_database_relation_changed, self._on_database_changed)
        framework.observe(self.on.collect_unit_status, self._on_collect_unit_status)

    def _on_leader_elected(self, _: ops.EventBase) -> None:
        self.app.add_secret({"cookiesecret": "0123456789abcdef0123456789abcdef"}, label="cookie_secret")

    def _on_database_created(self, event: ops.RelationCreatedEvent) -> None:
        asked = {"database": f"{self.model.name}_{self.app.name}", "extra-user-roles": "SUPERUSER"}
        event.relation.data[self.app].update({**asked, "provided-secrets": '["mtls-cert"]'})

    def _on_database_changed(self, event: ops.RelationChangedEvent) -> None:
        event.relation.data[self.unit]["data"] = "{}"
        if peers := self.model.get_relation("kratos-peers"):
            notes = {f"migration_version_{event.relation.id}": '"v26.2.0"', "leader": f'"{self.unit.name}"'}
            peers.data[self.app].update(notes)

    def _on_collect_unit_status(self, event: ops.CollectStatusEvent) -> None:
        event.add_status(ops.ActiveStatus())


if __name__ == "__main__":
    ops.main(Former)

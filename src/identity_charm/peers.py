"""What the units of the application tell each other."""

import json
from dataclasses import dataclass

import ops

ENDPOINT = "kratos-peers"
#: Canonical's charm spells it so; after a switch of charms nothing is migrated twice.
MIGRATION = "migration_version_"


@dataclass(frozen=True)
class Peers:
    """The peer relation, once Juju has made it."""

    relation: ops.Relation | None
    app: ops.Application
    unit: ops.Unit

    @classmethod
    def load(cls, charm: ops.CharmBase) -> "Peers":
        """The peer relation of this unit."""
        return cls(charm.model.get_relation(ENDPOINT), charm.app, charm.unit)

    @property
    def first_unit(self) -> bool:
        """Whether no other unit has a lower number."""
        others = self.relation.units if self.relation else set[ops.Unit]()
        return all(_number(self.unit) < _number(other) for other in others)

    @property
    def once_migrated(self) -> bool:
        """Whether this application ever kept its identities in PostgreSQL."""
        return bool(self.relation) and any(key.startswith(MIGRATION) for key in self.relation.data[self.app])

    def migrated_version(self, database_relation: int) -> str:
        """The version of the server that migrated the database of a relation, or nothing."""
        if not self.relation:
            return ""
        return json.loads(self.relation.data[self.app].get(_migration_key(database_relation), '""'))

    def record_migration(self, database_relation: int, version: str) -> None:
        """Tell all units that the database fits ``version``. Only the leader may, and only afterwards."""
        if self.relation:
            self.relation.data[self.app][_migration_key(database_relation)] = json.dumps(version)


def _migration_key(database_relation: int) -> str:
    return f"{MIGRATION}{database_relation}"


def _number(unit: ops.Unit) -> int:
    return int(unit.name.rpartition("/")[2])

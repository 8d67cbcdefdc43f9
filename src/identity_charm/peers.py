"""What the units of the application tell each other."""

import json
from dataclasses import dataclass
from typing import Any

import ops

from .relations import bags

ENDPOINT = "kratos-peers"
MIGRATION = "tables_version_"
#: That identities of tables set aside are not all ours yet.
TAKE_OVER = "take_over_"
#: What Canonical's charm notes of the tables that its server made. They are not ours.
FORMER_MIGRATION = "migration_version_"
#: What else it tells its units. Nobody reads it any more.
FORMER_NOTES = ("leader",)
LAST_GOOD = "last_good_"
#: That what the container may use is of our making.
LIMITED = "limited"
KEYS_REVISION = "keys_revision"


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

    @property
    def after_another_charm(self) -> bool:
        """Whether this application ran Canonical's charm before, with whatever relation."""
        return bool(self.relation) and any(key.startswith(FORMER_MIGRATION) for key in self.relation.data[self.app])

    def take_over_due(self, database_relation: int) -> bool:
        """Whether the database has identities of another server that are not all ours yet."""
        return bool(self.relation) and bool(self.relation.data[self.app].get(f"{TAKE_OVER}{database_relation}"))

    def set_take_over_due(self, database_relation: int, due: bool) -> None:
        """Remember that, or forget it. Only the leader may."""
        if self.relation:
            bags.write(self.relation, self.app, {f"{TAKE_OVER}{database_relation}": "due" if due else ""})

    def tidy(self) -> None:
        """Remove what the charm before this one told its units. Only the leader may."""
        if self.relation:
            bags.write(self.relation, self.app, dict.fromkeys(FORMER_NOTES, ""))

    def keys_known_to_all(self, revision: int) -> bool:
        """Whether every unit said that it runs with this revision of the keys."""
        if not self.relation:
            return True
        units = {self.unit, *self.relation.units}
        return all(self.relation.data[unit].get(KEYS_REVISION) == str(revision) for unit in units)

    def acknowledge_keys(self, revision: int) -> None:
        """Tell the leader that this unit runs with a revision of the keys."""
        if self.relation:
            bags.write(self.relation, self.unit, {KEYS_REVISION: str(revision)})

    def announce_keys(self, revision: int) -> None:
        """Wake the other units for a new revision of the keys. Only the leader may."""
        if self.relation:
            bags.write(self.relation, self.app, {KEYS_REVISION: str(revision)})

    def last_good(self, part: str) -> Any:
        """What the leader kept of a source; ``None`` before it did."""
        text = self.relation.data[self.app].get(f"{LAST_GOOD}{part}") if self.relation else None
        return json.loads(text) if text else None

    def keep_last_good(self, part: str, value: Any) -> None:
        """Keep what a source said, unless it said nothing. Only the leader may."""
        if self.relation and value is not None:
            bags.write(self.relation, self.app, {f"{LAST_GOOD}{part}": json.dumps(value, sort_keys=True)})

    @property
    def limited(self) -> bool:
        """Whether the leader has set what the workload container may use."""
        return bool(self.relation) and bool(self.relation.data[self.app].get(LIMITED))

    def set_limited(self, limited: bool) -> None:
        """Remember that, or forget it. Only the leader may."""
        if self.relation:
            bags.write(self.relation, self.app, {LIMITED: "yes" if limited else ""})

    def record_migration(self, database_relation: int, version: str) -> None:
        """Tell all units that the database fits ``version``. Only the leader may, and only afterwards."""
        if self.relation:
            self.relation.data[self.app][_migration_key(database_relation)] = json.dumps(version)


def _migration_key(database_relation: int) -> str:
    return f"{MIGRATION}{database_relation}"


def _number(unit: ops.Unit) -> int:
    return int(unit.name.rpartition("/")[2])

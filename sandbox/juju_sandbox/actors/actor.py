"""What an actor is: a function of the model, called again after every change, that writes its side of the relations."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from juju_sandbox import applications, options, relations, vault
from juju_sandbox.charm_files import Endpoint
from juju_sandbox.places import Places
from juju_sandbox.services import Services
from juju_sandbox.store import Row, Store


@dataclass
class World:
    """What actors work on."""

    store: Store
    places: Places
    services: Services
    #: Ports of the machine's loopback that units may reach, by the application that listens there.
    ports: dict[str, set[int]] = field(default_factory=dict[str, set[int]])


def provides(*pairs: tuple[str, str]) -> dict[str, Endpoint]:
    return {name: Endpoint(name, interface, "provides") for name, interface in pairs}


def requires(*pairs: tuple[str, str]) -> dict[str, Endpoint]:
    return {name: Endpoint(name, interface, "requires") for name, interface in pairs}


class Actor:
    """One application that is not a charm of ours."""

    charm: ClassVar[str]
    summary: ClassVar[str]
    endpoints: ClassVar[Mapping[str, Endpoint]]
    options: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    actions: ClassVar[Mapping[str, Mapping[str, Any]]] = {}

    def __init__(self, world: World, name: str) -> None:
        self.world, self.name = world, name

    @property
    def store(self) -> Store:
        return self.world.store

    @property
    def unit(self) -> str:
        return f"{self.name}/0"

    @property
    def config(self) -> dict[str, Any]:
        return options.effective(self.store, self.name, self.options)

    def settle(self) -> tuple[str, str]:
        """Brings services and databags up to date; returns the status and its message."""
        for row in self.relations():
            self.settle_relation(row)
        return "active", ""

    def settle_relation(self, row: Row) -> None:
        """Writes this side of one living relation; a side with nothing to say writes nothing."""

    def perform(self, action: str, parameters: Mapping[str, Any]) -> dict[str, str]:
        """Runs one of `actions`; returns its results.

        Raises:
            SandboxError: It failed.
        """
        raise NotImplementedError(action)

    def stop(self) -> None:
        """Ends the application's programs."""

    def remove(self) -> None:
        """Ends the programs and drops their data."""
        self.stop()

    def relations(self, endpoint: str | None = None) -> list[Row]:
        """Own ends of the living relations."""
        return self.store.all(
            "SELECT e.*, r.interface FROM endpoint AS e JOIN relation AS r ON r.id = e.relation"
            " WHERE e.application = ? AND r.life = 'alive' AND ? IN ('', e.name) ORDER BY e.relation",
            *(self.name, endpoint or ""),
        )

    def remote(self, row: Row) -> str:
        return relations.other_end(self.store, row["relation"], self.name)["application"]

    def remote_bag(self, row: Row) -> dict[str, str]:
        """The other application's databag."""
        return relations.read(self.store, row["relation"], self.remote(row))

    def own_bag(self, row: Row) -> dict[str, str]:
        """Our application's databag."""
        return relations.read(self.store, row["relation"], self.name)

    def remote_units(self, row: Row) -> dict[str, dict[str, str]]:
        """The other side's units that have joined, with their databags."""
        units = self.store.column(
            "SELECT unit FROM scope WHERE relation = ? AND unit LIKE ? ORDER BY unit",
            *(row["relation"], f"{self.remote(row)}/%"),
        )
        return {unit: relations.read(self.store, row["relation"], unit) for unit in units}

    def write(self, row: Row, values: Mapping[str, str]) -> None:
        """Merges values into our application's databag."""
        relations.write(self.store, row["relation"], self.name, values)

    def write_unit(self, row: Row, values: Mapping[str, str]) -> None:
        relations.write(self.store, row["relation"], self.unit, values)

    def publish(self, row: Row, values: Mapping[str, str]) -> None:
        """Makes our application's databag hold these values and nothing else."""
        old = dict.fromkeys(self.own_bag(row), "")
        self.write(row, old | dict(values))

    def secret(self, row: Row, label: str, content: Mapping[str, str]) -> str:
        """Keeps a secret of a relation up to date and granted; returns its URI."""
        owner, label = f"app:{self.name}", f"{label}.{row['relation']}"
        identifier = self.store.value("SELECT id FROM secret WHERE owner = ? AND label = ?", owner, label)
        if identifier:
            vault.update(self.store, identifier, content)
        else:
            identifier = vault.create(self.store, owner, content, label=label)
        vault.grant(self.store, identifier, self.remote(row), row["relation"])
        return f"secret:{identifier}"

    def secret_content(self, row: Row, label: str) -> dict[str, str]:
        """What a secret of a relation holds now; empty when there is none."""
        identifier = self.store.value(
            "SELECT id FROM secret WHERE owner = ? AND label = ?", f"app:{self.name}", f"{label}.{row['relation']}"
        )
        found = identifier and vault.read(self.store, identifier, vault.latest_revision(self.store, identifier))
        return found or {}

    def drop_secrets_of_gone_relations(self) -> None:
        """Removes secrets whose relation is no more."""
        alive = {str(row["relation"]) for row in self.relations()}
        rows = self.store.all("SELECT id, label FROM secret WHERE owner = ?", f"app:{self.name}")
        for row in rows:
            relation = row["label"].rpartition(".")[2]
            if relation.isdecimal() and relation not in alive:
                vault.remove(self.store, row["id"])

    def fact(self, key: str) -> str:
        return applications.fact(self.store, f"{self.name}.{key}")

    def set_fact(self, key: str, value: object) -> None:
        text = value if isinstance(value, str) else json.dumps(value)
        self.store.run("INSERT OR REPLACE INTO fact VALUES (?, ?)", f"{self.name}.{key}", text)

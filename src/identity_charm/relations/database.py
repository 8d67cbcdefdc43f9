"""``pg-database``: the contract of version 0 of ``postgresql_client``, which PostgreSQL charms speak today."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import ops

from identity_server import contract

from . import bags

ENDPOINT = "pg-database"
CA_FILE = "/etc/config/kratos/postgresql-ca.pem"
#: What Canonical's charm writes beside that: it asks for a superuser, and keeps its notes in the unit's bag.
FORMER_REQUESTS = ("extra-user-roles", "provided-secrets", "entity-type", "entity-permissions", "extra-group-roles")
FORMER_NOTES = ("data", "requested-secrets", "provided-secrets")
REQUESTED_SECRETS = ("username", "password", "tls", "tls-ca", "uris", "read-only-uris")


@dataclass(frozen=True)
class Database:
    """The related PostgreSQL. Without ``endpoint`` it is not ready yet; without ``relation_id`` there is none."""

    relation_id: int | None = None
    endpoint: str = ""
    name: str = ""
    username: str = ""
    password: str = field(default="", repr=False)
    tls: bool = False
    ca: str = ""

    @classmethod
    def load(cls, model: ops.Model) -> "Database":
        """Read the relation; the password always in its newest revision."""
        relation = bags.first(model, ENDPOINT)
        if relation is None:
            return cls()
        bag = bags.remote(relation)
        user = bags.secret(model, bag.get("secret-user", "")) or dict(bag)
        tls = bags.secret(model, bag.get("secret-tls", "")) or dict(bag)
        if not (bag.get("endpoints") and user.get("username") and user.get("password")) or not _subordinate_ready(
            relation
        ):
            return cls(relation.id)
        return cls(
            relation.id,
            endpoint=bag["endpoints"].split(",")[0].strip(),
            name=bag.get("database") or name_of(model),
            username=user["username"],
            password=user["password"],
            tls=tls.get("tls", "").lower() == "true",
            ca=tls.get("tls-ca", ""),
        )

    @property
    def related(self) -> bool:
        """Whether an operator asked for PostgreSQL."""
        return self.relation_id is not None

    @property
    def ready(self) -> bool:
        """Whether PostgreSQL gave us a user."""
        return bool(self.endpoint)

    @property
    def dsn(self) -> str:
        """The address with the credentials, each part escaped: a password may hold any character."""
        if not self.related:
            return f"sqlite://{contract.SQLITE_FILE}"
        login = f"{quote(self.username, safe='')}:{quote(self.password, safe='')}"
        query = f"?{urlencode(self._parameters(), safe='/')}" if self._parameters() else ""
        return f"postgres://{login}@{self.endpoint}/{quote(self.name, safe='')}{query}"

    @property
    def files(self) -> dict[str, str | None]:
        """The certificate that the DSN names; ``None`` where the file must go."""
        return {CA_FILE: self.ca if self.tls and self.ca else None}

    def settings(self) -> dict[str, Any]:
        """``dsn``."""
        return {"dsn": self.dsn}

    def _parameters(self) -> dict[str, str]:
        if not self.tls:
            return {}
        return {"sslmode": "verify-full", "sslrootcert": CA_FILE} if self.ca else {"sslmode": "require"}


def name_of(model: ops.Model) -> str:
    """The name of the database that we ask for."""
    return f"{model.name}_{model.app.name}"


def publish(model: ops.Model) -> None:
    """Ask for the database."""
    for relation in model.relations[ENDPOINT]:
        wanted = {"database": name_of(model), "requested-secrets": json.dumps(REQUESTED_SECRETS)}
        bags.write(relation, model.app, {**dict.fromkeys(FORMER_REQUESTS, ""), **wanted})


def tidy(model: ops.Model) -> None:
    """Remove from this unit's bags what the charm before this one kept there."""
    for relation in model.relations[ENDPOINT]:
        bags.write(relation, model.unit, dict.fromkeys(FORMER_NOTES, ""))


def _subordinate_ready(relation: ops.Relation) -> bool:
    if bags.remote(relation).get("subordinated") != "true":
        return True
    return any(relation.data[unit].get("state") == "ready" for unit in relation.units)

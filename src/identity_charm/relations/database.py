"""``pg-database``: the contract of version 0 of ``postgresql_client``, which PostgreSQL charms speak today."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import ops

from identity_server import contract

ENDPOINT = "pg-database"
CA_FILE = "/etc/config/kratos/postgresql-ca.pem"
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
        relations = model.relations[ENDPOINT]
        if not relations:
            return cls()
        relation = relations[0]
        bag = relation.data[relation.app] if relation.app else {}
        user = _secret(model, bag.get("secret-user", "")) or dict(bag)
        tls = _secret(model, bag.get("secret-tls", "")) or dict(bag)
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


def request(model: ops.Model) -> None:
    """Ask for the database. Only the leader may."""
    for relation in model.relations[ENDPOINT]:
        relation.data[model.app].update(
            {"database": name_of(model), "requested-secrets": json.dumps(REQUESTED_SECRETS)}
        )


def _secret(model: ops.Model, secret_id: str) -> dict[str, str]:
    if not secret_id:
        return {}
    try:
        return model.get_secret(id=secret_id).get_content(refresh=True)
    except (ops.SecretNotFoundError, ops.ModelError):
        # Not granted yet: relation-changed comes again with the grant.
        return {}


def _subordinate_ready(relation: ops.Relation) -> bool:
    if not relation.app or relation.data[relation.app].get("subordinated") != "true":
        return True
    return any(relation.data[unit].get("state") == "ready" for unit in relation.units)

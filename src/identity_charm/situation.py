"""All the charm can see at one moment, read once."""

from collections.abc import Callable
from dataclasses import dataclass

import ops

from .identity_schemas import IdentitySchemas, SchemaError
from .options import Options
from .peers import Peers
from .relations.database import Database
from .server_secrets import ServerSecrets

STORAGE = "data"


@dataclass(frozen=True)
class Problem:
    """A source that is there but cannot be used, and why."""

    text: str


@dataclass(frozen=True)
class Situation:
    """The sources of the configuration, and where this unit stands.

    Attributes:
        options: the operator's options, or what is wrong with them.
        schemas: the identity schemas, or what is wrong with them.
        version: of the server; empty while the container is not reachable.
    """

    leader: bool
    reachable: bool
    version: str
    peers: Peers
    options: Options | Problem
    schemas: IdentitySchemas | Problem
    database: Database
    keys: ServerSecrets | None
    storage: bool

    @classmethod
    def load(cls, charm: ops.CharmBase, *, reachable: bool, version: Callable[[], str]) -> "Situation":
        """Look around. ``version`` is only called when the container is reachable."""
        options = _options(charm)
        return cls(
            leader=charm.unit.is_leader(),
            reachable=reachable,
            version=version() if reachable else "",
            peers=Peers.load(charm),
            options=options,
            schemas=_schemas(options),
            database=Database.load(charm.model),
            keys=ServerSecrets.load(charm.model),
            storage=STORAGE in charm.meta.storages and bool(charm.model.storages[STORAGE]),
        )

    @property
    def embedded(self) -> bool:
        """Whether the server keeps its data in this unit."""
        return not self.database.related

    @property
    def migrated(self) -> bool:
        """Whether the database fits the server. The embedded one is migrated by the server when it starts."""
        if self.database.relation_id is None:
            return True
        return bool(self.version) and self.peers.migrated_version(self.database.relation_id) == self.version


def _options(charm: ops.CharmBase) -> Options | Problem:
    try:
        return charm.load_config(Options)
    except ValueError as refused:
        return Problem(str(refused))


def _schemas(options: Options | Problem) -> IdentitySchemas | Problem:
    if isinstance(options, Problem):
        return Problem("")
    try:
        return IdentitySchemas.load(options.identity_schemas, options.default_identity_schema_id)
    except SchemaError as refused:
        return Problem(str(refused))

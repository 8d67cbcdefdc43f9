"""All the charm can see at one moment, read once."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import ops

from . import strict_json
from .admin_keys import AdminKeyError, AdminKeys
from .administrator_roll import Roll
from .cluster import Cluster, ClusterError, NotTrusted, SharedMaps, not_trusted
from .database_contents import Contents
from .identity_schemas import IdentitySchemas, SchemaError
from .oidc_providers import Provider
from .options import Options
from .peers import Peers
from .related import Related
from .server_secrets import ServerSecrets
from .workload import NoAnswer

STORAGE = "data"
VERIFICATION_EMAIL = "verification-email-template"

T = TypeVar("T")


@dataclass(frozen=True)
class Problem:
    """A source that is there but cannot be used, and why. Without a text another source's problem says it."""

    text: str = ""


@dataclass(frozen=True)
class Usable:
    """What the configuration is made of, once all of it can be used."""

    options: Options
    schemas: IdentitySchemas
    providers: Sequence[Provider]
    admin_keys: AdminKeys
    keys: ServerSecrets
    related: Related
    verification_email: str

    def with_schemas(self, schemas: IdentitySchemas) -> "Usable":
        """As it would be with other schemas."""
        return replace(self, schemas=schemas)


@dataclass(frozen=True)
class Situation:
    """The sources of the configuration, and where this unit stands.

    Attributes:
        reachable: whether the container does what it is asked.
        version: of the server; empty while the container is not reachable or does not say.
        options: and the others: the value, or what is wrong with it.
        contents: of a database that is to be migrated; ``None`` where nobody has looked, because nothing is due here.
    """

    leader: bool
    reachable: bool
    version: str
    storage: bool
    peers: Peers
    related: Related
    keys: ServerSecrets | None
    options: Options | Problem
    maps: SharedMaps | Problem
    schemas: IdentitySchemas | Problem
    providers: Sequence[Provider] | Problem
    admin_keys: AdminKeys | Problem
    verification_email: str
    contents: Contents | None = None

    @classmethod
    def load(
        cls, charm: ops.CharmBase, cluster: Cluster, *, reachable: bool, version: Callable[[], str]
    ) -> "Situation":
        """Look around. ``version`` is only called when the container is reachable."""
        try:
            said = version() if reachable else ""
        except NoAnswer:
            reachable, said = False, ""
        options = _try(lambda: charm.load_config(Options), "Bad option: ")
        related = Related.load(charm.model)
        maps = _maps(cluster, charm.app.name)
        return cls(
            leader=charm.unit.is_leader(),
            reachable=reachable,
            version=said,
            storage=STORAGE in charm.meta.storages and bool(charm.model.storages[STORAGE]),
            peers=Peers.load(charm),
            related=related,
            keys=ServerSecrets.load(charm.model),
            options=options,
            maps=maps,
            schemas=_schemas(options, maps),
            providers=_providers(related, maps),
            admin_keys=_admin_keys(charm.model, options),
            verification_email=_resource(charm.model, options),
        )

    @property
    def administrators(self) -> Roll:
        """The list of the Admin UI's administrators."""
        return Roll(self.peers, self.leader)

    @property
    def embedded(self) -> bool:
        """Whether the server keeps its data in this unit."""
        return not self.related.database.related

    @property
    def migrated(self) -> bool:
        """Whether the database fits the server. The embedded one is migrated by the server when it starts."""
        database = self.related.database.relation_id
        if database is None:
            return True
        # An older server works on the tables of a newer one: changes are made so that it can.
        done = self.peers.migrated_version(database)
        return bool(done and self.version) and _numbers(done) >= _numbers(self.version)

    @property
    def migration_due(self) -> bool:
        """Whether this unit is the one to migrate the database, and could."""
        return self.leader and bool(self.version) and self.related.database.ready and not self.migrated

    def with_contents(self, contents: Contents) -> "Situation":
        """With what was found in the database."""
        return replace(self, contents=contents)

    @property
    def foreign(self) -> bool:
        """Whether the database holds the tables of another server, and none of ours."""
        return self.contents is not None and self.contents.foreign

    @property
    def take_over_due(self) -> bool:
        """Whether identities of another server lie in the database that are not all ours yet."""
        database = self.related.database.relation_id
        return database is not None and self.peers.take_over_due(database)

    @property
    def migration_allowed(self) -> bool:
        """Whether nobody has to be asked: the operator said so, or there is nothing in the database to lose."""
        if self.contents is None or self.contents.problem or self.contents.foreign:
            return False
        return self.contents.harmless or (isinstance(self.options, Options) and self.options.migrate_automatically)

    @property
    def problems(self) -> Sequence[str]:
        """What is wrong with the sources, one sentence each."""
        sources = (self.options, self.maps, self.schemas, self.providers, self.admin_keys)
        own = [source.text for source in sources if isinstance(source, Problem) and source.text]
        return [*own, *self.related.problems]

    @property
    def usable(self) -> Usable | None:
        """The sources, when each of them can be used."""
        options, schemas, providers, admin_keys, keys = (
            self.options,
            self.schemas,
            self.providers,
            self.admin_keys,
            self.keys,
        )
        if isinstance(options, Problem) or isinstance(schemas, Problem) or isinstance(admin_keys, Problem):
            return None
        if isinstance(providers, Problem) or keys is None or self.related.problems:
            return None
        return Usable(options, schemas, providers, admin_keys, keys, self.related, self.verification_email)


def _numbers(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)]


def _try(load: Callable[[], T], prefix: str) -> T | Problem:
    try:
        return load()
    except ValueError as refused:
        return Problem(f"{prefix}{refused}")


def _maps(cluster: Cluster, application: str) -> SharedMaps | Problem:
    try:
        return cluster.read()
    except NotTrusted:
        return Problem(not_trusted(application))
    except ClusterError as refused:
        return Problem(f"The ConfigMaps cannot be read: {refused}")


def _schemas(options: Options | Problem, maps: SharedMaps | Problem) -> IdentitySchemas | Problem:
    if isinstance(options, Problem) or isinstance(maps, Problem):
        return Problem()
    try:
        return IdentitySchemas.load(options.identity_schemas, options.default_identity_schema_id, maps.schemas)
    except SchemaError as refused:
        return Problem(f"Bad identity schemas: {refused}")


def _providers(related: Related, maps: SharedMaps | Problem) -> Sequence[Provider] | Problem:
    if isinstance(maps, Problem):
        return Problem()
    try:
        given = strict_json.parse(maps.providers.get("idps.json") or "[]")
        own = [Provider.parse(one) for one in (given if isinstance(given, list) else [given])]
    except ValueError as refused:
        return Problem(f"Bad providers of the Admin UI: {refused}")
    named: Mapping[str, Provider] = {one.id: one for one in (*own, *related.providers.providers)}
    return tuple(named.values())


def _admin_keys(model: ops.Model, options: Options | Problem) -> AdminKeys | Problem:
    if isinstance(options, Problem):
        return Problem()
    try:
        return AdminKeys.load(model, options.admin_api_keys)
    except AdminKeyError as refused:
        return Problem(f"Bad option: {refused}")


def _resource(model: ops.Model, options: Options | Problem) -> str:
    """The attached template of the verification mail; nothing when there is none, or nobody will get it."""
    if isinstance(options, Problem) or not options.enable_verification:
        return ""
    try:
        return model.resources.fetch(VERIFICATION_EMAIL).read_text(encoding="utf-8")
    except (ops.ModelError, NameError, OSError, UnicodeDecodeError):
        return ""

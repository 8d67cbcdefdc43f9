"""All the charm can see at one moment, read once."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import ops

from . import sources
from .admin_keys import AdminKeys
from .administrator_roll import Roll
from .cluster import Cluster, ClusterBusy, ClusterError, NotTrusted, SharedMaps, not_trusted
from .database_contents import Contents
from .identity_schemas import IdentitySchemas
from .last_good import LastGood
from .oidc_providers import Provider
from .options import Options
from .peers import Peers
from .related import Related
from .server_secrets import ServerSecrets
from .shared_providers import SharedProviders
from .sources import Sources
from .workload import NoAnswer

STORAGE = "data"
VERIFICATION_EMAIL = "verification-email-template"


@dataclass(frozen=True)
class Problem:
    """What is wrong with a source, in a sentence.

    Attributes:
        passes: whether it may be gone at the next look, without anybody doing anything.
    """

    text: str
    passes: bool = False


@dataclass(frozen=True)
class Usable:
    """What the configuration is made of."""

    options: Options
    schemas: IdentitySchemas
    providers: Sequence[Provider]
    admin_keys: AdminKeys
    keys: ServerSecrets
    related: Related
    verification_email: str

    @classmethod
    def of(cls, seen: "Situation", found: Sources, keys: ServerSecrets) -> "Usable":
        """Options and schemas with what else there is."""
        return cls(
            found.options, found.schemas, seen.providers, found.admin_keys, keys, seen.related, seen.verification_email
        )

    @property
    def tolerates_keyless(self) -> bool:
        """Whether callers need no key for the admin API while nobody has made one."""
        return self.related.info_wanted and self.options.keyless_admin_api != "never"

    def with_schemas(self, schemas: IdentitySchemas) -> "Usable":
        """As it would be with other schemas."""
        return replace(self, schemas=schemas)


@dataclass(frozen=True)
class Situation:
    """The sources of the configuration, and where this unit stands.

    Attributes:
        reachable: whether the container does what it is asked.
        version: of the server; empty while the container is not reachable or does not say.
        options: the operator's, even when they go with nothing else.
        sources: options and schemas that go together, the newest there are.
        maps: as the cluster has them, unless it does not say.
        providers: those of all origins that can be used.
        hindrance: what the server cannot do without.
        complaints: what is wrong besides. The server goes on with what there was before, or without.
        last_good: what to keep once the server takes all this.
        contents: of a database that is to be migrated; ``None`` where nobody has looked, because nothing is due here.
    """

    leader: bool
    reachable: bool
    version: str
    storage: bool
    peers: Peers
    related: Related
    keys: ServerSecrets | None
    options: Options | None
    sources: Sources | None
    maps: SharedMaps | None
    providers: Sequence[Provider]
    verification_email: str
    hindrance: Problem | None
    complaints: Sequence[Problem]
    last_good: LastGood
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
        related, peers = Related.load(charm.model), Peers.load(charm)
        last = LastGood.load(charm.model, peers)
        maps, unread = _maps(cluster, charm.app.name)
        found = sources.load(charm, maps.schemas.edited if maps else None, last)
        own = SharedProviders.load(maps.providers if maps else None, last.providers)
        wrong = [*unread, *([Problem(found.problem)] if found.problem else [])]
        return cls(
            leader=charm.unit.is_leader(),
            reachable=reachable,
            version=said,
            storage=STORAGE in charm.meta.storages and bool(charm.model.storages[STORAGE]),
            peers=peers,
            related=related,
            keys=ServerSecrets.load(charm.model),
            options=found.options,
            sources=found.sources,
            maps=maps,
            providers=_all_providers(own, related),
            verification_email=_resource(charm.model, found.options),
            hindrance=_hindrance(found.sources, wrong, related),
            complaints=[*wrong, *map(Problem, (*own.problems, *related.problems))],
            last_good=_worth_keeping(found.sources, maps, own, last),
        )

    @property
    def administrators(self) -> Roll:
        """The list of the Admin UI's administrators."""
        return Roll(self.peers, self.leader)

    @property
    def tolerates_keyless(self) -> bool:
        """Whether callers need no key for the admin API while nobody has made one.

        Where no source tells, the server may run with any of their former values: the worst is assumed.
        """
        allowed = self.sources is None or self.sources.options.keyless_admin_api != "never"
        return self.related.info_wanted and allowed

    @property
    def keyless(self) -> bool:
        """Whether callers need no key for the admin API."""
        return self.tolerates_keyless and not (self.sources and self.sources.admin_keys.keys)

    @property
    def admin_api_routed(self) -> bool:
        """Whether ``internal-route`` leads to the admin API: only who shows a key may come that way, unless allowed."""
        wanted = self.sources is not None and self.sources.options.keyless_admin_api == "route"
        return wanted or not self.keyless

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
        return self.contents.harmless or (self.options is not None and self.options.migrate_automatically)

    @property
    def usable(self) -> Usable | None:
        """What to make the configuration of, when there is all that the server cannot do without."""
        found, keys = self.sources, self.keys
        if found is None or keys is None or self.hindrance:
            return None
        return Usable.of(self, found, keys)


def _numbers(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)]


def _maps(cluster: Cluster, application: str) -> tuple[SharedMaps | None, Sequence[Problem]]:
    try:
        return cluster.read(), ()
    except NotTrusted:
        return None, [Problem(not_trusted(application))]
    except ClusterBusy as late:
        return None, [Problem(f"The ConfigMaps cannot be read: {late}; they are read again at the next event", True)]
    except ClusterError as refused:
        return None, [Problem(f"The ConfigMaps cannot be read: {refused}")]


def _hindrance(found: Sources | None, wrong: Sequence[Problem], related: Related) -> Problem | None:
    if found is None:
        return wrong[0]
    # A web hook may be there to refuse people: whoever leaves it out lets them in.
    return Problem(related.unasked[0]) if related.unasked else None


def _all_providers(own: SharedProviders, related: Related) -> Sequence[Provider]:
    """Of two with one id the integrator's counts."""
    return tuple({one.id: one for one in (*own.providers, *related.providers.providers)}.values())


def _worth_keeping(found: Sources | None, maps: SharedMaps | None, own: SharedProviders, last: LastGood) -> LastGood:
    """What is usable now; of what is not, what was usable before."""
    if found is None:
        return last
    if maps is None or not maps.complete:
        return replace(last, options=found.given)
    return LastGood(found.given, found.shared, last.providers if own.problems else own.given)


def _resource(model: ops.Model, options: Options | None) -> str:
    """The attached template of the verification mail; nothing when there is none, or nobody will get it."""
    if options is None or not options.enable_verification:
        return ""
    try:
        return model.resources.fetch(VERIFICATION_EMAIL).read_text(encoding="utf-8")
    except (ops.ModelError, NameError, OSError, UnicodeDecodeError):
        return ""

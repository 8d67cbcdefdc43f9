"""One way to the wanted state, taken at every event, from any state."""

import logging
from collections.abc import Iterator

import ops

from identity_server import contract

from . import (
    administrators,
    identity_schemas,
    lesser,
    map_watch,
    publishing,
    rendering,
    server_secrets,
    settings,
    sources,
    status,
    turns,
)
from .admin_client import AdminClient
from .cluster import Cluster, ClusterBusy, ClusterError, NotTrusted, SharedMaps
from .database_contents import Contents
from .last_good import LastGood
from .options import Options
from .relations import certificates, loki, tracing
from .relations.database import Database
from .situation import Situation, Usable
from .status import Failures
from .workload import CONTAINER, NoAnswer, Plan, Workload, WorkloadError

logger = logging.getLogger(__name__)

MIGRATION_SECONDS = 120.0

#: After any of these the world may look different.
OCCASIONS = (
    ops.ConfigChangedEvent,
    ops.LeaderElectedEvent,
    ops.PebbleCheckFailedEvent,
    ops.PebbleCheckRecoveredEvent,
    ops.PebbleReadyEvent,
    ops.RelationEvent,
    ops.SecretChangedEvent,
    ops.StartEvent,
    ops.StorageAttachedEvent,
    ops.UpdateStatusEvent,
    ops.UpgradeCharmEvent,
)


def occasions(charm: ops.CharmBase) -> Iterator[ops.framework.BoundEvent]:
    """The events of a charm at which it reconciles."""
    return (event for event in charm.on.events().values() if issubclass(event.event_type, OCCASIONS))


class Reconciler(ops.Object):
    """Looks around, then makes secrets, relations, cluster, database and container fit.

    Attributes:
        failures: what did not work in this dispatch.
    """

    _stored = ops.StoredState()

    def __init__(self, charm: ops.CharmBase) -> None:
        super().__init__(charm, "reconciler")
        self._charm = charm
        self._stored.set_default(version="", map_watch=0)
        self._seen: Situation | None = None
        self._contents: dict[int | None, Contents] = {}
        self.cluster = Cluster(charm.model.name, charm.app.name)
        self.workload = Workload(charm.unit.get_container(CONTAINER))
        self.failures = Failures()

    @property
    def seen(self) -> Situation:
        """The situation, read once and again after each change of ours."""
        if self._seen is None:
            reachable = self.workload.reachable
            seen = Situation.load(self._charm, self.cluster, reachable=reachable, version=self._version)
            self._seen = seen.with_contents(self._look_into(seen.related.database)) if seen.migration_due else seen
        return self._seen

    def look_again(self) -> None:
        """Something the situation was read from has changed."""
        self._seen = None

    def forget_version(self) -> None:
        """The image may be another one now: ask the server again."""
        self._stored.version = ""
        self._seen = None

    def run(self) -> None:
        """Bring everything into the state that the sources describe, as far as they go."""
        self.failures = Failures()
        if self.seen.leader and server_secrets.ensure(self._charm.model):
            self.look_again()
        self._share()
        self._watch_maps()
        publishing.publish(self._charm, self.seen, self.cluster)
        related = self.seen.related
        tracing.trace_the_charm(related.charm_tracing, "\n".join(related.certificates.pems))
        self._hand_on()
        if not self.seen.reachable:
            return
        try:
            self._work()
        except WorkloadError as refused:
            logger.warning("the container does not do what it is asked: %s", refused)
            self.failures.container = refused.reason

    def _work(self) -> None:
        """Make the container fit, and before that the database."""
        self.workload.be_checked()
        self._settle_administrators()
        self._forward_logs()
        if not status.clear(self.seen, status.WITHOUT_DATABASE):
            self.workload.stop()
        if not status.clear(self.seen, status.BEFORE_MIGRATION):
            return
        self._migrate_when_due()
        if status.clear(self.seen):
            self._apply()

    def migrate(self, timeout: float) -> str:
        """Migrate the related database and record that, in this order.

        Returns:
            What the server printed.

        Raises:
            WorkloadError: when it did not finish; nothing is recorded then.
        """
        seen, related = self.seen, self.seen.related.database
        self.workload.write(related.files)
        said = self.workload.migrate(related.dsn, timeout, set_aside=seen.foreign)
        if related.relation_id is not None:
            seen.peers.record_migration(related.relation_id, seen.version)
            if seen.contents and seen.contents.has_more:
                seen.peers.set_take_over_due(related.relation_id, True)
        self._contents.clear()
        self.look_again()
        return said

    def _settle_administrators(self) -> None:
        if self.workload.serving and self.seen.keys:
            admin = AdminClient(token=self.seen.keys.admin[0])
            administrators.settle(self.seen.related.openfga, self.seen.administrators, admin)

    def take_over(self, file: str, timeout: float) -> str:
        """Store the identities of tables that were set aside, such as are not stored yet, and record that.

        Args:
            file: where they stand meanwhile.
            timeout: seconds for each of its steps.

        Returns:
            What the server printed.

        Raises:
            NotRead: when they cannot be read; nothing is stored then.
            WorkloadError: when not all of them could be stored; those that could stay.
        """
        related = self.seen.related.database
        self.workload.export_others(file, timeout)
        said = self.workload.import_others(file, timeout)
        self.workload.note_taken_over(related.dsn)
        if related.relation_id is not None:
            self.seen.peers.set_take_over_due(related.relation_id, False)
        self.look_again()
        return said

    def _look_into(self, database: Database) -> Contents:
        """Asked once in an event: it takes the server a second."""
        key = database.relation_id
        if key not in self._contents:
            try:
                self.workload.write(database.files)
                self._contents[key] = self.workload.contents(database.dsn)
            except WorkloadError as refused:
                logger.warning("the database cannot be looked into: %s", refused)
                self._contents[key] = Contents(problem=refused.reason)
        return self._contents[key]

    def _migrate_when_due(self) -> None:
        seen = self.seen
        if seen.migrated or not seen.leader or not seen.migration_allowed:
            return
        self._charm.unit.status = ops.MaintenanceStatus(f"Migrating the database to {seen.version}")
        try:
            self.migrate(MIGRATION_SECONDS)
        except WorkloadError as refused:
            logger.error("the database migration did not finish: %s", refused)
            self.failures.migration = refused.reason

    def _share(self) -> None:
        """Make what lies in the cluster fit: the maps for the Admin UI, and what the container may use."""
        seen = self.seen
        found = seen.sources
        if not seen.leader or found is None or seen.maps is None:
            return
        try:
            if self._share_schemas(seen.maps, found.options):
                self.look_again()
            self._limit(found.options)
        except NotTrusted:
            self.failures.trust = True
        except ClusterBusy as late:
            logger.warning("the cluster does not do what it is asked: %s", late)
            self.failures.cluster_late = str(late)
        except ClusterError as refused:
            logger.error("the cluster refuses: %s", refused)
            self.failures.cluster = str(refused)

    def _limit(self, options: Options) -> None:
        wanted = bool(options.cpu or options.memory)
        if wanted or self.seen.peers.limited:
            self.cluster.limit(options.cpu, options.memory)
            self.seen.peers.set_limited(wanted)

    def _share_schemas(self, maps: SharedMaps, options: Options) -> bool:
        offered = identity_schemas.offered(options.identity_schemas, options.default_identity_schema_id)
        if not maps.complete:
            return self.cluster.create_maps(offered)
        return maps.schemas.following(offered) != maps.schemas and self.cluster.update_schemas(offered)

    def _watch_maps(self) -> None:
        process = int(self._stored.map_watch)  # type: ignore[arg-type] - StoredState gives what was stored
        if self.cluster.present and self.seen.maps is not None and not map_watch.runs(process):
            charm = self._charm
            self._stored.map_watch = map_watch.start(charm.model.name, charm.app.name, charm.unit.name, charm.charm_dir)

    def stop(self) -> None:
        """Leave nothing of the charm running beside it. The container and its services are Juju's to end."""
        map_watch.stop(int(self._stored.map_watch))  # type: ignore[arg-type] - as above

    def _forward_logs(self) -> None:
        targets = self.seen.related.log_targets
        layer = targets.layer(publishing.topology(self._charm), self.workload.log_targets)
        if layer is not None:
            self.workload.forward_logs(layer, loki.LAYER)

    def _apply(self) -> None:
        usable = self.seen.usable
        if usable is None:
            return
        plan = self._accepted(usable)
        if plan is None:
            return
        restarts = self.workload.restarts(plan)
        self.failures.turn = restarts and not self._may_restart()
        if self.failures.turn:
            return
        if restarts:
            turns.begin(self.seen.peers)
        try:
            self.workload.apply(plan)
        except NoAnswer:
            raise
        except WorkloadError as refused:
            logger.error("the server does not start: %s", refused)
            self.failures.start = str(refused)
            return
        self._settle_keys(usable)
        self._end_turn(turns.READY_SECONDS if restarts else 0)

    def _accepted(self, usable: Usable) -> Plan | None:
        """What the server would start with: all of it, or all that neighbours did not spoil, or what it took before."""
        refusal = self._refuses(usable)
        if not refusal:
            if self.seen.leader:
                self.seen.last_good.save(self._charm.model, self.seen.peers)
            return self._plan(usable)
        if found := lesser.most_of(usable, self._refuses):
            taken, self.failures.left_out = found
            return self._plan(taken)
        self.failures.configuration = refusal
        before = sources.kept(self._charm, LastGood.load(self._charm.model, self.seen.peers))
        former = before and Usable.of(self.seen, before, usable.keys)
        return self._plan(former) if former and not self._refuses(former) else None

    def _refuses(self, usable: Usable) -> str:
        return self.workload.refuses(self._plan(usable).configuration)

    def _may_restart(self) -> bool:
        """Whether it is this unit's turn. While its server is not ready, nobody loses anything by a restart."""
        peers = self.seen.peers
        if turns.may_restart(peers) or not self.workload.ready_within(0):
            return True
        turns.ask(peers)
        self._hand_on()
        return turns.may_restart(peers)

    def _end_turn(self, patience: float) -> None:
        """Let the others restart, once this unit's server is ready."""
        peers = self.seen.peers
        if turns.waits(peers) and self.workload.ready_within(patience):
            turns.end(peers)
            self._hand_on()

    def _hand_on(self) -> None:
        if self.seen.leader:
            turns.hand_on(self.seen.peers)

    def _settle_keys(self, usable: Usable) -> None:
        """Say that this unit runs with the keys; the leader then puts new ones into use once all units do."""
        peers, keys = self.seen.peers, usable.keys
        peers.acknowledge_keys(keys.revision)
        if self.seen.leader and keys.incoming and peers.keys_known_to_all(keys.revision):
            promoted = keys.promoted()
            server_secrets.save(self._charm.model, promoted)
            peers.announce_keys(promoted.revision)
            self.look_again()
            self._apply()

    def _plan(self, usable: Usable) -> Plan:
        related = usable.related
        bundle = related.certificates.bundle(self.workload.system_authorities) if related.certificates.pems else None
        trust = {"SSL_CERT_FILE": certificates.BUNDLE_FILE} if bundle else {}
        content = settings.build(usable)
        return Plan(
            configuration=rendering.render("kratos.yaml.j2", settings=content),
            fixed=rendering.as_json(settings.fixed(content)),
            files={certificates.BUNDLE_FILE: bundle, **related.database.files},
            environment={**usable.options.environment, **trust},
            courier=bool(related.smtp.host),
        )

    def _version(self) -> str:
        if not self._stored.version:
            try:
                version = self.workload.version()
            except NoAnswer:
                raise
            except WorkloadError as refused:
                logger.warning("the server does not say its version: %s", refused)
                return ""
            self._charm.unit.set_workload_version(version)
            self._charm.unit.set_ports(contract.PUBLIC_PORT, contract.ADMIN_PORT)
            self._stored.version = version
        return str(self._stored.version)

"""One way to the wanted state, taken at every event, from any state."""

import logging
from collections.abc import Iterator

import ops

from identity_server import contract

from . import rendering, server_secrets, settings, status
from .identity_schemas import IdentitySchemas
from .options import Options
from .relations import database
from .situation import Situation
from .workload import CONTAINER, Plan, Workload, WorkloadError

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
    """Looks around, then makes secrets, relations, database and container fit.

    Attributes:
        failure: why the server did not start in this dispatch, or nothing.
    """

    _stored = ops.StoredState()

    def __init__(self, charm: ops.CharmBase) -> None:
        super().__init__(charm, "reconciler")
        self._charm = charm
        self._stored.set_default(version="")
        self._seen: Situation | None = None
        self.workload = Workload(charm.unit.get_container(CONTAINER))
        self.failure = ""

    @property
    def seen(self) -> Situation:
        """The situation, read once and again after each change of ours."""
        if self._seen is None:
            self._seen = Situation.load(self._charm, reachable=self.workload.reachable, version=self._version)
        return self._seen

    def forget_version(self) -> None:
        """The image may be another one now: ask the server again."""
        self._stored.version = ""
        self._seen = None

    def run(self) -> None:
        """Bring everything into the state that the sources describe, as far as they go."""
        self._prepare()
        if not self._allowed():
            return
        if not self.seen.migrated and self.seen.leader:
            self._try_to_migrate()
        if status.clear(self.seen):
            self._apply()

    def migrate(self, timeout: float) -> str:
        """Migrate the related database and record that, in this order.

        Returns:
            What the server printed.

        Raises:
            WorkloadError: when it did not finish; nothing is recorded then.
        """
        related = self.seen.database
        self.workload.write(related.files)
        said = self.workload.migrate(related.dsn, timeout)
        if related.relation_id is not None:
            self.seen.peers.record_migration(related.relation_id, self.seen.version)
        self._seen = None
        return said

    def _prepare(self) -> None:
        if not self._charm.unit.is_leader():
            return
        database.request(self._charm.model)
        if server_secrets.ensure(self._charm.model):
            self._seen = None

    def _allowed(self) -> bool:
        if self.seen.reachable and not status.clear(self.seen, status.WITHOUT_DATABASE):
            self.workload.stop()
        return status.clear(self.seen, status.BEFORE_MIGRATION)

    def _try_to_migrate(self) -> None:
        try:
            self.migrate(MIGRATION_SECONDS)
        except WorkloadError as refused:
            logger.error("the database migration did not finish: %s", refused)

    def _apply(self) -> None:
        try:
            self.workload.apply(self._plan())
        except WorkloadError as refused:
            logger.error("the server does not start: %s", refused)
            self.failure = str(refused)

    def _plan(self) -> Plan:
        seen = self.seen
        assert isinstance(seen.options, Options) and isinstance(seen.schemas, IdentitySchemas) and seen.keys
        content = settings.build(seen.options, seen.schemas, seen.database, seen.keys)
        return Plan(
            files={contract.CONFIG_FILE: rendering.render("kratos.yaml.j2", settings=content), **seen.database.files},
            courier=seen.embedded or seen.leader,
        )

    def _version(self) -> str:
        if not self._stored.version:
            try:
                version = self.workload.version()
            except WorkloadError as refused:
                logger.warning("the server does not say its version: %s", refused)
                return ""
            self._charm.unit.set_workload_version(version)
            self._charm.unit.set_ports(contract.PUBLIC_PORT, contract.ADMIN_PORT)
            self._stored.version = version
        return str(self._stored.version)

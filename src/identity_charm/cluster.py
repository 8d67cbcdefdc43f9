"""The Kubernetes cluster the unit runs in, if it runs in one. Nothing is imported or called before that is known."""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .schemas_map import ANNOTATION, SchemasMap

if TYPE_CHECKING:
    from lightkube import Client

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
FIELD_MANAGER = "kratos-charm"
#: What the server needs to start at all; a limit below it would only make it fail.
LEAST = {"cpu": "100m", "memory": "200Mi"}
#: Refusals that pass, besides those of a server in trouble: too late, in conflict with another change, too many.
PASSING = (408, 409, 429)
#: The names that Canonical's charm gives its maps, the same for every application of a model.
FORMER = {"schemas": "identity-schemas", "providers": "oidc-providers"}


class ClusterError(Exception):
    """The cluster did not do what it was asked; the text says why."""


class ClusterBusy(ClusterError):
    """The cluster did not answer, or not now; the next try may do better."""


class NotTrusted(ClusterError):
    """The application has no rights in the cluster."""


@dataclass(frozen=True)
class SharedMaps:
    """The two ConfigMaps that the charm shares with the Admin UI.

    Attributes:
        complete: whether both are there.
    """

    schemas: SchemasMap = field(default_factory=SchemasMap)
    providers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    complete: bool = False


def not_trusted(application: str) -> str:
    """What to do about missing rights."""
    return f"The application has no rights in the cluster; grant them with: juju trust {application} --scope=cluster"


def connect() -> "Client":
    """A client with the rights of the unit's own account."""
    from lightkube import Client, KubeConfig

    return Client(KubeConfig.from_service_account(ACCOUNT), field_manager=FIELD_MANAGER, trust_env=False)


class Cluster:
    """What the charm does in Kubernetes.

    Args:
        namespace: the model's name.
        application: names all that is ours.
        connect: makes a client, called at most once.
    """

    def __init__(self, namespace: str, application: str, connect: "Callable[[], Client] | None" = None) -> None:
        self.namespace = namespace
        self.application = application
        self._connect = connect
        self._made: Client | None = None

    @property
    def present(self) -> bool:
        """Whether there is a cluster around this unit."""
        return self._connect is not None or (ACCOUNT / "token").exists()

    @property
    def schemas_name(self) -> str:
        """The ConfigMap with identity schemas."""
        return f"{self.application}-identity-schemas"

    @property
    def providers_name(self) -> str:
        """The ConfigMap with the Admin UI's providers."""
        return f"{self.application}-oidc-providers"

    def read(self) -> SharedMaps:
        """Both maps; empty where there is none. Asked at every event: the Admin UI writes them, and Juju does not know.

        Raises:
            ClusterError: when the cluster does not answer or refuses.
        """
        if not self.present:
            return SharedMaps()
        schemas, providers = self._get(self.schemas_name), self._get(self.providers_name)
        return SharedMaps(_schemas(schemas), _data(providers), schemas is not None and providers is not None)

    def create_maps(self, schemas: Mapping[str, str]) -> bool:
        """Make the maps that are missing, from Canonical's where this application had them. True when one was made.

        Args:
            schemas: what the charm offers in the map of schemas.

        Raises:
            ClusterError: when the cluster does not answer or refuses.
        """
        if not self.present:
            return False
        start = SchemasMap(self._former("schemas")).following(schemas)
        made = self._create(self.schemas_name, dict(start.entries), {ANNOTATION: start.annotation})
        return self._create(self.providers_name, self._former("providers") or {"idps.json": "[]"}, {}) or made

    def update_schemas(self, offered: Mapping[str, str]) -> bool:
        """Make the map of schemas follow what the charm offers, without what others wrote in it. True when it did.

        Raises:
            ClusterError: when the cluster does not answer or refuses.
        """
        from lightkube import ApiError

        found = self._get(self.schemas_name)
        if found is None:
            return False
        wanted = _schemas(found).following(offered)
        found.data = dict(wanted.entries)
        found.metadata.annotations = {**(found.metadata.annotations or {}), ANNOTATION: wanted.annotation}
        with _refusals():
            try:
                self._client.replace(found)
            except ApiError as refused:
                # Somebody else wrote meanwhile; they are read at the next event.
                if refused.status.code != 409:
                    raise
                return False
        return True

    def limit(self, cpu: str, memory: str) -> None:
        """Set what the workload container may use; nothing takes a limit away.

        Raises:
            ClusterError: when the cluster does not answer or refuses.
        """
        if not self.present:
            return
        from lightkube.resources.apps_v1 import StatefulSet
        from lightkube.types import PatchType

        wanted = {name: value for name, value in (("cpu", cpu), ("memory", memory)) if value}
        limits = {name: _larger(value, LEAST[name]) for name, value in wanted.items()}
        requests = {name: LEAST[name] for name in wanted}
        with _refusals():
            now = self._client.get(StatefulSet, self.application, namespace=self.namespace)
            if _resources(now) == (limits, requests) or not (limits or _managed(now)):
                return
            container = {"name": "kratos", "resources": {"limits": limits, "requests": requests}}
            patch = {
                "apiVersion": "apps/v1",
                "kind": "StatefulSet",
                "metadata": {"name": self.application, "namespace": self.namespace},
                "spec": {"template": {"spec": {"containers": [container]}}},
            }
            self._client.patch(
                StatefulSet,
                self.application,
                patch,
                namespace=self.namespace,
                patch_type=PatchType.APPLY,
                field_manager=FIELD_MANAGER,
                force=True,
            )

    @property
    def _client(self) -> "Client":
        if self._made is None:
            self._made = (self._connect or connect)()
        return self._made

    def _get(self, name: str) -> Any:
        from lightkube import ApiError
        from lightkube.resources.core_v1 import ConfigMap

        with _refusals():
            try:
                return self._client.get(ConfigMap, name, namespace=self.namespace)
            except ApiError as refused:
                if refused.status.code == 404:
                    return None
                raise

    def _former(self, kind: str) -> dict[str, str]:
        found: Any = self._get(FORMER[kind])
        if found is None or (found.metadata.labels or {}).get("juju-app-name") != self.application:
            return {}
        return _data(found)

    def _create(self, name: str, data: dict[str, str], annotations: dict[str, str]) -> bool:
        from lightkube.models.meta_v1 import ObjectMeta, OwnerReference
        from lightkube.resources.apps_v1 import StatefulSet
        from lightkube.resources.core_v1 import ConfigMap

        if self._get(name) is not None:
            return False
        with _refusals():
            owner = self._client.get(StatefulSet, self.application, namespace=self.namespace)
            # Owned by the application: the map outlives its units and dies with it.
            reference = OwnerReference(
                "apps/v1", "StatefulSet", self.application, str(owner.metadata and owner.metadata.uid)
            )
            labels = {"juju-app-name": self.application, "app.kubernetes.io/managed-by": "juju"}
            metadata = ObjectMeta(
                name=name,
                namespace=self.namespace,
                labels=labels,
                annotations=annotations,
                ownerReferences=[reference],
            )
            self._client.create(ConfigMap(metadata=metadata, data=data))
        return True


def _data(found: Any) -> dict[str, str]:
    return dict(found.data or {}) if found is not None else {}


def _schemas(found: Any) -> SchemasMap:
    annotations = (found.metadata.annotations or {}) if found is not None else {}
    return SchemasMap.parse(_data(found), annotations.get(ANNOTATION, ""))


@contextmanager
def _refusals() -> Generator[None]:
    import httpx2
    from lightkube import ApiError

    try:
        yield
    except ApiError as refused:
        if refused.status.code in (401, 403):
            raise NotTrusted("no rights in the cluster") from None
        code = refused.status.code or 500
        kind = ClusterBusy if code in PASSING or code >= 500 else ClusterError
        raise kind(str(refused.status.message)) from None
    except httpx2.HTTPError:
        raise ClusterBusy("the cluster's API does not answer") from None


def _larger(one: str, other: str) -> str:
    from lightkube.utils.quantity import parse_quantity

    first, second = parse_quantity(one), parse_quantity(other)
    return one if first is not None and second is not None and first >= second else other


def _resources(found: Any) -> tuple[dict[str, str], dict[str, str]]:
    for container in found.spec.template.spec.containers:
        if container.name == "kratos" and container.resources:
            return dict(container.resources.limits or {}), dict(container.resources.requests or {})
    return {}, {}


def _managed(found: Any) -> bool:
    return any(entry.manager == FIELD_MANAGER for entry in found.metadata.managedFields or [])

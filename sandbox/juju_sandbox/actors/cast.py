"""The actors that the sandbox knows, by charm name."""

from collections.abc import Mapping

from juju_sandbox.actors.actor import Actor
from juju_sandbox.actors.certificates import SelfSignedCertificates
from juju_sandbox.actors.external_idp import ExternalIdp
from juju_sandbox.actors.identity_platform import AdminUi, Hydra, LoginUi
from juju_sandbox.actors.mail import SmtpIntegrator
from juju_sandbox.actors.observability import Grafana, Loki, Prometheus, Tempo
from juju_sandbox.actors.openfga import OpenFga
from juju_sandbox.actors.postgresql import PostgreSQL
from juju_sandbox.actors.traefik import Traefik

ACTORS: tuple[type[Actor], ...] = (
    PostgreSQL,
    Hydra,
    OpenFga,
    Traefik,
    LoginUi,
    AdminUi,
    ExternalIdp,
    SmtpIntegrator,
    SelfSignedCertificates,
    Prometheus,
    Loki,
    Grafana,
    Tempo,
)
CAST: Mapping[str, type[Actor]] = {actor.charm: actor for actor in ACTORS}

"""All relations at one moment."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import ops

from .relations import tracing as tracing_relation
from .relations import traefik_route
from .relations.bags import RelationError
from .relations.certificates import Certificates
from .relations.database import Database
from .relations.external_idp import ExternalProviders
from .relations.hydra import Hydra
from .relations.ingress import Ingress
from .relations.login_ui import LoginUi
from .relations.loki import LogTargets
from .relations.openfga import OpenFga
from .relations.smtp import Smtp
from .relations.tracing import Tracing
from .relations.traefik_route import Route
from .relations.webhooks import Webhooks

T = TypeVar("T")


@dataclass(frozen=True)
class Related:
    """What the other applications said.

    Attributes:
        problems: what of it cannot be used; those values are the empty ones here.
    """

    certificates: Certificates = field(default_factory=Certificates)
    database: Database = field(default_factory=Database)
    hydra: Hydra = field(default_factory=Hydra)
    ingress: Ingress = field(default_factory=Ingress)
    internal_route: Route = field(default_factory=Route)
    log_targets: LogTargets = field(default_factory=LogTargets)
    login_hooks: Webhooks = field(default_factory=lambda: Webhooks("login"))
    openfga: OpenFga = field(default_factory=OpenFga)
    providers: ExternalProviders = field(default_factory=ExternalProviders)
    public_route: Route = field(default_factory=Route)
    registration_hooks: Webhooks = field(default_factory=lambda: Webhooks("registration"))
    smtp: Smtp = field(default_factory=Smtp)
    charm_tracing: Tracing = field(default_factory=Tracing)
    tracing: Tracing = field(default_factory=Tracing)
    ui: LoginUi = field(default_factory=LoginUi)
    info_wanted: bool = False
    problems: tuple[str, ...] = ()

    @classmethod
    def load(cls, model: ops.Model) -> "Related":
        """Read every relation; one that makes no sense does not hide the others."""
        problems: list[str] = []

        def read(load: Callable[[ops.Model], T], otherwise: T) -> T:
            try:
                return load(model)
            except RelationError as refused:
                problems.append(str(refused))
                return otherwise

        return cls(
            certificates=read(Certificates.load, Certificates()),
            database=read(Database.load, Database()),
            hydra=read(Hydra.load, Hydra()),
            ingress=read(Ingress.load, Ingress()),
            internal_route=read(lambda one: Route.load(one, traefik_route.INTERNAL), Route()),
            log_targets=read(LogTargets.load, LogTargets()),
            login_hooks=read(lambda one: Webhooks.load(one, "login"), Webhooks("login")),
            openfga=read(OpenFga.load, OpenFga()),
            providers=read(ExternalProviders.load, ExternalProviders()),
            public_route=read(lambda one: Route.load(one, traefik_route.PUBLIC), Route()),
            registration_hooks=read(lambda one: Webhooks.load(one, "registration"), Webhooks("registration")),
            smtp=read(Smtp.load, Smtp()),
            charm_tracing=read(lambda one: Tracing.load(one, tracing_relation.OF_THE_CHARM), Tracing()),
            tracing=read(Tracing.load, Tracing()),
            ui=read(LoginUi.load, LoginUi()),
            info_wanted=bool(model.relations["kratos-info"]),
            problems=tuple(problems),
        )

    @property
    def public_url(self) -> str:
        """Where browsers reach the public API, or nothing."""
        return self.public_route.url or self.ingress.url

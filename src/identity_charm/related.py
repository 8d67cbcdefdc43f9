"""All relations at one moment."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

import ops

from .relations import bags, traefik_route
from .relations import tracing as tracing_relation
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
from .relations.webhooks import Flow, Webhooks

T = TypeVar("T")


@dataclass(frozen=True)
class Related:
    """What the other applications said.

    Attributes:
        problems: what of it cannot be used. The server does without: those values are the empty ones here.
        unasked: what of the web hooks cannot be used. They may be there to refuse people, so nothing goes on without.
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
    unasked: tuple[str, ...] = ()

    @classmethod
    def load(cls, model: ops.Model) -> "Related":
        """Read every relation; one that makes no sense does not hide the others."""
        problems: list[str] = []
        unasked: list[str] = []

        def read(load: Callable[[ops.Model], T], otherwise: T) -> T:
            with bags.noted(problems):
                return load(model)
            return otherwise

        def asked(flow: Flow) -> Webhooks:
            with bags.noted(unasked):
                return Webhooks.load(model, flow)
            return Webhooks(flow)

        certificates = Certificates.load(model)
        found = cls(
            certificates=certificates,
            database=read(Database.load, Database()),
            hydra=read(Hydra.load, Hydra()),
            ingress=read(Ingress.load, Ingress()),
            internal_route=read(lambda one: Route.load(one, traefik_route.INTERNAL), Route()),
            log_targets=LogTargets.load(model),
            login_hooks=asked("login"),
            openfga=replace(read(OpenFga.load, OpenFga()), authorities=certificates.pems),
            providers=ExternalProviders.load(model),
            public_route=read(lambda one: Route.load(one, traefik_route.PUBLIC), Route()),
            registration_hooks=asked("registration"),
            smtp=read(Smtp.load, Smtp()),
            charm_tracing=read(lambda one: Tracing.load(one, tracing_relation.OF_THE_CHARM), Tracing()),
            tracing=read(Tracing.load, Tracing()),
            ui=LoginUi.load(model),
            info_wanted=bool(model.relations["kratos-info"]),
            unasked=tuple(unasked),
        )
        several = (found.certificates, found.log_targets, found.providers, found.ui)
        return replace(found, problems=(*problems, *(text for one in several for text in one.problems)))

    @property
    def public_url(self) -> str:
        """Where browsers reach the public API, or nothing."""
        return self.public_route.url or self.ingress.url

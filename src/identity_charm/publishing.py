"""What this application tells others, written at every occasion: by a new leader, after a refresh, after any change."""

from collections.abc import Mapping

import ops

from identity_server import contract

from . import routes, selfservice
from .cluster import Cluster
from .options import Options
from .relations import certificates, database, grafana, ingress, loki, openfga, prometheus, tracing, traefik_route
from .relations.info import Info
from .situation import Situation


def topology(charm: ops.CharmBase) -> dict[str, str]:
    """Juju's names for this unit, as the observability charms spell them."""
    return {
        "model": charm.model.name,
        "model_uuid": charm.model.uuid,
        "application": charm.app.name,
        "unit": charm.unit.name,
        "charm_name": charm.meta.name,
    }


def publish(charm: ops.CharmBase, seen: Situation, cluster: Cluster) -> None:
    """Bring all our bags up to date: this unit's, and the application's where we lead."""
    names = topology(charm)
    database.tidy(charm.model)
    ingress.publish(charm.model)
    prometheus.publish(charm.model, names)
    if seen.leader:
        seen.peers.tidy()
        _requests(charm.model, seen)
        _offers(charm.model, seen, cluster, names)


def _requests(model: ops.Model, seen: Situation) -> None:
    certificates.publish(model)
    database.publish(model)
    openfga.publish(model)
    tracing.publish(model)
    public, internal = seen.related.public_route, seen.related.internal_route
    traefik_route.publish(model, traefik_route.PUBLIC, public, routes.public(ui=bool(seen.related.ui.pages)))
    rules = routes.internal(admin=seen.admin_api_routed)
    traefik_route.publish(model, traefik_route.INTERNAL, internal, rules)
    seen.related.providers.publish(model, seen.related.public_url)


def _offers(model: ops.Model, seen: Situation, cluster: Cluster, names: Mapping[str, str]) -> None:
    grafana.publish(model, names)
    loki.publish(model, names)
    if seen.options is not None:
        _info(model, seen, seen.options, cluster).publish(model)


def _info(model: ops.Model, seen: Situation, options: Options, cluster: Cluster) -> Info:
    service = f"http://{model.app.name}.{model.name}.svc.cluster.local"
    inside = seen.related.internal_route.url
    features = {
        "password": options.enable_local_idp,
        "webauthn": selfservice.webauthn_wanted(options),
        "totp": options.enforce_mfa,
        "backup_codes": selfservice.backup_codes_wanted(options),
        "account_linking": bool(seen.related.providers.providers),
    }
    return Info(
        admin_endpoint=(seen.admin_api_routed and inside) or f"{service}:{contract.ADMIN_PORT}",
        public_endpoint=inside or f"{service}:{contract.PUBLIC_PORT}",
        external_url=seen.related.public_url,
        schemas_map=cluster.schemas_name,
        providers_map=cluster.providers_name,
        mfa=options.enforce_mfa,
        sequencing=options.enable_oidc_webauthn_sequencing,
        verification=options.enable_verification,
        features=tuple(name for name, on in features.items() if on),
    )

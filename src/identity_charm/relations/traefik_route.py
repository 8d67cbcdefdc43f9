"""``public-route`` and ``internal-route``: Traefik's dynamic configuration, written by us."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ops

from .. import rendering
from . import bags

PUBLIC = "public-route"
INTERNAL = "internal-route"


@dataclass(frozen=True)
class Route:
    """What Traefik says of itself. Without ``host`` it does not say yet."""

    related: bool = False
    host: str = ""
    scheme: str = "http"

    @classmethod
    def load(cls, model: ops.Model, endpoint: str) -> "Route":
        """Read the relation.

        Raises:
            RelationError: when scheme and host make no address.
        """
        relation = bags.first(model, endpoint)
        bag = bags.remote(relation)
        if not bag.get("external_host"):
            return cls(related=relation is not None)
        scheme = bag.get("scheme") or "http"
        bags.web_url(endpoint, "external_host", f"{scheme}://{bag['external_host']}")
        return cls(True, bag["external_host"].rstrip("/"), scheme)

    @property
    def url(self) -> str:
        """The address from outside, or nothing."""
        return f"{self.scheme}://{self.host}" if self.host else ""


@dataclass(frozen=True)
class Rule:
    """One path, or all below it, for one port.

    Attributes:
        name: part of the router's name.
        path: matched whole when it has no ``/`` at its end… unless ``prefix``.
        port: of our application.
        replace: the path the server is asked for instead.
    """

    name: str
    path: str
    port: int
    prefix: bool = True
    replace: str = ""


def publish(model: ops.Model, endpoint: str, route: Route, rules: Sequence[Rule]) -> None:
    """Write the configuration of an endpoint. Without a host there is nothing to match yet."""
    for relation in model.relations[endpoint]:
        config = rendering.as_json(configuration(model, route, rules)) if route.host else ""
        bags.write(relation, model.app, {"raw": "True", "config": config})


def configuration(model: ops.Model, route: Route, rules: Sequence[Rule]) -> dict[str, Any]:
    """Routers for ``web`` and ``websecure``, the services behind them, and middlewares where paths change."""
    routers: dict[str, Any] = {}
    services: dict[str, Any] = {}
    middlewares: dict[str, Any] = {}
    for rule in rules:
        name = f"juju-{model.name}-{model.app.name}-{rule.name}"
        service = f"{name}-service"
        address = f"http://{model.app.name}.{model.name}.svc.cluster.local:{rule.port}"
        services[service] = {"loadBalancer": {"servers": [{"url": address}]}}
        matcher = "PathPrefix" if rule.prefix else "Path"
        router: dict[str, Any] = {
            "rule": f"Host(`{_hostname(route)}`) && {matcher}(`{rule.path}`)",
            "service": service,
            "entryPoints": ["web"],
        }
        if rule.replace:
            middlewares[f"{name}-path"] = {"replacePath": {"path": rule.replace}}
            router["middlewares"] = [f"{name}-path"]
        routers[f"{name}-router"] = router
        tls = {"domains": [{"main": _hostname(route), "sans": [f"*.{_hostname(route)}"]}]}
        routers[f"{name}-router-tls"] = {**router, "entryPoints": ["websecure"], "tls": tls}
    http: dict[str, Any] = {"routers": routers, "services": services}
    return {"http": {**http, "middlewares": middlewares} if middlewares else http}


def _hostname(route: Route) -> str:
    """The host alone: browsers send a port, Traefik matches without it."""
    return route.host.partition(":")[0] if route.host.count(":") == 1 else route.host

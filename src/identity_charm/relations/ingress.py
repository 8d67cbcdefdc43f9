"""``ingress``: one public address for the whole application, under a path or a name of the ingress' choice."""

import json
from dataclasses import dataclass

import ops

from identity_server import contract

from . import bags

ENDPOINT = "ingress"


@dataclass(frozen=True)
class Ingress:
    """The address from outside, once the ingress has given one."""

    related: bool = False
    url: str = ""

    @classmethod
    def load(cls, model: ops.Model) -> "Ingress":
        """Read the relation.

        Raises:
            RelationError: when the address is none.
        """
        relation = bags.first(model, ENDPOINT)
        text = bags.remote(relation).get("ingress", "")
        if not text:
            return cls(related=relation is not None)
        found = bags.parsed(ENDPOINT, "ingress", text)
        url = found.get("url") if isinstance(found, dict) else found
        return cls(True, bags.web_url(ENDPOINT, "url", str(url or "")))


def publish(model: ops.Model) -> None:
    """Ask for an address for the public port. The leader speaks for the application, each unit for itself."""
    for relation in model.relations[ENDPOINT]:
        if model.unit.is_leader():
            wanted = {
                "model": model.name,
                "name": model.app.name,
                "port": contract.PUBLIC_PORT,
                "scheme": "http",
                "strip-prefix": True,
                "redirect-https": False,
                "healthcheck_params": {"path": "/health/alive"},
            }
            bags.write(relation, model.app, {key: json.dumps(value) for key, value in wanted.items()})
        binding = model.get_binding(relation)
        address = binding.network.bind_address if binding else None
        if address:
            host = f"{model.unit.name.replace('/', '-')}.{model.app.name}-endpoints.{model.name}.svc.cluster.local"
            bags.write(relation, model.unit, {"host": json.dumps(host), "ip": json.dumps(str(address))})

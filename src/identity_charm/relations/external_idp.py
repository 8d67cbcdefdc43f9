"""``kratos-external-idp``: integrators that bring providers. Both dialects of the interface are read."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import ops

from ..oidc_providers import Provider, ProviderError
from . import bags

ENDPOINT = "kratos-external-idp"


@dataclass(frozen=True)
class ExternalProviders:
    """The providers of all relations."""

    related: bool = False
    providers: Sequence[Provider] = ()

    @classmethod
    def load(cls, model: ops.Model) -> "ExternalProviders":
        """Read all relations.

        Raises:
            RelationError: when a provider lacks something, or two have one id.
        """
        found: dict[str, Provider] = {}
        for relation, bag in bags.remotes(model, ENDPOINT):
            for one in _parse(bag.get("providers", ""), relation.id):
                if one.id in found:
                    raise bags.RelationError(f"{ENDPOINT}: two providers have the id {one.id}")
                found[one.id] = one
        return cls(bool(model.relations[ENDPOINT]), tuple(found.values()))

    def publish(self, model: ops.Model, public_url: str) -> None:
        """Tell each integrator where its providers shall send people back to; nothing without a public address."""
        for relation in model.relations[ENDPOINT]:
            answers = [
                {"provider_id": one.id, "redirect_uri": f"{public_url}/self-service/methods/oidc/callback/{one.id}"}
                for one in self.providers
                if one.relation_id == relation.id
            ]
            bags.write(relation, model.app, {"providers": json.dumps(answers) if answers and public_url else ""})


def _parse(text: str, relation_id: int) -> list[Provider]:
    found = bags.parsed(ENDPOINT, "providers", text) if text else []
    if not isinstance(found, list):
        raise bags.RelationError(f"{ENDPOINT}: providers must be a list")
    try:
        return [Provider.parse(one, relation_id) for one in found]
    except ProviderError as refused:
        raise bags.RelationError(f"{ENDPOINT}: {refused}") from None

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
    """The providers of all relations.

    Attributes:
        problems: what of them cannot be used.
    """

    related: bool = False
    providers: Sequence[Provider] = ()
    problems: tuple[str, ...] = ()

    @classmethod
    def load(cls, model: ops.Model) -> "ExternalProviders":
        """Read all relations. Of two providers with one id the first to come stays: accounts are linked to it."""
        found: dict[str, Provider] = {}
        problems: list[str] = []
        for relation, bag in bags.remotes(model, ENDPOINT):
            given: list[object] = []
            with bags.noted(problems):
                given = _listed(bag.get("providers", ""))
            for one in given:
                with bags.noted(problems):
                    provider = _parse(one, relation.id)
                    if found.setdefault(provider.id, provider) is not provider:
                        raise bags.RelationError(f"{ENDPOINT}: two providers have the id {provider.id}")
        return cls(bool(model.relations[ENDPOINT]), tuple(found.values()), tuple(problems))

    def publish(self, model: ops.Model, public_url: str) -> None:
        """Tell each integrator where its providers shall send people back to; nothing without a public address."""
        for relation in model.relations[ENDPOINT]:
            answers = [
                {"provider_id": one.id, "redirect_uri": f"{public_url}/self-service/methods/oidc/callback/{one.id}"}
                for one in self.providers
                if one.relation_id == relation.id
            ]
            bags.write(relation, model.app, {"providers": json.dumps(answers) if answers and public_url else ""})


def _listed(text: str) -> list[object]:
    found = bags.parsed(ENDPOINT, "providers", text) if text else []
    if not isinstance(found, list):
        raise bags.RelationError(f"{ENDPOINT}: providers must be a list")
    return found


def _parse(given: object, relation_id: int) -> Provider:
    try:
        return Provider.parse(given, relation_id)
    except ProviderError as refused:
        raise bags.RelationError(f"{ENDPOINT}: {refused}") from None

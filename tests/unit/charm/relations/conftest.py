"""Running a unit with relations, and looking at what came of it."""

from collections.abc import Callable
from typing import Any

import pytest
from ops import testing

from charm import KratosCharm
from unit.charm.states import configuration, create_state, everybodys_secrets

Run = Callable[..., testing.State]


@pytest.fixture
def run(context: testing.Context[KratosCharm]) -> Run:
    """One event, on a healthy leader unless told otherwise, with these relations; relation-changed of the first."""

    def reconcile(*relations: testing.RelationBase, event: str = "relation_changed", **changes: Any) -> testing.State:
        secrets = [*changes.pop("secrets", []), *everybodys_secrets()]
        state = create_state(relations=list(relations), secrets=secrets, **changes)
        if relations and event.startswith("relation_"):
            return context.run(getattr(context.on, event)(relations[0]), state)
        return context.run(context.on.config_changed(), state)

    return reconcile


@pytest.fixture
def configured(context: testing.Context[KratosCharm]) -> Callable[[testing.State], dict[str, Any]]:
    """The server's configuration after an event."""
    return lambda state: configuration(context, state)


def local(state: testing.State, endpoint: str) -> dict[str, str]:
    """Our application bag of an endpoint's only relation."""
    (relation,) = state.get_relations(endpoint)
    return dict(relation.local_app_data)


@pytest.fixture
def bag() -> Callable[[testing.State, str], dict[str, str]]:
    """Our application bag of an endpoint's only relation."""
    return local

"""Running an action of a healthy unit."""

from collections.abc import Callable
from typing import Any

import pytest
from ops import testing

from charm import KratosCharm
from unit.charm.admin_stub import AdminStub
from unit.charm.states import create_state

RunAction = Callable[..., dict[str, Any]]


@pytest.fixture
def run(context: testing.Context[KratosCharm], admin: AdminStub) -> RunAction:
    """Run an action on a healthy leader, or on ``state``, and give its results."""

    def run_action(name: str, state: testing.State | None = None, /, **params: Any) -> dict[str, Any]:
        given = {key.replace("_", "-"): value for key, value in params.items()}
        context.run(context.on.action(name, params=given), state or create_state())
        return dict(context.action_results or {})

    return run_action


@pytest.fixture
def refusal(run: RunAction) -> Callable[..., str]:
    """Run an action that fails, and give its sentence."""

    def failing(name: str, state: testing.State | None = None, /, **params: Any) -> str:
        with pytest.raises(testing.ActionFailed) as failed:
            run(name, state, **params)
        assert "\n" not in failed.value.message
        return failed.value.message

    return failing

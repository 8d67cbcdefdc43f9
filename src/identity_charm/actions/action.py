"""What an action is: typed parameters, a function that gives results, and refusals in one sentence."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import ops

from ..admin_client import AdminClient, AdminError
from ..administrator_roll import Roll
from ..reconciler import Reconciler
from ..relations.openfga import OpenFga
from ..values import Value
from .results import as_results

P = TypeVar("P", bound=Value)
Results = dict[str, Any]

NOT_SERVING = "The server is not ready; see juju status, and run the action again once the unit is active"


class ActionError(Exception):
    """The action fails with this sentence.

    Args:
        sentence: what is wrong and what to do.
        results: what was reached all the same.
    """

    def __init__(self, sentence: str, results: Mapping[str, Any] | None = None) -> None:
        super().__init__(sentence)
        self.results = as_results(results or {})


@dataclass(frozen=True)
class ActionContext:
    """What an action works with."""

    charm: ops.CharmBase
    reconciler: Reconciler
    log: Callable[[str], None]
    admin: AdminClient

    @property
    def store(self) -> OpenFga:
        """OpenFGA's, as related."""
        return self.reconciler.seen.related.openfga

    @property
    def roll(self) -> Roll:
        """The list of the Admin UI's administrators."""
        return self.reconciler.seen.administrators

    @classmethod
    def of(cls, charm: ops.CharmBase, reconciler: Reconciler, log: Callable[[str], None]) -> "ActionContext":
        """With a client that shows the charm's own key."""
        keys = reconciler.seen.keys
        return cls(charm, reconciler, log, AdminClient(token=keys.admin[0] if keys else ""))


@dataclass(frozen=True)
class Action(Generic[P]):
    """An action of ``actions.yaml``."""

    params: type[P]
    run: Callable[[ActionContext, P], Results]
    needs_server: bool = True

    def perform(self, context: ActionContext, params: P) -> dict[str, str]:
        """Run it, and give its results as Juju wants them.

        Raises:
            ActionError: for everything an operator can do something about.
        """
        if self.needs_server and not context.reconciler.workload.serving:
            raise ActionError(NOT_SERVING)
        try:
            return as_results(self.run(context, params))
        except AdminError as refused:
            raise ActionError(f"The server refuses: {refused.reason}") from None

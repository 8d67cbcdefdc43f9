#!/usr/bin/env python3
"""The charm: it looks around, makes the workload fit what it sees, and tells how it stands."""

import ops

from identity_charm import status
from identity_charm.actions import ACTIONS
from identity_charm.actions.action import ActionContext, ActionError
from identity_charm.reconciler import Reconciler, occasions


class KratosCharm(ops.CharmBase):
    """Operates the identity server. Every event ends in the same reconciliation."""

    def __init__(self, framework: ops.Framework) -> None:
        super().__init__(framework)
        self._reconciler = Reconciler(self)

        framework.observe(self.on.collect_unit_status, self._on_collect_unit_status)
        for event in occasions(self):
            framework.observe(event, self._on_occasion)
        framework.observe(self.on.stop, self._on_stop)
        for name in ACTIONS:
            framework.observe(self.on[name].action, self._on_action)

    def _on_occasion(self, event: ops.EventBase) -> None:
        if isinstance(event, ops.PebbleReadyEvent | ops.UpgradeCharmEvent):
            self._reconciler.forget_version()
        self._reconciler.run()

    def _on_stop(self, _: ops.StopEvent) -> None:
        self._reconciler.stop()

    def _on_action(self, event: ops.ActionEvent) -> None:
        action = ACTIONS[event.handle.kind.removesuffix("_action").replace("_", "-")]
        params = event.load_params(action.params, errors="fail")
        try:
            event.set_results(action.perform(ActionContext.of(self, self._reconciler, event.log), params))
        except ActionError as refused:
            event.set_results(dict(refused.results))
            event.fail(str(refused))

    def _on_collect_unit_status(self, event: ops.CollectStatusEvent) -> None:
        seen, failures = self._reconciler.seen, self._reconciler.failures
        # Of two that are as urgent Juju shows the first: the reason goes before the bare fact.
        hindrances = [
            *status.of_migration(failures),
            *status.of(seen),
            *status.of_failures(failures, self.app.name),
        ]
        if not hindrances:
            hindrances = [
                *status.of_workload(self._reconciler.workload),
                *status.of_complaints(seen),
                *status.of_wishes(seen),
            ]
        for found in hindrances or [ops.ActiveStatus(status.note(seen))]:
            event.add_status(found)


if __name__ == "__main__":
    ops.main(KratosCharm)

"""Several units of one application: what one writes, the others read at their next event."""

import dataclasses
from collections.abc import Iterable
from typing import Any

import ops
from ops import testing

from charm import KratosCharm
from unit.charm.states import DATABASE_USER, VERSION, configuration, container, create_state, database

MIGRATED = {"tables_version_7007": f'"{VERSION}"'}


class Units:
    """Units on PostgreSQL; the first one leads, until another is told to.

    Attributes:
        relations: what is related besides the database and the peers.
        configurations: of each unit's server, as it lies in its container.
        running: the unit of the present event, or of the last one.
        statuses: of each unit after its last event.
    """

    def __init__(self, count: int, **config: Any) -> None:
        self.config = config
        self.leader = 0
        self.running = 0
        self.secrets: Iterable[testing.Secret] = create_state(secrets=[DATABASE_USER]).secrets
        self.relations: list[testing.RelationBase] = []
        self.app_bag: dict[str, str] = dict(MIGRATED)
        self.bags: dict[int, dict[str, str]] = {number: {} for number in range(count)}
        self.containers = {number: container() for number in range(count)}
        self.configurations: dict[int, dict[str, Any]] = {}
        self.statuses: dict[int, ops.StatusBase] = {}

    def attempt(self, unit: int, action: str, **params: Any) -> None:
        """An action of a unit that may fail; what it wrote counts all the same."""
        self.run(unit, action, may_fail=True, **params)

    def run(self, unit: int, action: str = "", *, may_fail: bool = False, **params: Any) -> None:
        """An event of a unit."""
        self.running = unit
        context = testing.Context(KratosCharm, app_name="kratos", unit_id=unit)
        relation = testing.PeerRelation(
            "kratos-peers",
            id=7001,
            local_app_data=self.app_bag,
            local_unit_data=self.bags[unit],
            peers_data={number: bag for number, bag in self.bags.items() if number != unit},
        )
        state = dataclasses.replace(
            create_state(
                leader=unit == self.leader, relations=[database(), relation, *self.relations], config=self.config
            ),
            secrets=self.secrets,
            containers=[self.containers[unit]],
        )
        alone = len(self.bags) == 1
        woken = context.on.update_status() if alone else context.on.relation_changed(relation)
        event = context.on.action(action, params=params) if action else woken
        try:
            out = context.run(event, state)
        except testing.ActionFailed as failed:
            if not may_fail or failed.state is None:
                raise
            out = failed.state
        left = out.get_relation(7001)
        assert isinstance(left, testing.PeerRelation)
        self.app_bag, self.bags[unit], self.secrets = dict(left.local_app_data), dict(left.local_unit_data), out.secrets
        self.containers[unit] = out.get_container("kratos")
        self.statuses[unit] = out.unit_status
        if config := configuration(context, out):
            self.configurations[unit] = config

    def settle(self) -> None:
        """Events go round until nothing changes any more."""
        for _ in range(20):
            before = (dict(self.app_bag), {unit: dict(bag) for unit, bag in self.bags.items()})
            for unit in self.bags:
                self.run(unit)
            if before == (self.app_bag, self.bags):
                return
        raise AssertionError("the units never come to rest")

    @property
    def lists(self) -> dict[int, list[str]]:
        """The cookie keys of each unit's server."""
        return {unit: config["secrets"]["cookie"] for unit, config in self.configurations.items()}

    def restarted(self, unit: int) -> str:
        """What makes Pebble start the unit's server anew when it changes."""
        return self.containers[unit].plan.services["kratos"].environment["CONFIGURATION_DIGEST"]

"""F31: whatever happens, in whatever order, a unit that has all it needs ends up in the same place."""

import dataclasses
import os
import random
import tempfile
from pathlib import Path
from typing import Any

import ops
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from ops import testing

from charm import KratosCharm
from identity_server import contract
from unit.charm import states
from unit.charm.states import VERSION, configuration, container, create_state

#: What may come and go. The database is another matter: a unit that had one waits until it is back.
ENDPOINTS = {
    relation.endpoint: relation
    for relation in states.everything()
    if relation.endpoint not in ("kratos-peers", "charm-tracing")
}
NAMES = sorted(ENDPOINTS)
OPTIONS: list[dict[str, Any]] = [
    {},
    {"log_level": "debug"},
    {"log_level": "loud"},
    {"identity_schemas": "{"},
    {"enable_passwordless_login_method": True},
    {"enable_verification": True, "migrate_automatically": False},
]


def empty(relation: testing.RelationBase) -> testing.Relation:
    """The relation before the other side has written anything."""
    return testing.Relation(relation.endpoint, id=relation.id)


def image(*, migrates: bool = True, starts: bool = True, **changes: Any) -> testing.Container:
    """A container whose server may fail at what it is asked."""
    execs = {
        testing.Exec(contract.version_command(), stdout=f"Version: {VERSION}"),
        testing.Exec(contract.migrate_command(), return_code=0 if migrates else 1, stderr="out of order"),
        testing.Exec(contract.check_command(contract.CANDIDATE_FILE), return_code=0 if starts else 1, stderr="a\nb"),
    }
    return container(execs=execs, **changes)


class AUnit(RuleBasedStateMachine):
    """One unit in a restless model."""

    @initialize(seed=st.integers(0, 2**16), leader=st.booleans())
    def begin(self, seed: int, leader: bool) -> None:
        self.random = random.Random(seed)
        self.folder = Path(tempfile.mkdtemp())
        self.context = testing.Context(KratosCharm, app_name="kratos")
        self.state = create_state(
            leader=leader,
            keys=False,
            secrets=states.everybodys_secrets(),
            containers=[self.container(can_connect=False)],
        )

    def container(self, **changes: Any) -> testing.Container:
        mounts = {"config": testing.Mount(location="/etc/config", source=self.folder)}
        return image(mounts=mounts, **changes)

    def happen(self, event: Any, **changes: Any) -> None:
        self.state = self.context.run(event, dataclasses.replace(self.state, **changes))
        assert isinstance(self.state.unit_status, ops.ActiveStatus | ops.BlockedStatus | ops.WaitingStatus)

    def related(self, endpoint: str) -> testing.Relation | None:
        found = self.state.get_relations(endpoint)
        return found[0] if found else None  # type: ignore[return-value]

    def others(self, endpoint: str) -> list[testing.RelationBase]:
        return [relation for relation in self.state.relations if relation.endpoint != endpoint]

    @rule(endpoint=st.sampled_from(NAMES))
    def integrate(self, endpoint: str) -> None:
        if self.related(endpoint) is None:
            new = empty(ENDPOINTS[endpoint])
            self.happen(self.context.on.relation_created(new), relations=[*self.state.relations, new])

    @rule(endpoint=st.sampled_from(NAMES))
    def the_other_side_writes(self, endpoint: str) -> None:
        if (known := self.related(endpoint)) is not None:
            full = ENDPOINTS[endpoint]
            assert isinstance(full, testing.Relation)
            new = dataclasses.replace(
                known, remote_app_data=full.remote_app_data, remote_units_data=full.remote_units_data
            )
            self.happen(self.context.on.relation_changed(new), relations=[*self.others(endpoint), new])

    @rule(endpoint=st.sampled_from(NAMES))
    def the_other_side_writes_nonsense(self, endpoint: str) -> None:
        if (known := self.related(endpoint)) is not None and known.remote_app_data:
            nonsense = {key: self.random.choice(["", "{", "[]", "\x00", "a b"]) for key in known.remote_app_data}
            new = dataclasses.replace(known, remote_app_data={k: v for k, v in nonsense.items() if v})
            self.happen(self.context.on.relation_changed(new), relations=[*self.others(endpoint), new])

    @rule(endpoint=st.sampled_from(NAMES))
    def disintegrate(self, endpoint: str) -> None:
        if (known := self.related(endpoint)) is not None:
            self.happen(self.context.on.relation_broken(known))
            self.state = dataclasses.replace(self.state, relations=self.others(endpoint))

    @rule(config=st.sampled_from(OPTIONS))
    def configure(self, config: dict[str, Any]) -> None:
        self.happen(self.context.on.config_changed(), config=config)

    @rule(leader=st.booleans())
    def change_the_leader(self, leader: bool) -> None:
        event = self.context.on.leader_elected() if leader else self.context.on.update_status()
        self.happen(event, leader=leader)

    @rule(migrates=st.booleans(), starts=st.booleans())
    def the_container_starts_anew(self, migrates: bool, starts: bool) -> None:
        for file in self.folder.rglob("*.yaml"):
            file.unlink()
        new = self.container(migrates=migrates, starts=starts)
        self.happen(self.context.on.pebble_ready(new), containers=[new])

    @precondition(lambda self: self.state.get_container("kratos").can_connect)
    @rule()
    def the_container_goes(self) -> None:
        self.happen(self.context.on.update_status(), containers=[self.container(can_connect=False)])

    @rule()
    def time_passes(self) -> None:
        self.happen(self.context.on.update_status())

    def teardown(self) -> None:
        if not hasattr(self, "state"):
            return
        self.become_complete()
        assert self.state.unit_status == ops.ActiveStatus(), self.state.unit_status
        expected = self.expected()
        assert expected and configuration(self.context, self.state) == expected

    def become_complete(self) -> None:
        """All is there, in any order, and the last event is the last thing to come."""
        steps = [
            lambda endpoint=endpoint: (self.integrate(endpoint), self.the_other_side_writes(endpoint))
            for endpoint in NAMES
        ]
        steps += [
            lambda: self.configure({}),
            lambda: self.change_the_leader(True),
            lambda: self.the_container_starts_anew(True, True),
        ]
        self.random.shuffle(steps)
        for step in steps:
            step()

    def expected(self) -> dict[str, Any]:
        """What a unit has that saw nothing of all this."""
        kept = [secret for secret in self.state.secrets if secret.owner == "app"]
        relations = [ENDPOINTS[name] for name in NAMES]
        state = create_state(
            keys=False,
            relations=[*relations, states.peers(migrated=VERSION)],
            secrets=[*kept, *states.everybodys_secrets()],
            containers=[image()],
        )
        context = testing.Context(KratosCharm, app_name="kratos")
        return configuration(context, context.run(context.on.config_changed(), state))


#: More of them: ANY_ORDER_EXAMPLES=200.
EXAMPLES = int(os.environ.get("ANY_ORDER_EXAMPLES", "15"))
AUnit.TestCase.settings = settings(max_examples=EXAMPLES, stateful_step_count=10, deadline=None)


@pytest.mark.usefixtures("quick_yaml")
class TestAnyOrder(AUnit.TestCase):  # type: ignore[misc,name-defined]
    """The machine above, as a test."""

"""F31: whatever happens, in whatever order, a unit that has all it needs ends up in the same place."""

import dataclasses
import itertools
import os
import random
import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

import ops
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from ops import pebble, testing

from charm import KratosCharm
from identity_charm.cluster import Cluster, ClusterError, NotTrusted
from identity_server import contract
from unit.charm import states
from unit.charm.states import VERSION, configuration, container, create_state

#: What may come and go. The database is another matter: a unit that had one waits until it is back.
ENDPOINTS = {relation.endpoint: relation for relation in states.everything() if relation.endpoint != "kratos-peers"}
NAMES = sorted(ENDPOINTS)
OPTIONS: list[dict[str, Any]] = [
    {},
    {"log_level": "debug"},
    {"log_level": "loud"},
    {"identity_schemas": "{"},
    {"enable_passwordless_login_method": True},
    {"enable_verification": True, "migrate_automatically": False},
]


#: Actions that need no answer of the server, and change what the unit works with.
ACTIONS = ["run-migration", "rotate-secrets", "create-admin-api-key"]
REFUSALS = [NotTrusted("no rights in the cluster"), ClusterError("the cluster's API does not answer")]
#: As Juju does it, a relation that is made anew has an id that none had before.
numbers = itertools.count(9000)


def empty(relation: testing.RelationBase) -> testing.Relation:
    """The relation, made anew, before the other side has written anything."""
    assert isinstance(relation, testing.Relation)
    return testing.Relation(relation.endpoint, id=next(numbers), remote_app_name=relation.remote_app_name)


def image(*, migrates: bool = True, starts: bool = True, **changes: Any) -> testing.Container:
    """A container whose server may fail at what it is asked."""
    execs = {
        testing.Exec(contract.version_command(), stdout=f"Version: {VERSION}"),
        states.holds(pending=3),
        testing.Exec(contract.migrate_command(), return_code=0 if migrates else 1, stderr="out of order"),
        testing.Exec(contract.check_command(contract.CANDIDATE_FILE), return_code=0 if starts else 1, stderr="a\nb"),
    }
    return container(execs=execs, **changes)


def alive(plan: pebble.Plan) -> dict[str, Any]:
    """The plan without the log targets that are switched off: Pebble cannot forget one."""
    whole = plan.to_dict()
    targets = whole.get("log-targets", {}).items()
    return {**whole, "log-targets": {name: one for name, one in targets if one["services"] != ["-all"]}}


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
            new = self.complete(endpoint, known)
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

    @rule(wish=st.sampled_from(["", "wanted"]))
    def another_unit_comes_or_says_something(self, wish: str) -> None:
        bag = {"restart": wish, "keys_revision": str(self.random.randint(1, 3))}
        self.others_are({1: {key: value for key, value in bag.items() if value}})

    @rule()
    def the_other_unit_leaves(self) -> None:
        self.others_are({})

    def others_are(self, bags: dict[int, dict[str, str]]) -> None:
        (peers,) = self.state.get_relations("kratos-peers")
        assert isinstance(peers, testing.PeerRelation)
        new = dataclasses.replace(peers, peers_data=bags)
        event = self.context.on.relation_changed(new, remote_unit=1) if bags else self.context.on.update_status()
        self.happen(event, relations=[*self.others("kratos-peers"), new])

    @rule()
    def the_password_of_the_database_changes(self) -> None:
        user = next(one for one in self.state.secrets if one.id == "secret:dbuser")
        content = {"username": "ann", "password": f"word-{next(numbers)}"}
        new = dataclasses.replace(user, latest_content=content)
        others = [one for one in self.state.secrets if one.id != "secret:dbuser"]
        self.happen(self.context.on.secret_changed(new), secrets=[*others, new])

    @rule(name=st.sampled_from(ACTIONS))
    def somebody_runs(self, name: str) -> None:
        params = {"name": f"caller-{next(numbers)}"} if name == "create-admin-api-key" else {}
        try:
            self.happen(self.context.on.action(name, params=params))
        except testing.ActionFailed as refused:
            assert refused.message and "\n" not in refused.message
            assert refused.state is not None
            self.state = refused.state

    @rule(refusal=st.sampled_from(REFUSALS))
    def the_cluster_refuses(self, refusal: ClusterError) -> None:
        with mock.patch.object(Cluster, "read", side_effect=refusal):
            self.happen(self.context.on.update_status())
        assert not isinstance(self.state.unit_status, ops.ActiveStatus)

    def teardown(self) -> None:
        if not hasattr(self, "state"):
            return
        self.become_complete()
        assert isinstance(self.state.unit_status, ops.ActiveStatus), self.state.unit_status
        expected, layer = self.expected()
        assert expected and configuration(self.context, self.state) == expected
        assert alive(self.state.get_container("kratos").plan) == alive(layer)

    def anew(self, endpoint: str) -> testing.Relation:
        """The relation as Juju has it, and nothing of what anybody wrote."""
        known = self.related(endpoint)
        assert known is not None
        return testing.Relation(endpoint, id=known.id, remote_app_name=known.remote_app_name)

    def arrive(self, endpoints: list[str]) -> None:
        """Several neighbours have done their part before the unit is told of one."""
        missing = [empty(ENDPOINTS[name]) for name in endpoints if self.related(name) is None]
        self.state = dataclasses.replace(self.state, relations=[*self.state.relations, *missing])
        for endpoint in endpoints:
            self.state = dataclasses.replace(
                self.state, relations=[*self.others(endpoint), self.complete(endpoint, self.related(endpoint))]
            )
        last = self.related(endpoints[-1])
        assert last is not None
        self.happen(self.context.on.relation_changed(last))

    def complete(self, endpoint: str, known: testing.Relation | None) -> testing.Relation:
        """The relation with all that the other side has to say."""
        full = ENDPOINTS[endpoint]
        assert isinstance(full, testing.Relation) and known is not None
        return dataclasses.replace(
            known, remote_app_data=full.remote_app_data, remote_units_data=full.remote_units_data
        )

    def become_complete(self) -> None:
        """All is there, in any order, and the last event is the last thing to come."""
        if self.state.get_relations("kratos-peers")[0].peers_data:  # type: ignore[attr-defined]
            self.the_other_unit_leaves()
        names = self.random.sample(NAMES, len(NAMES))
        steps = [lambda batch=names[start : start + 10]: self.arrive(batch) for start in range(0, len(names), 10)]
        steps += [
            lambda: self.configure({}),
            lambda: self.change_the_leader(True),
            lambda: self.the_container_starts_anew(True, True),
        ]
        self.random.shuffle(steps)
        for step in steps:
            step()

    def expected(self) -> tuple[dict[str, Any], pebble.Plan]:
        """The configuration and the services of a unit that saw nothing of all this."""
        relations = [self.complete(name, self.anew(name)) for name in NAMES]
        database = next(one.id for one in relations if one.endpoint == "pg-database")
        state = create_state(
            keys=False,
            relations=[*relations, states.peers(migrated=VERSION, relation_id=database)],
            secrets=list(self.state.secrets),
            containers=[image()],
        )
        context = testing.Context(KratosCharm, app_name="kratos")
        out = context.run(context.on.config_changed(), state)
        return configuration(context, out), out.get_container("kratos").plan


#: More of them: ANY_ORDER_EXAMPLES=200.
EXAMPLES = int(os.environ.get("ANY_ORDER_EXAMPLES", "15"))
AUnit.TestCase.settings = settings(max_examples=EXAMPLES, stateful_step_count=10, deadline=None)


@pytest.mark.usefixtures("quick_yaml")
class TestAnyOrder(AUnit.TestCase):  # type: ignore[misc,name-defined]
    """The machine above, as a test."""


def some_order(seed: int) -> None:
    """Five things happen at random before all is there."""
    chance = random.Random(seed)
    unit = AUnit()
    unit.begin(seed, chance.random() < 0.5)
    happenings = [
        lambda: unit.arrive(chance.sample(NAMES, 4)),
        lambda: unit.the_other_side_writes_nonsense(chance.choice(NAMES)),
        lambda: unit.disintegrate(chance.choice(NAMES)),
        lambda: unit.configure(chance.choice(OPTIONS)),
        lambda: unit.change_the_leader(chance.random() < 0.5),
        lambda: unit.the_container_starts_anew(chance.random() < 0.5, chance.random() < 0.5),
        lambda: unit.time_passes(),
        lambda: unit.another_unit_comes_or_says_something(chance.choice(["", "wanted"])),
        lambda: unit.the_password_of_the_database_changes(),
        lambda: unit.somebody_runs(chance.choice(ACTIONS)),
        lambda: unit.the_cluster_refuses(chance.choice(REFUSALS)),
    ]
    for happening in chance.sample(happenings, 5):
        happening()
    unit.teardown()


@pytest.mark.parametrize("first", range(0, 200, 25))
def test_f31_two_hundred_orders_end_in_the_same_layer_and_status(first: int) -> None:
    for seed in range(first, first + 25):
        some_order(seed)

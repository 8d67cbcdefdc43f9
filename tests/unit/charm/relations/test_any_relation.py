"""What holds for every relation: it comes, it speaks, it goes, and nothing of it stays."""

import dataclasses
from typing import Any

import ops
import pytest
from ops import testing

from unit.charm import states
from unit.charm.states import configuration, create_state

Context = testing.Context[Any]
#: The database is another matter: a unit that had one waits until it is back.
RELATIONS = [one for one in states.everything() if one.endpoint not in ("kratos-peers", "pg-database")]
#: Those to which the application has something to say at any event.
SPEAKING = [one for one in RELATIONS if one.endpoint not in ("hydra-endpoint-info", "ui-endpoint-info", "smtp")]
SPEAKING = [one for one in SPEAKING if not one.endpoint.endswith("-webhook")]


def with_neighbours(relation: testing.RelationBase, **changes: Any) -> testing.State:
    """A unit with the relation, and with what it needs to have something to say there."""
    needed = [] if relation.endpoint in ("public-route", "ingress") else [states.route("public-route")]
    return create_state(relations=[relation, *needed], secrets=states.everybodys_secrets(), **changes)


def bare(relation: testing.RelationBase) -> testing.Relation:
    """The relation before the other side has said anything."""
    return testing.Relation(relation.endpoint, id=relation.id)


@pytest.mark.parametrize("relation", RELATIONS, ids=lambda one: one.endpoint)
def test_it_comes_speaks_and_goes(context: Context, relation: testing.Relation) -> None:
    state = with_neighbours(relation)
    others = [one for one in state.relations if one.id != relation.id]
    without = configuration(
        context, context.run(context.on.config_changed(), dataclasses.replace(state, relations=others))
    )
    early = bare(relation)
    for event in ("created", "joined", "changed"):
        occasion = getattr(context.on, f"relation_{event}")(early)
        out = context.run(occasion, dataclasses.replace(state, relations=[*others, early]))
        assert isinstance(out.unit_status, ops.ActiveStatus | ops.WaitingStatus), "nobody is to blame yet"
    told = context.run(context.on.relation_changed(relation), state)
    assert isinstance(told.unit_status, ops.ActiveStatus)
    gone = context.run(context.on.relation_broken(relation), state)
    assert configuration(context, gone) == without


@pytest.mark.parametrize("relation", RELATIONS, ids=lambda one: one.endpoint)
def test_before_the_container_starts_it_is_only_noted(context: Context, relation: testing.Relation) -> None:
    state = with_neighbours(relation, containers=[testing.Container("kratos", can_connect=False)])
    for event in ("created", "changed", "broken"):
        out = context.run(getattr(context.on, f"relation_{event}")(relation), state)
        assert out.unit_status == ops.WaitingStatus("Waiting for the kratos container to start")


@pytest.mark.parametrize("event", ["leader_elected", "upgrade_charm", "config_changed", "update_status"])
@pytest.mark.parametrize("relation", SPEAKING, ids=lambda one: one.endpoint)
def test_what_it_has_to_say_is_said_at_any_event(context: Context, relation: testing.Relation, event: str) -> None:
    out = context.run(getattr(context.on, event)(), with_neighbours(relation))
    assert out.get_relation(relation.id).local_app_data

"""A database that goes and comes back."""

import dataclasses
from typing import Any

import ops
from ops import pebble, testing

from unit.charm.states import DATABASE_USER, VERSION, create_state, database, peers, serving

DOWN = testing.CheckInfo("ready", status=pebble.CheckStatus.DOWN, failures=5, threshold=3)


def test_what_the_checks_said_meanwhile_does_not_count_afterwards(context: testing.Context[Any]) -> None:
    there = database()
    others = [peers(migrated=VERSION)]
    state = create_state(relations=[there, *others], secrets=[DATABASE_USER], containers=[serving(check_infos={DOWN})])
    gone = context.run(context.on.relation_broken(there), state)
    assert isinstance(gone.unit_status, ops.BlockedStatus)
    (ready,) = [one for one in gone.get_container("kratos").check_infos if one.name == "ready"]
    assert ready.status is pebble.CheckStatus.INACTIVE
    again = dataclasses.replace(gone, relations=[there, *gone.get_relations("kratos-peers")])
    back = context.run(context.on.relation_changed(there), again)
    assert back.unit_status == ops.ActiveStatus()
    assert {one.status for one in back.get_container("kratos").check_infos} == {pebble.CheckStatus.UP}

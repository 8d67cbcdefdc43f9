"""Units restart their servers one after the other, so that somebody always answers.

A unit that has to restart a running server asks for its turn in its own bag of the peer relation. The leader gives the
turn to one unit at a time and takes it back once that unit says that its server is ready again. A server that does not
come back keeps the turn: the others go on with the configuration that works.
"""

import ops

from .peers import Peers
from .relations import bags

WISH = "restart"
TURN = "restart_turn"
#: How long a server may take to be ready again before the unit stops looking; the next event looks again.
READY_SECONDS = 30.0


def may_restart(peers: Peers) -> bool:
    """Whether nobody else could be restarting now."""
    relation = peers.relation
    return not relation or not relation.units or relation.data[peers.app].get(TURN) == peers.unit.name


def waits(peers: Peers) -> bool:
    """Whether this unit has asked for a turn and not ended it."""
    return bool(peers.relation and peers.relation.data[peers.unit].get(WISH))


def ask(peers: Peers) -> None:
    """Want a turn."""
    _wish(peers, "wanted")


def end(peers: Peers) -> None:
    """Want none any more."""
    _wish(peers, "")


def hand_on(peers: Peers) -> None:
    """Give the turn to the next unit that wants it, when the one that has it wants it no more. Only the leader may."""
    relation = peers.relation
    if not relation:
        return
    waiting = [unit.name for unit in _units(peers) if relation.data[unit].get(WISH)]
    if relation.data[peers.app].get(TURN) not in waiting:
        bags.write(relation, peers.app, {TURN: waiting[0] if waiting else ""})


def _units(peers: Peers) -> list[ops.Unit]:
    others = peers.relation.units if peers.relation else set[ops.Unit]()
    return sorted({peers.unit, *others}, key=lambda unit: int(unit.name.rpartition("/")[2]))


def _wish(peers: Peers, value: str) -> None:
    if peers.relation:
        bags.write(peers.relation, peers.unit, {WISH: value})

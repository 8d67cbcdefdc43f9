"""Units restart their servers one after the other, so that somebody always answers.

A unit that has to restart a running server asks for its turn in its own bag of the peer relation. The leader gives the
turn to one unit at a time and takes it back once that unit says that its server is ready again. A server that does not
come back keeps the turn: the others go on with the configuration that works. A unit that does not even begin, because
its pod is down, loses it to the next.
"""

import time

import ops

from .peers import Peers
from .relations import bags

WISH = "restart"
TURN = "restart_turn"
SINCE = "restart_turn_since"
WANTED, BEGUN = "wanted", "begun"
#: How long a unit may have its turn without beginning; two of Juju's regular events fit into it.
BEGIN_SECONDS = 600.0
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
    _wish(peers, WANTED)


def begin(peers: Peers) -> None:
    """The server restarts now: whether it comes back decides whether the others follow."""
    if waits(peers):
        _wish(peers, BEGUN)


def end(peers: Peers) -> None:
    """Want none any more."""
    _wish(peers, "")


def hand_on(peers: Peers) -> None:
    """Give the turn to the next unit, when the one that has it wants it no more or never began. Only the leader may."""
    relation = peers.relation
    if not relation:
        return
    wishes = {unit.name: relation.data[unit].get(WISH) for unit in _units(peers) if relation.data[unit].get(WISH)}
    has = relation.data[peers.app].get(TURN, "")
    if has in wishes and (wishes[has] == BEGUN or not _late(relation.data[peers.app].get(SINCE, ""))):
        return
    # Round and round, so that a unit that lost its turn is asked after all others.
    following = sorted(wishes, key=lambda name: (_number(name) <= _number(has), _number(name)))
    given = following[0] if following else ""
    bags.write(relation, peers.app, {TURN: given, SINCE: str(int(time.time())) if given else ""})


def _late(since: str) -> bool:
    return bool(since) and time.time() - float(since) > BEGIN_SECONDS


def _units(peers: Peers) -> list[ops.Unit]:
    others = peers.relation.units if peers.relation else set[ops.Unit]()
    return sorted({peers.unit, *others}, key=lambda unit: _number(unit.name))


def _number(unit: str) -> int:
    return int(unit.rpartition("/")[2] or -1)


def _wish(peers: Peers, value: str) -> None:
    if peers.relation:
        bags.write(peers.relation, peers.unit, {WISH: value})

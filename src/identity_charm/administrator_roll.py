"""Which accounts are, or are to become, administrators of the Admin UI: a list that outlives the unit that made them.

Only the leader writes the application's bag. Another unit notes its accounts in its own bag, from which the leader
takes them over, and keeps them there until it sees that.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import ops

from .peers import Peers
from .relations import bags

KEY = "administrators"


@dataclass(frozen=True)
class Administrator:
    """An entry of the list.

    Attributes:
        email: the name that OpenFGA knows the account by.
        appointed: whether OpenFGA has heard of it.
    """

    email: str
    appointed: bool = False


#: By the id of the account. An address can belong to another account tomorrow, an id cannot.
Administrators = Mapping[str, Administrator]


@dataclass(frozen=True)
class Roll:
    """The list, as this unit may read and write it."""

    peers: Peers
    leader: bool

    @property
    def everybody(self) -> Administrators:
        """What all bags say. Where they differ the account still waits: to appoint somebody twice does no harm."""
        found = self._known
        for unit in self._units:
            for identity_id, one in self._in(unit).items():
                known = found.get(identity_id, one)
                found[identity_id] = Administrator(one.email, one.appointed and known.appointed)
        return found

    @property
    def mine(self) -> Administrators:
        """The entries that this unit looks after."""
        return self.everybody if self.leader else self._in(self.peers.unit)

    @property
    def waiting(self) -> bool:
        """Whether an account is still to become an administrator."""
        return any(not one.appointed for one in self.everybody.values())

    def note(self, identity_id: str, one: Administrator) -> None:
        """Add or change an entry."""
        self.write({**self.mine, identity_id: one})

    def forget(self, identity_id: str) -> None:
        """Take an entry away, where this unit may."""
        self.write({key: one for key, one in self.mine.items() if key != identity_id})

    def write(self, entries: Administrators) -> None:
        """Make the entries that this unit looks after these, but for those that the leader has taken over."""
        if self.leader:
            self._put(self.peers.app, entries)
            self._put(self.peers.unit, {})
        else:
            known = self._known
            self._put(self.peers.unit, {key: one for key, one in entries.items() if known.get(key) != one})

    @property
    def _known(self) -> dict[str, Administrator]:
        return self._in(self.peers.app)

    @property
    def _units(self) -> set[ops.Unit]:
        return {self.peers.unit, *self.peers.relation.units} if self.peers.relation else set()

    def _in(self, whose: ops.Application | ops.Unit) -> dict[str, Administrator]:
        text = self.peers.relation.data[whose].get(KEY, "{}") if self.peers.relation else "{}"
        return {key: Administrator(**one) for key, one in json.loads(text).items()}

    def _put(self, whose: ops.Application | ops.Unit, entries: Administrators) -> None:
        if self.peers.relation:
            text = json.dumps({key: asdict(one) for key, one in sorted(entries.items())})
            bags.write(self.peers.relation, whose, {KEY: text if entries else ""})

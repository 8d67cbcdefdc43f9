"""What a change did, in a form that carries no value of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from identity_server.audit.events import IDENTITY_CREATED, IDENTITY_UPDATED, SESSION_ISSUED


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a statement did.

    Attributes:
        event: one of ``events``.
        sessions: ids of the sessions that it did it to.
        changed: names of what is different, such as ``credentials.password``; never what it was or is.
        state: the identity's state afterwards.
        method: with what somebody is let in.
        credential_id: the one of several that it did it to.
    """

    event: str
    identity_id: str | None
    sessions: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    state: str = ""
    flow_id: str = ""
    method: str = ""
    credential_id: str = ""


def together(facts: Iterable[Fact]) -> list[Fact]:
    """The facts of one change, one for each event and identity; the session of a new identity belongs to it."""
    found: dict[tuple[str, str | None], Fact] = {}
    for fact in facts:
        place = (fact.event + fact.credential_id, fact.identity_id)
        known = found.get(place)
        found[place] = fact if known is None else _joined(known, fact)
    for event, identity_id in list(found):
        created = found.get((IDENTITY_CREATED, identity_id))
        if created is not None and event in (IDENTITY_UPDATED, SESSION_ISSUED):
            found[IDENTITY_CREATED, identity_id] = _joined(created, found.pop((event, identity_id)))
    return list(found.values())


def _joined(first: Fact, second: Fact) -> Fact:
    return replace(
        first,
        sessions=(*first.sessions, *second.sessions),
        changed=tuple(dict.fromkeys((*first.changed, *second.changed))),
        state=first.state or second.state,
    )

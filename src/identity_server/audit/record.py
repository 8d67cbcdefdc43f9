"""One entry of the trail, and its JSON."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from identity_server import randomness, times
from identity_server.audit.facts import Fact
from identity_server.times import Timestamp

SUCCESS, FAILURE = "success", "failure"
RESULTS = (SUCCESS, FAILURE)
#: Ids of sessions that one entry names; it counts the others.
MOST_SESSIONS = 20


@dataclass(frozen=True)
class Origin:
    """From where a request comes.

    Attributes:
        api: ``public`` or ``admin``; ``command_line`` for what goes past the server.
        ip: the address as trusted proxies report it, else the peer's.
        request_id: the caller's own, else a new one.
    """

    api: str
    ip: str
    user_agent: str
    request_id: str


@dataclass(frozen=True)
class Doing:
    """What somebody does.

    Attributes:
        actor: ``admin_key:NAME``, ``identity:ID``, ``anonymous`` or ``command_line``.
        reason: why it was refused; empty when it was not.
    """

    event: str
    actor: str
    flow_id: str = ""
    method: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Record:
    """An entry as it is stored.

    Attributes:
        id: sorts as time does.
        document: everything about it, as JSON.
    """

    id: str
    at: Timestamp
    event: str
    actor: str
    identity_id: str | None
    result: str
    document: dict[str, Any]

    @property
    def text(self) -> str:
        """The document as JSON text."""
        return orjson.dumps(self.document).decode()


def record(doing: Doing, fact: Fact, origin: Origin, moment: datetime, place: int = 0) -> Record:
    """An entry.

    Args:
        place: its place among those of the same moment.
    """
    at, result = times.text(moment), FAILURE if doing.reason else SUCCESS
    entry = Record(
        randomness.ordered_id(moment, place), at, doing.event, doing.actor, fact.identity_id, result, document={}
    )
    entry.document.update(
        id=entry.id,
        when=at,
        event=doing.event,
        result=result,
        reason=doing.reason or None,
        actor=doing.actor,
        identity_id=fact.identity_id,
        flow_id=doing.flow_id or None,
        method=doing.method or None,
        api=origin.api,
        ip=origin.ip,
        ua=origin.user_agent,
        request_id=origin.request_id,
    )
    entry.document.update(_details(fact))
    return entry


def _details(fact: Fact) -> dict[str, Any]:
    details: dict[str, Any] = {}
    if fact.sessions:
        details["sessions"] = list(fact.sessions[:MOST_SESSIONS])
        details["sessions_total"] = len(fact.sessions)
    if fact.changed:
        details["changed"] = list(fact.changed)
    if fact.credential_id:
        details["credential_id"] = fact.credential_id
    if fact.state:
        details["state"] = fact.state
    return details

"""The trail of one request: who asks from where, and which step of which flow they take.

It travels in a context variable, so that flows and storage can add to it without being handed it. Without a trail,
which is the case unless ``audit.enabled`` is set, every function here does nothing.
"""

from collections.abc import Iterable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field

from identity_server.audit.events import FAILS, FULFILS, RECOVERY_BY_ADMIN
from identity_server.audit.facts import Fact, together
from identity_server.audit.record import Doing, Origin, Record, record
from identity_server.times import Clock

ANONYMOUS = "anonymous"
PUBLIC, ADMIN = "public", "admin"
COMMAND_LINE = "command_line"


@dataclass
class Step:
    """A submission to a flow.

    Attributes:
        identity_id: whom it is about, as far as it is known.
        reason: why it was refused; empty as long as it was not.
        done: whether the flow did what it is for.
    """

    kind: str
    flow_id: str
    method: str = ""
    identity_id: str | None = None
    reason: str = ""
    done: bool = False


@dataclass
class Trail:
    """What is known of a request.

    Attributes:
        actor: ``admin_key:NAME``, ``identity:ID``, ``anonymous``, or ``command_line`` for what goes past the server.
    """

    origin: Origin
    clock: Clock
    actor: str = ANONYMOUS
    step: Step | None = field(default=None)

    def records(self, facts: Iterable[Fact]) -> list[Record]:
        """What to keep of a change; the fact that fulfils the flow under way is called as the flow."""
        kept = [fact for fact in together(facts) if fact.event != RECOVERY_BY_ADMIN or self.origin.api == ADMIN]
        return [self._succeeded(fact, place) for place, fact in enumerate(kept)]

    def _succeeded(self, fact: Fact, place: int) -> Record:
        step, event = self.step, fact.event
        if step is not None and not step.done and event in FULFILS[step.kind]:
            step.done, event = True, FULFILS[step.kind][event]
        # What comes along with a flow, such as sessions that it ended, is found by the flow's id.
        flow_id, method = (step.flow_id, step.method) if step else (fact.flow_id, fact.method)
        return record(Doing(event, self.actor, flow_id, method), fact, self.origin, self.clock(), place)

    def failure(self) -> Record | None:
        """What to keep of a submission that was refused."""
        step = self.step
        if step is None or step.done or not step.reason:
            return None
        event = FAILS[step.kind]
        doing = Doing(event, self.actor, step.flow_id, step.method, step.reason)
        return record(doing, Fact(event, step.identity_id), self.origin, self.clock())


_current: ContextVar[Trail | None] = ContextVar("audit_trail", default=None)


def current() -> Trail | None:
    """The trail of the request under way."""
    return _current.get()


def follow(trail: Trail | None) -> None:
    """Makes a trail that of the request under way."""
    _current.set(trail)


def identified(identity_id: str) -> None:
    """Notes whose session the request carries."""
    trail = _current.get()
    if trail is not None and trail.origin.api != ADMIN:
        trail.actor = f"identity:{identity_id}"


def admitted(key: str) -> None:
    """Notes which admin key the request carries."""
    trail = _current.get()
    if trail is not None:
        trail.actor = f"admin_key:{key}"


def entered(kind: str, flow_id: str, identity_id: str | None = None) -> None:
    """Notes which flow a submission is for."""
    trail = _current.get()
    if trail is not None:
        trail.step = Step(kind, flow_id, identity_id=identity_id or None)


def asked(method: str) -> None:
    """Notes which method looks at the submission; nothing when none felt meant."""
    trail = _current.get()
    if trail is not None and trail.step is not None:
        trail.step.method = method


def concerns(identity_id: str) -> None:
    """Notes whom a submission is about."""
    trail = _current.get()
    if trail is not None and trail.step is not None:
        trail.step.identity_id = identity_id


def refused(reasons: Sequence[str]) -> None:
    """Notes why a submission was refused, in words that hold nothing of what was submitted."""
    trail = _current.get()
    if trail is not None and trail.step is not None and reasons:
        trail.step.reason = "; ".join(reasons)

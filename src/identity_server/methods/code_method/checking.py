"""Looking at a code that somebody typed."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from identity_server.audit import trail
from identity_server.flows import known_devices, protection
from identity_server.flows.one_time import StoredCode
from identity_server.messages import errors
from identity_server.messages.message import Message
from identity_server.methods.code_method import issue
from identity_server.methods.interface import Stay, StepContext
from identity_server.schema import normalize
from identity_server.times import Timestamp

TOO_OFTEN = "Too many codes were submitted; request another one."
USED = "The code was used already; request another one."


@dataclass(frozen=True)
class Right:
    """The code is right, and from now on used."""

    code: StoredCode


@dataclass(frozen=True)
class Wrong:
    """No such code."""


@dataclass(frozen=True)
class Used:
    """The code was right once."""


@dataclass(frozen=True)
class Late:
    """The code was right until then."""

    expired_at: Timestamp


@dataclass(frozen=True)
class TooOften:
    """The code was not looked at.

    Attributes:
        wait: seconds after which codes for the address are looked at again; 0 when the flow's are used up.
    """

    wait: int = 0


Verdict = Right | Wrong | Used | Late | TooOften


async def check(context: StepContext, typed: str) -> Verdict:
    """Looks at a code unless there were too many, and uses it up when it is right."""
    services, flow = context.services, context.flow
    codes = await services.codes.of_flow(flow.id)
    if owner := next((code.identity_id for code in codes if code.identity_id), None):
        trail.concerns(owner)
    now = services.now()
    limits = protection.guesses(services.configuration, now)
    budget = await known_devices.budget(context, codes[-1].identity_id if codes else None)
    attempt = await services.codes.attempt(flow.id, subject(flow.id, codes, budget), limits, now)
    if attempt.too_many:
        since = attempt.blocked_since
        return TooOften(protection.wait(services.configuration, since, now) if since else 0)
    found = [code for code in codes if issue.matches(services, code, typed)]
    if not found:
        return Wrong()
    code = found[-1]
    if code.used_at:
        return Used()
    if code.expires_at <= now:
        return Late(code.expires_at)
    if not await services.codes.use(code.id, now):
        return Used()
    await services.codes.forgive(attempt)
    return Right(code)


def subject(flow_id: str, codes: Sequence[StoredCode], budget: str = "") -> str:
    """Whose codes are guessed: an address, else an identity, else just the flow; never in clear.

    Args:
        budget: of those that the codes' owner has, the one that the guess counts for.
    """
    for code in reversed(codes):
        if code.address:
            return _digest(f"{code.via}:{_canonical(code)}{budget}")
        if code.identity_id:
            return _digest(f"identity:{code.identity_id}{budget}")
    return _digest(f"flow:{flow_id}")


def _canonical(code: StoredCode) -> str:
    try:
        return normalize.address(code.via, code.address)
    except normalize.NotCanonical:
        return code.address


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()


def message(verdict: TooOften) -> Message:
    """What is said about a code that was not looked at."""
    return errors.too_many_attempts(verdict.wait) if verdict.wait else errors.invalid(TOO_OFTEN)


def blocked(context: StepContext, verdict: TooOften) -> Stay:
    """The form with the time after which codes for the address are looked at again."""
    context.flow.ui.clear_messages()
    context.flow.ui.add_message(message(verdict))
    return Stay(429, retry_after=verdict.wait)

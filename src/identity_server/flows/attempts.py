"""Limits on guessing, per account and per source address; an addition to what Kratos has.

Each guess is counted before it is looked at, in the database, so that neither parallel requests nor several replicas
get more of them. Whoever signed in on a device before has a counter of their own there: a stranger's guesses do not
lock them out.
"""

import hashlib
from contextlib import AbstractAsyncContextManager

from identity_server.audit import trail
from identity_server.configuration import Configuration
from identity_server.flows import known_devices, protection
from identity_server.identity.model import Identity
from identity_server.messages import errors
from identity_server.methods.interface import Stay, StepContext
from identity_server.schema import normalize
from identity_server.session.model import AAL1
from identity_server.storage.attempts import Ladder, Window


def ladder(configuration: Configuration) -> Ladder:
    """The limits for one account."""
    place = "security.brute_force.per_identifier"
    return Ladder(
        configuration.integer(f"{place}.free_attempts"),
        configuration.span(f"{place}.first_wait"),
        configuration.span(f"{place}.longest_wait"),
        configuration.span(f"{place}.forget_after"),
    )


def address_window(configuration: Configuration) -> Window:
    """The limits for one source address."""
    place = "security.brute_force.per_address"
    return Window(configuration.integer(f"{place}.attempts"), configuration.span(f"{place}.window"))


def counter_of(context: StepContext, identity: Identity | None, identifier: str, level: str) -> str:
    """The counter of an account, one for all its names and methods of a level, or of a name that nobody has.

    Levels are apart, since who knows the password must not get new tries at the second factor by signing in again. For
    the same reason a device is known to the second factor only once that was completed there.
    """
    owner = identity.id if identity else _name(identifier)
    device = known_devices.counter(context.caller, identity, context.services, level)
    return f"{level}:" + _digest(f"{owner}\n{device}")


def _name(identifier: str) -> str:
    """A name that nobody has, by the form in which it would be looked up.

    Spellings of somebody's name share a counter, so those of nobody's must: else a further spelling tells them apart.
    """
    try:
        return normalize.identifier(identifier, phone=False)
    except normalize.NotCanonical:
        return identifier  # nobody's in any spelling


def turn(context: StepContext, identity: Identity | None, identifier: str) -> AbstractAsyncContextManager[None]:
    """Waits for others that try the same password: who is right at the same time as many is not one too many."""
    return context.services.guessing.turn(counter_of(context, identity, identifier, AAL1))


async def refused(
    context: StepContext, identity: Identity | None, identifier: str = "", *, level: str = AAL1
) -> Stay | None:
    """Counts a guess; the answer when it is one too many, None when it may be looked at."""
    if identity is not None:
        trail.concerns(identity.id)
    services = context.services
    if not protection.is_on(services.configuration):
        return None
    if refused := await refused_source(context):
        return refused
    counter = counter_of(context, identity, identifier, level)
    wait = await services.attempts.begin(counter, ladder(services.configuration), services.now())
    return _wait(context, wait) if wait else None


async def refused_source(context: StepContext) -> Stay | None:
    """Counts a submission for the source address alone; the answer when it is one too many."""
    services = context.services
    if not protection.is_on(services.configuration):
        return None
    window = address_window(services.configuration)
    wait = await services.attempts.count(f"address:{context.caller.source}", window, services.now())
    return _wait(context, wait) if wait else None


def _wait(context: StepContext, seconds: int) -> Stay:
    context.flow.ui.add_message(errors.too_many_attempts(seconds))
    return Stay(429, retry_after=seconds)


async def succeeded(context: StepContext, identity: Identity, level: str) -> None:
    """Forgets the guesses of whoever turned out to be right."""
    if protection.is_on(context.services.configuration):
        await context.services.attempts.forget(counter_of(context, identity, "", level))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

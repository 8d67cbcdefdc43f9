"""Sending codes, to known addresses and, as far as anybody can tell, to unknown ones."""

from collections.abc import Awaitable, Callable
from typing import Any

from identity_server.courier.errors import InvalidRecipient
from identity_server.courier.outbox import Occasion, Outbox
from identity_server.flows import mailing
from identity_server.flows.addressee import Addressee
from identity_server.flows.one_time import StoredCode
from identity_server.methods.code_method import issue
from identity_server.methods.interface import StepContext

#: Puts a message with a code into an outbox: the outbox, the code, the person, the occasion, minutes it counts.
Send = Callable[[Outbox, str, dict[str, Any], Occasion, int], Awaitable[bool]]


async def send(
    context: StepContext, target: Addressee, message: Send, *, mark: bool = False, tell_unknown: bool = False
) -> bool:
    """Sends a code and makes it the only one of its flow.

    An address that nobody has costs as many writes, of the same kind: the time of the answer tells nothing. When an
    address has had too many messages lately nothing happens, so that nobody can void a code that is on its way.

    Args:
        mark: whether to note at the address that something was sent.
        tell_unknown: whether ``message`` is for unknown addresses, too, and really sent to them.

    Returns:
        False when the address has had too many messages lately.
    """
    services, flow = context.services, context.flow
    code, stored = _code(context, target)
    known = target.is_known or tell_unknown
    box = services.mail.outbox if known else services.mail.rehearsal
    person = mailing.who(services, target.identity, target.to)
    lifespan = mailing.minutes(services.configuration.span(issue.LIFESPAN))
    try:
        # Kratos binds the SMS of a recovery to the site, whoever runs the flow.
        sent = await message(box, code, person, mailing.occasion(context, bound=flow.kind == "recovery"), lifespan)
    except InvalidRecipient:
        sent = True
    if sent:
        await services.codes.replace(flow.id, [stored], services.now(), mark=mark)
    return sent


def _code(context: StepContext, target: Addressee) -> tuple[str, StoredCode]:
    services, flow = context.services, context.flow
    if target.identity is None or target.address is None:
        return issue.decoy(services, flow, target.typed, target.via)
    return issue.new_code(services, flow, identity_id=target.identity.id, address=target.address)

"""Sending links, to known addresses and, as far as anybody can tell, to unknown ones."""

from collections.abc import Awaitable, Callable
from typing import Any

from identity_server.courier.errors import InvalidRecipient
from identity_server.courier.outbox import Occasion, Outbox
from identity_server.flows import mailing
from identity_server.flows.addressee import Addressee
from identity_server.methods.interface import StepContext
from identity_server.methods.link_method import issue

#: Puts a message with a link into an outbox: the outbox, the link, the person, the occasion, minutes it counts.
Send = Callable[[Outbox, str, dict[str, Any], Occasion, int], Awaitable[bool]]


async def send(context: StepContext, target: Addressee, message: Send, *, tell_unknown: bool = False) -> bool:
    """Sends a link. An address that nobody has costs as many writes, of the same kind.

    Args:
        tell_unknown: whether ``message`` is for unknown addresses, too, and really sent to them.

    Returns:
        False when the address has had too many messages lately.
    """
    services, flow = context.services, context.flow
    owner = target.identity.id if target.is_known and target.identity else None
    token, stored = issue.new_token(services, flow, identity_id=owner, address=target.address)
    box = services.mail.outbox if target.is_known or tell_unknown else services.mail.rehearsal
    person = mailing.who(services, target.identity, target.to)
    lifespan = mailing.minutes(services.configuration.span(issue.LIFESPAN))
    try:
        sent = await message(box, issue.link(services, flow, token), person, mailing.occasion(context), lifespan)
    except InvalidRecipient:
        sent = True
    if sent:
        await services.codes.add_sent_token(stored, services.now())
    return sent

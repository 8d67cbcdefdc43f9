"""Tells the addresses that an account had before a change of settings that it has others now."""

from collections.abc import Sequence

from identity_server.courier.errors import InvalidRecipient
from identity_server.flows import mailing
from identity_server.identity import document
from identity_server.identity.model import Address, Identity
from identity_server.methods.interface import StepContext


async def notify(context: StepContext, identity: Identity, recipients: str) -> None:
    """Writes to the addresses of before, when they have changed.

    Args:
        context: its identity is the one of before.
        recipients: ``removed``, ``all_verified`` or ``all``.
    """
    services = context.services
    before = context.identity.verifiable_addresses if context.identity else []
    for address in chosen(before, identity.verifiable_addresses, recipients):
        try:
            await services.outbox.send_address_changed(
                address.value,
                document.public_json(identity, services.public_url),
                services.now(),
                mailing.occasion(context),
                channel=address.via,
            )
        except InvalidRecipient:
            continue


def chosen(before: Sequence[Address], after: Sequence[Address], recipients: str) -> list[Address]:
    """Who is told: nobody unless an address came or went."""
    names = {(address.via, address.value) for address in after}
    removed = [address for address in before if (address.via, address.value) not in names]
    if not removed and len(before) == len(after):
        return []
    if recipients == "all":
        return list(before)
    if recipients == "all_verified":
        return [address for address in before if address.verified]
    return removed

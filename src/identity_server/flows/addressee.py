"""Who has an address that somebody typed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from identity_server.courier.message import EMAIL
from identity_server.identity.model import Address, Identity
from identity_server.schema import normalize
from identity_server.services import Services


@dataclass(frozen=True)
class Addressee:
    """Whom a message is for.

    Attributes:
        typed: what somebody typed.
        via: ``email`` or ``sms``.
        identity, address: who has it; None when nobody has.
    """

    typed: str
    via: str = EMAIL
    identity: Identity | None = None
    address: Address | None = None

    @property
    def is_known(self) -> bool:
        """Whether somebody has the address."""
        return self.identity is not None and self.address is not None

    @property
    def to(self) -> str:
        """Where the message is sent."""
        return self.address.value if self.address else self.typed


async def find(services: Services, kind: Literal["recovery", "verifiable"], via: str, typed: str) -> Addressee:
    """Who can recover an account, or prove an address, by what was typed."""
    try:
        canonical = normalize.address(via, typed)
        identity = await services.identities.by_address(kind, via, typed)
    except normalize.NotCanonical:
        return Addressee(typed, via)
    held = [] if identity is None else identity.recovery_addresses
    if identity is not None and kind == "verifiable":
        held = identity.verifiable_addresses
    same = (each for each in held if each.via == via and normalize.address(via, each.value) == canonical)
    address = next(same, None)
    return Addressee(typed, via, identity if address else None, address)


def is_among(held: Iterable[Address], via: str, value: str) -> bool:
    """Whether something that was sent to an address would reach whoever has these.

    A code or link outlives the moment it was sent in; the account that it was for may have other addresses by now, and
    whoever reads the old one may be somebody else.
    """
    return any(each.via == via and _same(via, each.value, value) for each in held)


def _same(via: str, first: str, second: str) -> bool:
    if first == second:
        return True
    try:
        return normalize.address(via, first) == normalize.address(via, second)
    except normalize.NotCanonical:
        return False


async def proved(services: Services, identity: Identity, via: str, value: str) -> Identity:
    """The identity after something sent to one of its addresses came back: the address is verified."""
    for address in identity.verifiable_addresses:
        if value and (address.via, address.value) == (via, value):
            await services.identities.verify_address(identity.id, address.id, value, services.now())
            return await services.identities.by_id(identity.id) or identity
    return identity

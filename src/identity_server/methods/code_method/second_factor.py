"""Codes as a second factor: who may use them, and where they are sent."""

from collections.abc import Sequence
from dataclasses import dataclass

from identity_server.flows.addressee import Addressee
from identity_server.identity.levels import Factors, second_factors
from identity_server.identity.model import Address, Identity
from identity_server.methods.code_method import addresses
from identity_server.methods.interface import StepContext
from identity_server.schema import normalize
from identity_server.session.model import AAL1, MAILED

ENABLED = "selfservice.methods.code.mfa_enabled"


@dataclass(frozen=True)
class SecondFactor:
    """The addresses of a person who signed in with something else.

    Attributes:
        alone: whether the person has no other second factor.
    """

    identity: Identity
    addresses: Sequence[Address]
    alone: bool

    @classmethod
    def of(cls, context: StepContext) -> "SecondFactor | None":
        """The second factor of a session; None when codes are none for it.

        Whoever got in by something that was sent to a mailbox proves nothing new by reading that mailbox again.
        """
        identity, session = context.identity, context.session
        if identity is None or session is None or not context.services.configuration.flag(ENABLED):
            return None
        if not any(proof.aal == AAL1 and proof.method not in MAILED for proof in session.methods):
            return None
        found = addresses.of(identity)
        named = _named(context, identity)
        chosen = [each for each in found if each.value == named] or found
        return cls(identity, chosen, not second_factors(identity, Factors())) if chosen else None

    @property
    def only(self) -> Addressee | None:
        """The address, when there is nothing to choose: a code is sent there without being asked for."""
        return self._to(self.addresses[0]) if self.alone and len(self.addresses) == 1 else None

    def find(self, typed: str) -> Addressee | None:
        """The address that was chosen, if it is one of these."""
        try:
            canonical = normalize.identifier(typed)
        except normalize.NotCanonical:
            return None
        same = (each for each in self.addresses if normalize.identifier(each.value) == canonical)
        address = next(same, None)
        return self._to(address) if address else None

    def _to(self, address: Address) -> Addressee:
        return Addressee(address.value, address.via, self.identity, address)


def _named(context: StepContext, identity: Identity) -> object:
    """The value of the trait that the parameter ``via`` of older clients names."""
    trait = context.caller.parameter("via")
    traits = identity.traits
    return traits.get(trait) if trait and isinstance(traits, dict) else None

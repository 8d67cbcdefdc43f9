"""Hooks that make people prove their addresses."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from identity_server.errors import ApiError
from identity_server.hooks import selection
from identity_server.hooks.selection import Hook
from identity_server.hooks.verdicts import Interrupted, Proceed, Refused
from identity_server.identity.model import Address, Identity
from identity_server.messages import errors as error_messages
from identity_server.methods.interface import StepContext
from identity_server.services import Services

#: Where a request keeps the verifications that it began.
BEGUN: Final = "verifications"
ALWAYS_SHOWN: Final = "feature_flags.legacy_continue_with_verification_ui"
OLDER_REFUSAL: Final = "feature_flags.legacy_require_verified_login_error"


@dataclass(frozen=True)
class Begun:
    """A verification that waits for the owner of an address.

    Attributes:
        page: where a browser goes on with it.
    """

    flow_id: str
    address: str
    page: str

    def step(self, *, page: bool) -> dict[str, Any]:
        """What tells a client to show it."""
        flow = {"id": self.flow_id, "verifiable_address": self.address} | ({"url": self.page} if page else {})
        return {"action": "show_verification_ui", "flow": flow}


class Verifier(Protocol):
    """Starts verifications."""

    async def begin(
        self, context: StepContext, identity: Identity, address: Address, *, signs_in: bool
    ) -> Begun | None:
        """Sends what proves an address and keeps a flow that waits for it; None when there is no way to prove it.

        Args:
            signs_in: whether the flow goes on, and gives the browser a new anti-forgery secret.
        """
        ...


class Verifying:
    """Begins verifications and says what clients do about them."""

    def __init__(self, services: Services, verifier: Verifier | None) -> None:
        self._services = services
        self._verifier = verifier

    def implicit(self) -> list[Hook]:
        """What runs without being named after a sign-up and a change of settings."""
        enabled = self._services.configuration.flag("selfservice.flows.verification.enabled")
        return [{"hook": selection.VERIFICATION}] if enabled else []

    async def begin(self, context: StepContext, identity: Identity) -> None:
        """Begins a verification of every address that waits for one; a login asks again for those that still do."""
        login = context.flow.kind == "login"
        for address in identity.verifiable_addresses:
            if not address.verified if login else address.status == "pending":
                await self._begin(context, identity, address, signs_in=True)

    async def _begin(
        self, context: StepContext, identity: Identity, address: Address, *, signs_in: bool
    ) -> Begun | None:
        if self._verifier is None:
            return None
        begun = await self._verifier.begin(context, identity, address, signs_in=signs_in)
        if begun is not None:
            context.linked.setdefault(BEGUN, []).append(begun)
        return begun

    async def require(self, context: StepContext, identity: Identity) -> Interrupted | Refused | None:
        """Holds a sign-in back until an address is verified; the way to do that is on its way then."""
        if any(address.verified for address in identity.verifiable_addresses):
            return None
        if not identity.verifiable_addresses:
            reason = "This account has no address that can be verified, which it needs to sign in."
            return Refused(ApiError(500, reason))
        if self._services.configuration.flag(OLDER_REFUSAL):
            return Interrupted([("", error_messages.address_not_verified())])
        begun = [
            await self._begin(context, identity, address, signs_in=False) for address in identity.verifiable_addresses
        ]
        first = next((each for each in begun if each is not None), None)
        if first is None:
            return Interrupted([("", error_messages.address_not_verified())])
        return Refused(not_verified(first), first.page)

    def next_steps(self, context: StepContext, hooks: Sequence[Hook]) -> Proceed:
        """What follows the verifications that were begun."""
        begun: list[Begun] = context.linked.get(BEGUN, [])
        shows = any(hook.get("hook") == selection.SHOW_VERIFICATION for hook in hooks)
        listed = begun if self._services.configuration.flag(ALWAYS_SHOWN) else begun[:1] if shows else []
        steps = [each.step(page=not context.flow.is_native) for each in listed]
        return Proceed(steps, begun[0].page if shows and begun else "")


def not_verified(begun: Begun) -> ApiError:
    """The refusal of a sign-in; its inner code differs from the status, as in Kratos."""
    return ApiError(
        403,
        "Sign in again once the address of this account is verified; a message to it says how.",
        id="session_verified_address_required",
        message="The address of this account is not verified yet.",
        code=400,
        details={"continue_with": [begun.step(page=True)]},
    )

"""Verifications that begin because of another flow: after a sign-up, a sign-in or a change of settings."""

from dataclasses import replace
from typing import cast
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit, urlunsplit

from identity_server.errors import ApiError
from identity_server.flows import csrf
from identity_server.flows.engine import Engine
from identity_server.flows.model import Flow
from identity_server.hooks.verifying import Begun
from identity_server.identity.model import Address, Identity
from identity_server.methods.interface import Announcing, StepContext

AFTERWARDS = "after_verification_return_to"


class VerificationStart:
    """Starts verifications; see ``hooks.verifying.Verifier``.

    Args:
        engine: what all flows share.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.services = engine.services

    async def begin(
        self, context: StepContext, identity: Identity, address: Address, *, signs_in: bool
    ) -> Begun | None:
        """Sends what proves an address and keeps a flow that waits for it."""
        step = self._step()
        if step is None or not self.services.configuration.flag("selfservice.flows.verification.enabled"):
            return None
        if signs_in and not context.flow.is_native and context.flow.kind in ("login", "registration"):
            csrf.renew(context.caller)
        flow = self._flow(context, identity)
        inner = StepContext(self.services, flow, context.caller, identity)
        if await step.announce(inner, identity, address):
            address.status = "sent"
        flow.transient_payload = flow.oauth2_login_request = None
        await self.services.flows.insert(flow)
        return Begun(flow.id, address.value, self.engine.page_of(flow))

    def _step(self) -> Announcing | None:
        method = self.services.configuration.text("selfservice.flows.verification.use") or "code"
        found = next((step for room, step in self.engine.steps("verification") if room.id == method), None)
        return cast("Announcing", found) if found is not None else None

    def _flow(self, context: StepContext, identity: Identity) -> Flow:
        original = context.flow
        url, return_to = continued(original.request_url)
        flow = self.engine.new("verification", original.type, replace(context.caller, url=url, query={}))
        flow.return_to = self._allowed(return_to)
        flow.identity_id = identity.id
        # For the message alone.
        flow.transient_payload, flow.oauth2_login_request = original.transient_payload, original.oauth2_login_request
        return flow

    def _allowed(self, return_to: str) -> str:
        """The address, unless the list of allowed ones has become shorter."""
        try:
            self.engine.return_url(return_to, "verification")
        except ApiError:
            return ""
        return return_to


def continued(request_url: str) -> tuple[str, str]:
    """The address that the verification was started by, as it shows, and where it returns to."""
    parts = urlsplit(request_url)
    query = parse_qs(parts.query, keep_blank_values=True)
    afterwards = next((value for value in query.get(AFTERWARDS, ()) if value), "")
    return_to = afterwards or next(iter(query.get("return_to", ())), "")
    if AFTERWARDS not in query:
        return request_url, return_to
    replaced = {AFTERWARDS} | ({"return_to"} if afterwards else set())
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in replaced]
    if afterwards:
        kept.append(("return_to", afterwards))
    return urlunsplit(parts._replace(query=urlencode(sorted(kept)))), return_to

"""Where browsers come back to from a provider; picks up the flow that they left in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import structlog

from identity_server.audit import trail
from identity_server.errors import ApiError, bad_request, not_found
from identity_server.flows import session_access
from identity_server.flows.answer import Answer, redirect
from identity_server.flows.caller import Caller
from identity_server.flows.continuity import Continuity
from identity_server.flows.engine import Engine
from identity_server.flows.login import LoginFlows
from identity_server.flows.provider_sign_in import ProviderSignIn
from identity_server.flows.registration import RegistrationFlows
from identity_server.flows.settings import SettingsFlows
from identity_server.messages import errors as error_messages
from identity_server.methods.interface import Stay, StepContext, Vouched
from identity_server.methods.oidc_method import METHOD, OidcMethod, departure, state_token
from identity_server.methods.oidc_method.granted import Granted
from identity_server.methods.oidc_method.provider_set import ProviderSet
from identity_server.methods.oidc_method.providers.provider import Journey
from identity_server.methods.oidc_method.refusals import ProviderRefused
from identity_server.methods.oidc_method.settings import OidcSettings
from identity_server.methods.oidc_method.state_token import State

log = structlog.get_logger("oidc")
_AGAIN: Final = timedelta(minutes=1)


@dataclass
class Arrival:
    """A browser that came back.

    Attributes:
        answer: the parameters that the provider sent along.
        kept: what the browser had submitted when it left.
    """

    context: StepContext
    state: State
    answer: Mapping[str, str] = field(repr=False)
    kept: Mapping[str, Any] = field(repr=False)


class OidcCallback:
    """Callbacks of providers.

    Args:
        engine: what all flows share.
        room: the method.
        login, registration, settings: the flows that may go on here.
    """

    def __init__(
        self,
        engine: Engine,
        room: OidcMethod,
        login: LoginFlows,
        registration: RegistrationFlows,
        settings: SettingsFlows,
    ) -> None:
        self.engine = engine
        self.services = engine.services
        self._room = room
        self._login, self._registration, self._settings = login, registration, settings
        self._sign_in = ProviderSignIn(engine, room, login, registration)

    @property
    def _providers(self) -> ProviderSet:
        return self._room.providers(self.services)

    async def arrive(self, caller: Caller, provider_id: str) -> Answer:
        """Goes on with the flow that the browser left in.

        Args:
            provider_id: the provider in the callback's address; empty for the address that all share.

        Raises:
            ApiError: 400 for a callback that nobody asked for, 404 when its flow or provider is gone.
        """
        if not self.services.configuration.flag("selfservice.methods.oidc.enabled"):
            raise not_found("Social sign-in is switched off.")
        answer = {name: values[0] for name, values in caller.query.items() if values}
        state = self._state(answer, provider_id)
        flow = await self.engine.find(state.kind, state.flow_id)
        trail.entered(flow.kind, flow.id, flow.identity_id)
        trail.asked(METHOD)
        session = None if flow.is_native else await session_access.active_session(caller, self.services)
        if session is not None and flow.kind != "settings" and not flow.refresh:
            return redirect(self.engine.return_url(flow.return_to, flow.kind, METHOD))
        identity = await self.services.identities.by_id(session.identity_id) if session is not None else None
        context = StepContext(self.services, flow, caller, identity, session)
        if flow.is_expired(self.services.now()):
            return await self._replaced(context)
        arrival = Arrival(context, state, answer, await self._kept(context, answer))
        flow.transient_payload = arrival.kept.get("transient_payload") or {}
        try:
            answer = await self._go_on(arrival, await self._granted(arrival))
        except ProviderRefused as refused:
            answer = await self._refused(context, str(refused))
        if flow.is_native and not arrival.kept and not answer.location:
            # There is a browser in front of us, and an app that reads what the form says now.
            return redirect(self.engine.return_url(flow.return_to, flow.kind, METHOD))
        return answer

    def _state(self, answer: Mapping[str, str], provider_id: str) -> State:
        if not answer.get("state"):
            raise bad_request("The provider did not return the parameter 'state'.")
        try:
            state = state_token.read(answer["state"], self.services.default_keys)
        except state_token.BadState:
            raise bad_request("The parameter 'state' is not one that this server sent.") from None
        if provider_id and provider_id != state.provider_id:
            raise bad_request("The callback's address is another provider's than the one that was asked.")
        return state

    async def _replaced(self, context: StepContext) -> Answer:
        flow, caller = context.flow, context.caller
        if flow.kind == "registration":
            return await self._registration.replace(flow, caller)
        if flow.kind == "login":
            return await self._login.replace(flow, caller, context.session)
        return await self._settings.replace(context) if context.session else self._signed_out(caller)

    @staticmethod
    def _signed_out(caller: Caller) -> Answer:
        raise session_access.unauthorized()

    async def _kept(self, context: StepContext, answer: Mapping[str, str]) -> Mapping[str, Any]:
        """What was kept in this browser, so that no other can be made to end what it began.

        An app's flow ends in a browser that knows nothing of it; there only the app has the first of two codes.
        """
        flow = context.flow
        if flow.is_native and await self.services.exchanges.by_flow(flow.id) is not None:
            return {}
        continuity, owner = Continuity(self.services), flow.identity_id or None
        kept = await continuity.take(departure.NAME, context.caller, identity_id=owner)
        if not isinstance(kept, dict) or kept.get("state") != answer["state"] or kept.get("flow") != flow.id:
            raise bad_request(
                "This browser did not begin the sign-in, or ended it already; start again.",
                message="There is no interrupted sign-in in this browser.",
            )
        if not answer.get("code") and not answer.get("authCode"):
            # Nothing was used up yet: whoever was refused may think better of it and go back a page.
            await continuity.give_back(departure.NAME, kept, context.caller, identity_id=owner, lifespan=_AGAIN)
        return kept

    async def _granted(self, arrival: Arrival) -> Granted:
        answer, state = arrival.answer, arrival.state
        provider = self._providers.get(state.provider_id)
        if said := provider.refusal(answer):
            raise ProviderRefused(f"The provider refused the sign-in ({said}).")
        if not provider.answered_code(answer):
            raise ProviderRefused("The provider did not return a code.")
        journey = Journey(self._providers.redirect_uri(provider), answer["state"], state.verifier, state.nonce)
        tokens = await provider.redeem(answer, journey)
        return Granted(provider.settings, await provider.claims(tokens, answer, journey), tokens)

    async def _go_on(self, arrival: Arrival, granted: Granted) -> Answer:
        context = arrival.context
        if context.flow.kind == "settings":
            return await self._connect(context, granted)
        return await self._sign_in.decide(context, granted, arrival.kept.get("traits"))

    async def _connect(self, context: StepContext, granted: Granted) -> Answer:
        session = context.session
        if session is None:
            raise session_access.unauthorized()
        if session.identity_id != context.flow.identity_id:
            raise ApiError(403, "The flow belongs to another account.", id="security_identity_mismatch")
        form: dict[str, object] = {"method": METHOD, "link": granted.settings.id}
        if not self._settings.saving.is_fresh(session):
            return await self._settings.saving.ask_to_sign_in_again(context, form, METHOD)
        outcome = await OidcSettings(self._providers).complete(context, granted)
        return await self._settings.conclude(context, session, form, METHOD, outcome)

    async def vouched(self, context: StepContext, outcome: Vouched) -> Answer:
        """Goes on with an ID token that an app handed in; its answer goes to the app, not through a browser."""
        exchange = await self.services.exchanges.by_flow(context.flow.id)
        if exchange is not None:
            await self.services.exchanges.take(exchange.id)
        if not isinstance(outcome.word, Granted):
            raise TypeError(f"not a provider's word: {outcome.word!r}")
        try:
            return await self._sign_in.decide(context, outcome.word, outcome.traits)
        except ProviderRefused as refused:
            return await self._refused(context, str(refused))

    # -- refusals --------------------------------------------------------------

    async def _refused(self, context: StepContext, reason: str) -> Answer:
        """Says why in the form that the browser came from."""
        flow, caller = context.flow, context.caller
        log.info("a sign-in through a provider failed", flow=flow.id, reason=reason)
        flow.active = METHOD
        flow.ui.clear_messages()
        flow.ui.add_message(error_messages.invalid(reason))
        return await self.engine.stay(flow, caller, Stay(), page_status=302 if flow.kind == "registration" else 303)

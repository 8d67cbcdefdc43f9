"""Login and registration through a provider are one: who is known signs in, who is not signs up."""

from dataclasses import replace
from typing import Any

from identity_server.flows import duplicates
from identity_server.flows.answer import Answer
from identity_server.flows.engine import Engine
from identity_server.flows.login import LoginFlows
from identity_server.flows.model import Kind
from identity_server.flows.registration import RegistrationFlows
from identity_server.identity.model import Identity
from identity_server.methods.interface import Authenticated, Outcome, Registered, StepContext
from identity_server.methods.oidc_method import METHOD, OidcMethod, credential
from identity_server.methods.oidc_method.granted import Granted
from identity_server.methods.oidc_method.login import OidcLogin
from identity_server.methods.oidc_method.provider_set import ProviderSet
from identity_server.methods.oidc_method.refusals import ProviderRefused
from identity_server.methods.oidc_method.registration import OidcRegistration


class ProviderSignIn:
    """What follows a provider's word about a person.

    Args:
        engine: what all flows share.
        room: the method.
        login, registration: the flows that may go on here.
    """

    def __init__(self, engine: Engine, room: OidcMethod, login: LoginFlows, registration: RegistrationFlows) -> None:
        self.engine = engine
        self.services = engine.services
        self._room = room
        self._login, self._registration = login, registration

    @property
    def _providers(self) -> ProviderSet:
        return self._room.providers(self.services)

    async def decide(self, context: StepContext, granted: Granted, typed: Any) -> Answer:
        """Signs in whom the provider's account is connected to, or signs somebody up.

        Args:
            typed: traits that the person typed.

        Raises:
            ProviderRefused: the account at the provider cannot be used for this.
        """
        known = await credential.owner(self.services, granted.settings.id, granted.claims.subject)
        if known is not None:
            return await self._sign_in(context, granted, known)
        if context.flow.refresh:
            raise ProviderRefused("This account at the provider is not connected to your account.")
        return await self._sign_up(context, granted, typed)

    async def _sign_in(self, context: StepContext, granted: Granted, known: Identity) -> Answer:
        context = await self._as(context, "login")
        outcome = await OidcLogin(self._providers).complete(context, granted, known)
        return await self._login.conclude(context, METHOD, outcome)

    async def _sign_up(self, context: StepContext, granted: Granted, typed: Any) -> Answer:
        if not self._registration.open_to_providers:
            return await self._connect_only(context, granted, typed)
        context = await self._as(context, "registration")
        outcome = await OidcRegistration(self._providers).complete(context, granted, typed)
        if isinstance(outcome, Registered):
            trusted = await self._trusted(granted, outcome.identity)
            if trusted is not None:
                entry = outcome.identity.credentials[METHOD].config["providers"][0]
                credential.connect(trusted, entry, self.services.now())
                return await self._sign_in_connected(context, Authenticated(trusted, outcome.proof, changed=True))
        return await self._registration.conclude(context, METHOD, outcome)

    async def _connect_only(self, context: StepContext, granted: Granted, typed: Any) -> Answer:
        """With registration switched off, a provider's account may still be connected to an account that is there."""
        trial = replace(context, flow=self.engine.new("registration", context.flow.type, context.caller, context.flow))
        outcome = await OidcRegistration(self._providers).complete(trial, granted, typed)
        identity = outcome.identity if isinstance(outcome, Registered) else None
        found = await duplicates.owner_of(self.services, identity) if identity is not None else None
        if identity is None or found is None:
            raise ProviderRefused("This account at the provider is not known here, and registration is switched off.")
        return await self._registration.sign_up.linking.ask(context, identity, *found, granted.settings.name)

    async def _sign_in_connected(self, context: StepContext, outcome: Outcome) -> Answer:
        return await self._login.conclude(await self._as(context, "login"), METHOD, outcome)

    async def _trusted(self, granted: Granted, newcomer: Identity) -> Identity | None:
        """The account to connect to unasked: the operator wants it so, and both sides have proved the address."""
        found = await duplicates.owner_of(self.services, newcomer) if granted.settings.links_automatically else None
        if found is None:
            return None
        owner, identifier = found
        both = (newcomer.verifiable_addresses, owner.verifiable_addresses)
        proved = all(any(each.value == identifier and each.verified for each in side) for side in both)
        return owner if proved and owner.is_active else None

    async def _as(self, context: StepContext, kind: Kind) -> StepContext:
        """The context of a flow of this kind: the same one, or a new one that takes the other's place."""
        flow = context.flow
        if flow.kind == kind:
            return context
        following = self.engine.new(kind, flow.type, context.caller, source=flow)
        following.transient_payload = flow.transient_payload
        changed = replace(context, flow=following)
        if kind == "login":
            await self._login.sign_in.hooks.before(kind, changed)
            await self._login.fill(changed)
        else:
            await self._registration.sign_up.hooks.before(kind, changed)
            await self._registration.fill(changed, "whole")
        await self.services.flows.insert(following)
        await self.services.exchanges.move(flow.id, following.id)
        return changed

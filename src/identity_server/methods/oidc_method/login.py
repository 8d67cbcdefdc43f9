"""Signing in through a provider."""

from typing import Any

from identity_server.errors import Conflict
from identity_server.flows import forms, traits
from identity_server.identity.manager import InvalidTraits
from identity_server.identity.model import Identity
from identity_server.messages import errors
from identity_server.methods.interface import Authenticated, Form, NotMine, Outcome, Stay, StepContext, Vouched
from identity_server.methods.oidc_method import credential, identity_parts, nodes
from identity_server.methods.oidc_method.departure import depart
from identity_server.methods.oidc_method.granted import Granted
from identity_server.methods.oidc_method.provider_set import ProviderSet
from identity_server.methods.oidc_method.provider_settings import offered
from identity_server.methods.oidc_method.providers.provider import Provider
from identity_server.methods.oidc_method.refusals import ProviderRefused
from identity_server.session.model import AAL1

METHOD = "oidc"


def chosen(form: Form) -> str:
    """The provider that a submission names; empty when it is for another method."""
    return forms.text_of(form, "provider") if forms.text_of(form, "method") in ("", METHOD) else ""


async def handed_in(context: StepContext, form: Form, provider: Provider, token: str) -> Outcome:
    """What an ID token says that an app got from the vendor itself."""
    context.flow.active = METHOD
    try:
        claims = await provider.claims_of_app(token, forms.text_of(form, "id_token_nonce"))
    except ProviderRefused as refused:
        context.flow.ui.clear_messages()
        context.flow.ui.add_message(errors.invalid(str(refused)))
        return Stay()
    return Vouched(Granted(provider.settings, claims), typed(context, form))


def typed(context: StepContext, form: Form) -> Any:
    """Traits that the person typed; None without any."""
    schemas = context.services.schemas
    schema = schemas.get(context.flow.identity_schema or schemas.default_id)
    return traits.submitted(context.caller, form, schema).traits if form.get("traits") else None


class OidcLogin:
    """The providers' part in login flows.

    Args:
        providers: the configured ones.
    """

    def __init__(self, providers: ProviderSet) -> None:
        self._providers = providers

    async def fill(self, context: StepContext) -> None:
        """A button a provider; of those that are connected when it is known who signs in."""
        flow = context.flow
        if flow.requested_aal != AAL1:
            return
        shown = offered(self._providers.settings)
        known = flow.refresh or (context.screen == "second" and not context.enabled_mitigation)
        if known:
            connected = credential.providers_of(context.identity)
            shown = [each for each in shown if each.id in connected]
            flow.ui.remove("provider", group=nodes.GROUP)
        if shown and context.screen == "second":
            context.offered = True
        flow.ui.upsert(*(nodes.sign_in(each) for each in shown))

    async def submit(self, context: StepContext, form: Form) -> Outcome:
        """Sends the browser to the provider, or takes an ID token from an app."""
        provider_id = chosen(form)
        if not provider_id or context.flow.requested_aal != AAL1:
            return NotMine()
        context.guard(form)
        provider = self._providers.get(provider_id)
        token = forms.text_of(form, "id_token")
        if token:
            return await handed_in(context, form, provider, token)
        context.flow.active = METHOD
        redirect = await depart(context, form, self._providers, provider, typed(context, form))
        await context.services.flows.save(context.flow)
        return redirect

    async def complete(self, context: StepContext, granted: Granted, identity: Identity) -> Outcome:
        """Signs in whom the provider named.

        Raises:
            ApiError: 500 when the mapper fails that runs at every login.
            ProviderRefused: what the mapper made does not fit the schema.
        """
        if granted.settings.updates_on_login and identity.is_active:
            mapped = await self._providers.mapper.map(granted.settings, granted.claims, identity)
            try:
                await identity_parts.renew(context.services, identity, mapped)
            except (InvalidTraits, Conflict) as error:
                raise ProviderRefused("What the provider says about you does not fit this account.") from error
        return Authenticated(identity, granted.proof(context.services.now()))

"""Signing up through a provider."""

from typing import Any

from identity_server.flows import forms, traits
from identity_server.identity.manager import InvalidTraits
from identity_server.identity.model import Identity
from identity_server.methods.interface import Form, NotMine, Outcome, Registered, Stay, StepContext
from identity_server.methods.oidc_method import credential, identity_parts, nodes
from identity_server.methods.oidc_method.departure import depart
from identity_server.methods.oidc_method.granted import Granted
from identity_server.methods.oidc_method.login import METHOD, chosen, handed_in, typed
from identity_server.methods.oidc_method.provider_set import ProviderSet
from identity_server.methods.oidc_method.provider_settings import offered
from identity_server.schema.identity_schema import IdentitySchema
from identity_server.ui.container import flatten
from identity_server.ui.nodes import Group
from identity_server.ui.trait_nodes import trait_nodes


class OidcRegistration:
    """The providers' part in registration flows.

    Args:
        providers: the configured ones.
    """

    def __init__(self, providers: ProviderSet) -> None:
        self._providers = providers

    async def fill(self, context: StepContext) -> None:
        """A button a provider."""
        context.flow.ui.upsert(*(nodes.sign_up(each) for each in offered(self._providers.settings)))

    async def submit(self, context: StepContext, form: Form) -> Outcome:
        """Sends the browser to the provider, with what was typed so far."""
        provider_id = chosen(form)
        if not provider_id:
            return NotMine()
        context.guard(form)
        provider = self._providers.get(provider_id)
        token = forms.text_of(form, "id_token")
        if token:
            return await handed_in(context, form, provider, token)
        return await depart(context, form, self._providers, provider, typed(context, form))

    async def complete(self, context: StepContext, granted: Granted, said: Any) -> Outcome:
        """Makes an identity of what the provider says and the person typed, or asks for what is missing.

        Raises:
            ApiError: 500 when the mapper fails.
        """
        services, settings = context.services, granted.settings
        mapped = await self._providers.mapper.map(settings, granted.claims)
        identity = identity_parts.draft(services, _schema(context).id, mapped, said)
        context.flow.ui.clear_messages()
        try:
            services.manager.settle(identity)
        except InvalidTraits as error:
            return self._incomplete(context, granted, identity, error)
        identity_parts.mark_verified(services, identity, mapped)
        entry = credential.entry(services, settings, granted.claims.subject, granted.tokens)
        credential.connect(identity, entry, services.now())
        context.linked["provider label"] = settings.name
        return Registered(identity, granted.proof(services.now()))

    @staticmethod
    def _incomplete(context: StepContext, granted: Granted, identity: Identity, error: InvalidTraits) -> Stay:
        """The form with what is known; only this provider's button goes on from here."""
        ui, group = context.flow.ui, _group(context)
        context.flow.active = METHOD
        ui.nodes = [node for node in ui.nodes if node.name == "csrf_token"]
        values = flatten(identity.traits, "traits")
        ui.upsert(*trait_nodes(_schema(context).fields, values, group))
        ui.set_values(values, group=group)
        traits.Submitted(identity.traits, error.violations).tell(ui)
        ui.upsert(nodes.complete(granted.settings))
        return Stay()


def _schema(context: StepContext) -> IdentitySchema:
    schemas = context.services.schemas
    return schemas.get(context.flow.identity_schema or schemas.default_id)


def _group(context: StepContext) -> Group:
    return (
        "oidc"
        if context.services.configuration.flag("feature_flags.legacy_oidc_registration_node_group")
        else "default"
    )

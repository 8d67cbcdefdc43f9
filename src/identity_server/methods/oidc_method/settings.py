"""Connecting an account to providers, and disconnecting it."""

from copy import deepcopy

from identity_server.errors import not_found
from identity_server.flows import forms
from identity_server.identity.levels import first_factors
from identity_server.identity.model import Identity
from identity_server.messages import errors
from identity_server.methods.interface import Changed, Form, NotMine, Outcome, Stay, StepContext
from identity_server.methods.oidc_method import credential, nodes
from identity_server.methods.oidc_method.departure import depart
from identity_server.methods.oidc_method.granted import Granted
from identity_server.methods.oidc_method.login import METHOD
from identity_server.methods.oidc_method.provider_set import ProviderSet
from identity_server.methods.oidc_method.provider_settings import offered

_BOTH = "Send either 'link' or 'unlink', not both."
_NOT_LINKABLE = "This provider is unknown or connected already."
_NOT_LINKED = "This provider is not connected."
_LAST = "This is the only way to sign in to this account; it cannot be disconnected."


class OidcSettings:
    """The providers' part in settings flows.

    Args:
        providers: the configured ones.
    """

    def __init__(self, providers: ProviderSet) -> None:
        self._providers = providers

    async def fill(self, context: StepContext) -> None:
        """A button a provider: connect those that are not, disconnect those that are, unless it is the last way in."""
        ui, identity = context.flow.ui, context.identity
        ui.remove("link", "unlink", group=nodes.GROUP)
        if context.flow.is_native or identity is None:
            return
        connected = credential.providers_of(identity)
        known = offered(self._providers.settings)
        ui.upsert(*(nodes.link(each) for each in known if each.id not in connected))
        if self._can_spare_one(context, identity):
            ui.upsert(*(nodes.unlink(each) for each in known if each.id in connected))

    @staticmethod
    def _can_spare_one(context: StepContext, identity: Identity) -> bool:
        return first_factors(identity, context.services.manager.factors) > 1

    async def submit(self, context: StepContext, form: Form) -> Outcome:
        """Connects or disconnects one provider."""
        link, unlink = forms.text_of(form, "link"), forms.text_of(form, "unlink")
        identity = context.identity
        if forms.text_of(form, "method") not in ("", METHOD) or not (link or unlink) or identity is None:
            return NotMine()
        context.guard(form)
        context.flow.ui.clear_messages()
        if link and unlink:
            return self._refused(context, _BOTH)
        return await self._link(context, form, identity, link) if link else self._unlink(context, identity, unlink)

    async def _link(self, context: StepContext, form: Form, identity: Identity, provider_id: str) -> Outcome:
        if not self._is_linkable(identity, provider_id):
            return self._refused(context, _NOT_LINKABLE)
        return await depart(context, form, self._providers, self._providers.get(provider_id))

    def _is_linkable(self, identity: Identity, provider_id: str) -> bool:
        return provider_id in self._providers.settings and provider_id not in credential.providers_of(identity)

    def _unlink(self, context: StepContext, identity: Identity, provider_id: str) -> Outcome:
        if identity.credential(METHOD) is None:
            raise not_found("The identity has no credential of type oidc.")
        if not self._can_spare_one(context, identity):
            return self._refused(context, _LAST)
        if provider_id not in credential.providers_of(identity):
            return self._refused(context, _NOT_LINKED)
        changed = deepcopy(identity)
        credential.disconnect(changed, provider_id, context.services.now())
        context.flow.active = METHOD
        return Changed(changed)

    async def complete(self, context: StepContext, granted: Granted) -> Outcome:
        """Connects the account that the provider named."""
        identity, services = context.identity, context.services
        context.flow.active = METHOD
        context.flow.ui.clear_messages()
        if identity is None or not self._is_linkable(identity, granted.settings.id):
            return self._refused(context, _NOT_LINKABLE)
        changed = deepcopy(identity)
        entry = credential.entry(services, granted.settings, granted.claims.subject, granted.tokens)
        credential.connect(changed, entry, services.now())
        return Changed(changed)

    @staticmethod
    def _refused(context: StepContext, reason: str) -> Stay:
        context.flow.ui.add_message(errors.invalid(reason))
        return Stay()

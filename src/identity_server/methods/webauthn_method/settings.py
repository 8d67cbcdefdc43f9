"""Adding and removing security keys."""

import uuid
from copy import deepcopy

from identity_server.flows import forms
from identity_server.identity.levels import first_factors
from identity_server.identity.model import Credential, Identity
from identity_server.messages import errors, settings
from identity_server.methods.interface import Changed, Form, NotMine, Outcome, Stay, StepContext
from identity_server.methods.security_keys import challenges, enrolment, options
from identity_server.methods.security_keys.enrolment import Enrolment, Rejection
from identity_server.methods.security_keys.nodes import put, script_node
from identity_server.methods.security_keys.relying_party import RelyingParty
from identity_server.methods.security_keys.stored_keys import config_with, config_without, keys_of
from identity_server.methods.webauthn_method import names, nodes
from identity_server.session.model import AAL1, AAL2, Authentication

METHOD = "webauthn"


class WebauthnSettings:
    """The security key's part in settings flows.

    Args:
        passwordless: new keys are a first factor, not a second one.
    """

    def __init__(self, party: RelyingParty, *, passwordless: bool) -> None:
        self._party = party
        self._passwordless = passwordless

    async def fill(self, context: StepContext) -> None:
        """A button for each key that can be removed, and what adds another."""
        identity, flow = context.identity, context.flow
        if flow.is_native or identity is None:
            return
        is_last = _has_one_way_in(context, identity)
        for key in keys_of(identity, METHOD):
            flow.ui.upsert(nodes.remove(key, disabled=is_last and key.is_passwordless))
        flow.ui.upsert(script_node(context.services.public_url), nodes.display_name())
        self._ask(context, identity)
        flow.ui.upsert(nodes.register_input())

    def _ask(self, context: StepContext, identity: Identity) -> None:
        services = context.services
        challenge = challenges.pending_or_new(context.flow, METHOD, services.now(), uuid.UUID(identity.id).bytes)
        # Kratos lets an authenticator make a second key for the same account; its recordings show that.
        known = [] if services.configuration.dev else keys_of(identity, METHOD)
        wanted = options.creation(self._party, challenge, "", known)
        put(context.flow.ui, nodes.register_trigger(wanted, settings.add_security_key()))

    async def submit(self, context: StepContext, form: Form) -> Outcome:
        """Adds the key that answered, or removes the one that was named."""
        identity, flow = context.identity, context.flow
        answer, hex_id = forms.text_of(form, nodes.REGISTER), forms.text_of(form, nodes.REMOVE)
        if flow.is_native or identity is None or forms.text_of(form, "method") != METHOD or not (answer or hex_id):
            return NotMine()
        context.guard(form)
        flow.ui.clear_messages()
        if not answer:
            return self._remove(context, identity, hex_id)
        outcome = await self._add(context, identity, answer, forms.text_of(form, nodes.DISPLAY_NAME))
        self._ask(context, identity)
        return outcome

    async def _add(self, context: StepContext, identity: Identity, answer: str, name: str) -> Outcome:
        ui, services = context.flow.ui, context.services
        fault = names.fault(name) if name else errors.required(nodes.DISPLAY_NAME)
        if fault is not None:
            ui.add_message(fault, nodes.DISPLAY_NAME)
            return Stay()
        checked = await enrolment.checked(context, METHOD, self._party, answer)
        if isinstance(checked, Rejection):
            ui.add_message(checked.message)
            return Stay()
        changed = deepcopy(identity)
        services.manager.settle(changed)
        held = changed.credential(METHOD)
        if held is None or not held.identifiers:
            ui.add_message(errors.identifiers_missing())
            return Stay()
        if any(key.id == checked.key.id for key in keys_of(identity, METHOD)):
            ui.add_message(errors.invalid("This key is registered already."))
            return Stay()
        if not await enrolment.spent(context, METHOD, checked):
            ui.add_message(enrolment.too_late())
            return Stay()
        self._keep(context, held, checked, name)
        aal = AAL1 if self._passwordless else AAL2
        return Changed(changed, proof=Authentication(METHOD, aal, services.now()))

    def _keep(self, context: StepContext, held: Credential, added: Enrolment, name: str) -> None:
        now = context.services.now()
        entry = added.key.entry(enrolment.name_of(added, name), now, passwordless=self._passwordless)
        held.config = config_with(held, entry, added.challenge.user)
        held.version, held.updated_at = 1, now

    @staticmethod
    def _remove(context: StepContext, identity: Identity, hex_id: str) -> Outcome:
        ui = context.flow.ui
        key = next((key for key in keys_of(identity, METHOD) if key.hex_id == hex_id), None)
        if key is None:
            ui.add_message(errors.invalid("There is no such security key."))
            return Stay()
        if key.is_passwordless and _has_one_way_in(context, identity):
            message = errors.invalid("This key is the last way to sign in; without it the account would be locked.")
            for node in ui.nodes:
                if node.name == nodes.REMOVE and node.value == hex_id:
                    node.messages.append(message)
            return Stay()
        changed = deepcopy(identity)
        held = changed.credentials[METHOD]
        held.config, held.updated_at = config_without(held, hex_id), context.services.now()
        if not keys_of(changed, METHOD):
            del changed.credentials[METHOD]
        return Changed(changed)


def _has_one_way_in(context: StepContext, identity: Identity) -> bool:
    return first_factors(identity, context.services.manager.factors) < 2

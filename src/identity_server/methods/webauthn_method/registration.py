"""Signing up with a security key instead of a password."""

import uuid

from identity_server.flows import forms, traits
from identity_server.identity.manager import InvalidTraits
from identity_server.identity.model import Credential, Identity
from identity_server.messages import errors, registration
from identity_server.methods.interface import Form, NotMine, Outcome, Registered, Stay, StepContext
from identity_server.methods.security_keys import challenges, enrolment, options
from identity_server.methods.security_keys.enrolment import Enrolment, Rejection
from identity_server.methods.security_keys.nodes import put, script_node
from identity_server.methods.security_keys.relying_party import RelyingParty
from identity_server.methods.security_keys.stored_keys import config_with
from identity_server.methods.webauthn_method import names, nodes
from identity_server.session.model import AAL1, Authentication

METHOD = "webauthn"


class WebauthnRegistration:
    """The security key's part in registration flows."""

    def __init__(self, party: RelyingParty) -> None:
        self._party = party

    async def fill(self, context: StepContext) -> None:
        """The key's name and the button that starts the browser's dialogue; nothing in a first screen."""
        flow = context.flow
        if flow.is_native or context.screen == "first":
            return
        flow.ui.upsert(nodes.display_name(), nodes.register_input())
        self._ask(context)
        flow.ui.upsert(script_node(context.services.public_url))

    def _ask(self, context: StepContext) -> None:
        now = context.services.now()
        challenge = challenges.pending_or_new(context.flow, METHOD, now, uuid.uuid4().bytes)
        wanted = options.creation(self._party, challenge, "")
        put(context.flow.ui, nodes.register_trigger(wanted, registration.sign_up_with_security_key()))

    async def submit(self, context: StepContext, form: Form) -> Outcome:
        """Makes an identity with a key when traits and key are fit."""
        answer, flow = forms.text_of(form, nodes.REGISTER), context.flow
        if flow.is_native or forms.text_of(form, "method") != METHOD or not answer:
            return NotMine()
        context.guard(form)
        ui, schemas = flow.ui, context.services.schemas
        ui.clear_messages()
        schema = schemas.get(flow.identity_schema or schemas.default_id)
        submitted = traits.submitted(context.caller, form, schema)
        checked = await enrolment.checked(context, METHOD, self._party, answer)
        if isinstance(checked, Rejection):
            ui.add_message(checked.message)
            self._ask(context)
            if not checked.as_before:
                submitted.keep(ui)
            return Stay()
        name = forms.text_of(form, nodes.DISPLAY_NAME)
        ui.set_value(nodes.DISPLAY_NAME, name)
        submitted.tell(ui)
        fault = names.fault(name)
        if fault is not None:
            ui.add_message(fault, nodes.DISPLAY_NAME)
        identity = None
        if not ui.has_errors:
            identity = await self._identity(context, schema.id, submitted.traits, checked, name)
        self._ask(context)
        if identity is None:
            submitted.keep(ui)
            return Stay()
        return Registered(identity, Authentication(METHOD, AAL1, context.services.now()))

    @staticmethod
    async def _identity(
        context: StepContext, schema_id: str, values: object, added: Enrolment, name: str
    ) -> Identity | None:
        services, ui = context.services, context.flow.ui
        identity = services.manager.draft(schema_id, values)
        # The key was made for this user before there was one; passkeys of other pages are found by it as well.
        identity.id = str(uuid.UUID(bytes=added.challenge.user))
        try:
            services.manager.settle(identity)
        except InvalidTraits:
            return None
        held = identity.credential(METHOD)
        if held is None or not held.identifiers:
            ui.add_message(errors.identifiers_missing())
            return None
        if not await enrolment.spent(context, METHOD, added):
            ui.add_message(enrolment.too_late())
            return None
        now = services.now()
        entry = added.key.entry(enrolment.name_of(added, name), now, passwordless=True)
        config = config_with(None, entry, added.challenge.user)
        identity.credentials[METHOD] = Credential(METHOD, held.identifiers, config, 1, now, now)
        return identity

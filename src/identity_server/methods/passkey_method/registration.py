"""Signing up with a passkey."""

from identity_server.flows import forms, traits
from identity_server.identity.manager import InvalidTraits
from identity_server.identity.model import Identity
from identity_server.methods.interface import Form, NotMine, Outcome, Registered, Stay, StepContext
from identity_server.methods.passkey_method import account_names, handles, nodes
from identity_server.methods.security_keys import challenges, enrolment, options
from identity_server.methods.security_keys.enrolment import Enrolment, Rejection
from identity_server.methods.security_keys.nodes import put, script_node
from identity_server.methods.security_keys.relying_party import RelyingParty
from identity_server.methods.security_keys.stored_keys import config_with
from identity_server.schema.identity_schema import IdentitySchema
from identity_server.session.model import AAL1, Authentication

METHOD = "passkey"
#: What one well-known client sends for a field that it did not fill in.
_EMPTY = ("", "true")


class PasskeyRegistration:
    """The passkey's part in registration flows."""

    def __init__(self, party: RelyingParty) -> None:
        self._party = party

    async def fill(self, context: StepContext) -> None:
        """What the script needs, and a button; nothing in a first screen."""
        if context.flow.is_native or context.screen == "first":
            return
        context.flow.ui.upsert(nodes.register_trigger(), nodes.register_input())
        self._ask(context)
        context.flow.ui.upsert(script_node(context.services.public_url))

    def _ask(self, context: StepContext) -> None:
        challenge = challenges.pending_or_new(context.flow, METHOD, context.services.now(), handles.new())
        # The script puts the person's name in, once it was typed.
        data = {
            "credentialOptions": options.creation(self._party, challenge, ""),
            "displayNameFieldName": account_names.field_of(_schema(context)),
        }
        put(context.flow.ui, nodes.create_data(data))

    async def submit(self, context: StepContext, form: Form) -> Outcome:
        """Makes an identity with a passkey when traits and passkey are fit."""
        answer, flow = forms.text_of(form, nodes.REGISTER), context.flow
        if flow.is_native or forms.text_of(form, "method") != METHOD or answer in _EMPTY:
            return NotMine()
        context.guard(form)
        ui = flow.ui
        ui.clear_messages()
        submitted = traits.submitted(context.caller, form, _schema(context))
        checked = await enrolment.checked(context, METHOD, self._party, answer)
        if isinstance(checked, Rejection):
            ui.add_message(checked.message)
            self._ask(context)
            if not checked.as_before:
                submitted.keep(ui)
            return Stay()
        submitted.tell(ui)
        identity = None if submitted.violations else await self._identity(context, submitted.traits, checked)
        self._ask(context)
        if identity is None:
            submitted.keep(ui)
            return Stay()
        return Registered(identity, Authentication(METHOD, AAL1, context.services.now()))

    @staticmethod
    async def _identity(context: StepContext, values: object, added: Enrolment) -> Identity | None:
        services, handle = context.services, added.challenge.user
        identity = services.manager.draft(_schema(context).id, values)
        try:
            services.manager.settle(identity)
        except InvalidTraits:
            return None
        if not await enrolment.spent(context, METHOD, added):
            context.flow.ui.add_message(enrolment.too_late())
            return None
        now = services.now()
        config = config_with(None, added.key.entry(enrolment.name_of(added, ""), now, passwordless=True), handle)
        identity.credentials[METHOD] = handles.credential_with(None, config, handle, now)
        return identity


def _schema(context: StepContext) -> IdentitySchema:
    schemas = context.services.schemas
    return schemas.get(context.flow.identity_schema or schemas.default_id)

"""Adding and removing passkeys."""

from copy import deepcopy

from identity_server.flows import forms
from identity_server.identity.levels import first_factors
from identity_server.identity.model import Identity
from identity_server.messages import errors
from identity_server.methods.interface import Changed, Form, NotMine, Outcome, Stay, StepContext
from identity_server.methods.passkey_method import account_names, handles, nodes
from identity_server.methods.security_keys import challenges, enrolment, options
from identity_server.methods.security_keys.enrolment import Rejection
from identity_server.methods.security_keys.nodes import put, script_node
from identity_server.methods.security_keys.relying_party import RelyingParty
from identity_server.methods.security_keys.stored_keys import config_with, config_without, keys_of
from identity_server.session.model import AAL1, Authentication

METHOD = "passkey"
#: Where Kratos says that the last passkey stays: at a field of another method, which clients know.
_REFUSAL_AT = "webauthn_remove"


class PasskeySettings:
    """The passkey's part in settings flows."""

    def __init__(self, party: RelyingParty) -> None:
        self._party = party

    async def fill(self, context: StepContext) -> None:
        """A button for each passkey that can be removed, and what adds another."""
        identity, flow = context.identity, context.flow
        if flow.is_native or identity is None:
            return
        is_last = _has_one_way_in(context, identity)
        for key in keys_of(identity, METHOD):
            flow.ui.upsert(nodes.remove(key, disabled=is_last))
        if not self._name(context, identity):
            flow.ui.add_message(errors.identifiers_missing())
            return
        flow.ui.upsert(script_node(context.services.public_url), nodes.settings_trigger(), nodes.settings_input())
        self._ask(context, identity)

    @staticmethod
    def _name(context: StepContext, identity: Identity) -> str:
        return account_names.of_traits(context.services.schemas.get(identity.schema_id), identity.traits)

    def _ask(self, context: StepContext, identity: Identity) -> None:
        services = context.services
        challenge = challenges.pending_or_new(context.flow, METHOD, services.now(), handles.new())
        # Kratos lets an authenticator make a second passkey for the same account; its recordings show that.
        known = [] if services.configuration.dev else keys_of(identity, METHOD)
        wanted = options.creation(self._party, challenge, self._name(context, identity), known)
        put(context.flow.ui, nodes.create_data(wanted))

    async def submit(self, context: StepContext, form: Form) -> Outcome:
        """Adds the passkey that answered, or removes the one that was named."""
        identity, flow = context.identity, context.flow
        answer, hex_id = forms.text_of(form, nodes.SETTINGS_REGISTER), forms.text_of(form, nodes.REMOVE)
        if flow.is_native or identity is None or forms.text_of(form, "method") != METHOD or not (answer or hex_id):
            return NotMine()
        context.guard(form)
        flow.ui.clear_messages()
        if hex_id:
            return self._remove(context, identity, hex_id)
        outcome = await self._add(context, identity, answer)
        self._ask(context, identity)
        return outcome

    async def _add(self, context: StepContext, identity: Identity, answer: str) -> Outcome:
        ui, now = context.flow.ui, context.services.now()
        checked = await enrolment.checked(context, METHOD, self._party, answer)
        if isinstance(checked, Rejection):
            ui.add_message(checked.message)
            return Stay()
        if any(key.id == checked.key.id for key in keys_of(identity, METHOD)):
            ui.add_message(errors.invalid("This passkey is registered already."))
            return Stay()
        if not await enrolment.spent(context, METHOD, checked):
            ui.add_message(enrolment.too_late())
            return Stay()
        changed, handle = deepcopy(identity), checked.challenge.user
        held = changed.credential(METHOD)
        config = config_with(held, checked.key.entry(enrolment.name_of(checked, ""), now, passwordless=True), handle)
        changed.credentials[METHOD] = handles.credential_with(held, config, handle, now)
        return Changed(changed, proof=Authentication(METHOD, AAL1, now))

    @staticmethod
    def _remove(context: StepContext, identity: Identity, hex_id: str) -> Outcome:
        ui = context.flow.ui
        if all(key.hex_id != hex_id for key in keys_of(identity, METHOD)):
            ui.add_message(errors.invalid("There is no such passkey."))
            return Stay()
        if _has_one_way_in(context, identity):
            reason = "This passkey is the last way to sign in; without it the account would be locked."
            ui.add_message(errors.invalid(reason), _REFUSAL_AT)
            return Stay()
        changed = deepcopy(identity)
        held = changed.credentials[METHOD]
        held.config, held.updated_at = config_without(held, hex_id), context.services.now()
        if not keys_of(changed, METHOD):
            del changed.credentials[METHOD]
        return Changed(changed)


def _has_one_way_in(context: StepContext, identity: Identity) -> bool:
    return first_factors(identity, context.services.manager.factors) < 2

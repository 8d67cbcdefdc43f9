"""Making, showing and removing backup codes."""

from copy import deepcopy

from identity_server.flows import forms
from identity_server.identity.model import Credential, Identity
from identity_server.messages import errors
from identity_server.methods.interface import Changed, Form, NotMine, Outcome, Stay, StepContext
from identity_server.methods.lookup_secret_method import nodes
from identity_server.methods.lookup_secret_method.credential import (
    HOW_MANY,
    METHOD,
    config_of,
    entries,
    new_codes,
    seal,
    unseal,
)
from identity_server.session.model import AAL2, Authentication


class LookupSecretSettings:
    """The backup codes' part in settings flows."""

    async def fill(self, context: StepContext) -> None:
        """Buttons for what can be done."""
        if entries(context.identity):
            context.flow.ui.upsert(nodes.reveal(), nodes.disable())
        else:
            context.flow.ui.upsert(nodes.regenerate())

    async def submit(self, context: StepContext, form: Form) -> Outcome:
        """Does what its button asks for; new codes count once they are confirmed."""
        identity = context.identity
        if forms.text_of(form, "method") != METHOD or identity is None:
            return NotMine()
        buttons = (
            (nodes.CONFIRM, self._confirm),
            (nodes.REVEAL, self._reveal),
            (nodes.DISABLE, self._disable),
            (nodes.REGENERATE, self._regenerate),
        )
        pressed = next((act for name, act in buttons if forms.flag_of(form, name)), None)
        if pressed is None:
            return NotMine()
        context.guard(form)
        context.flow.ui.clear_messages()
        return pressed(context, identity)

    @staticmethod
    def _confirm(context: StepContext, identity: Identity) -> Outcome:
        stored = (context.flow.internal.get(METHOD) or {}).get("recovery_codes") or []
        if len(stored) != HOW_MANY:
            context.flow.ui.add_message(errors.invalid("Make new backup codes first; only those can be confirmed."))
            return Stay()
        changed, now = deepcopy(identity), context.services.now()
        changed.credentials[METHOD] = Credential(METHOD, [identity.id], config_of(stored), 0, now, now)
        return Changed(changed, proof=Authentication(METHOD, AAL2, now))

    @staticmethod
    def _reveal(context: StepContext, identity: Identity) -> Outcome:
        stored, flow = entries(identity), context.flow
        if not stored:
            flow.ui.add_message(errors.invalid("There are no backup codes to show."))
            return Stay()
        flow.ui.remove(*nodes.ALL)
        flow.ui.append(nodes.listed(unseal(context.services.cipher, stored)), nodes.disable(), nodes.regenerate())
        flow.confidential = True
        return Stay(200, moved=True)

    @staticmethod
    def _disable(context: StepContext, identity: Identity) -> Outcome:
        del context
        changed = deepcopy(identity)
        changed.credentials.pop(METHOD, None)
        return Changed(changed)

    @staticmethod
    def _regenerate(context: StepContext, identity: Identity) -> Outcome:
        del identity
        flow, codes = context.flow, new_codes()
        flow.internal[METHOD] = config_of(seal(context.services.cipher, codes))
        flow.ui.remove(*nodes.ALL)
        flow.ui.append(nodes.listed(codes), nodes.confirm())
        flow.confidential = True
        return Stay(200, moved=True)

"""Proving oneself a second time with a backup code."""

from identity_server.flows import attempts, forms
from identity_server.identity.model import Identity
from identity_server.messages import errors
from identity_server.messages.message import Message
from identity_server.methods.interface import Authenticated, Form, NotMine, Outcome, Stay, StepContext
from identity_server.methods.lookup_secret_method import nodes
from identity_server.methods.lookup_secret_method.credential import METHOD, config_of, entries, find, unseal
from identity_server.session.model import AAL2, Authentication
from identity_server.ui.nodes import UNSET

#: As often as others may use codes of the same list at the same time.
_TRIES = 20


class LookupSecretLogin:
    """The backup codes' part in login flows."""

    async def fill(self, context: StepContext) -> None:
        """A code and a button, for who has codes and is asked for a second factor."""
        if context.flow.requested_aal == AAL2 and entries(context.identity):
            context.flow.ui.upsert(*nodes.sign_in())

    async def submit(self, context: StepContext, form: Form) -> Outcome:
        """Uses a code up."""
        flow, identity = context.flow, context.identity
        if forms.text_of(form, "method") != METHOD or flow.requested_aal != AAL2 or identity is None:
            return NotMine()
        context.guard(form)
        flow.ui.clear_messages()
        flow.ui.set_value(nodes.CODE, UNSET)
        code = forms.text_of(form, nodes.CODE).strip()
        if not code:
            flow.ui.add_message(errors.required(nodes.CODE), nodes.CODE)
            return Stay()
        if refused := await attempts.refused(context, identity, level=AAL2):
            return refused
        refusal = await self._use(context, identity, code)
        if refusal is not None:
            flow.ui.add_message(refusal)
            return Stay()
        return Authenticated(identity, Authentication(METHOD, AAL2, context.services.now()))

    @staticmethod
    async def _use(context: StepContext, identity: Identity, code: str) -> Message | None:
        """Marks the code as used, which only one of several requests at once can; otherwise why it was refused."""
        services = context.services
        for _ in range(_TRIES):
            held, stored = identity.credential(METHOD), entries(identity)
            if held is None or not stored:
                return errors.no_backup_codes()
            codes = unseal(services.cipher, stored)
            place = find(codes, code)
            if place is None:
                return errors.wrong_backup_code()
            if codes[place].used_at:
                return errors.backup_code_used()
            now = services.now()
            stored[place] = {**stored[place], "used_at": now}
            config = {**held.config, **config_of(stored)}
            if await services.once.replace_config(identity.id, METHOD, held.config, config, now):
                held.config, held.updated_at = config, now
                return None
            identity = await services.identities.by_id(identity.id) or identity
        return errors.wrong_backup_code()

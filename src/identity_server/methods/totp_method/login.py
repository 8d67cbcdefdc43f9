"""Proving oneself a second time with a code of an authenticator app."""

from identity_server.flows import attempts, forms
from identity_server.identity.model import Identity
from identity_server.messages import errors
from identity_server.messages.message import Message
from identity_server.methods.interface import Authenticated, Form, NotMine, Outcome, Stay, StepContext
from identity_server.methods.totp_method import nodes
from identity_server.methods.totp_method.credential import (
    LAST_STEP,
    METHOD,
    codes_count_once,
    config_of,
    has_app,
    matching_step,
    stored_url,
)
from identity_server.session.model import AAL2, Authentication
from identity_server.ui.nodes import UNSET

#: So often at most somebody else may have been faster before the sign-in is given up.
_TRIES = 5


class TotpLogin:
    """The authenticator app's part in login flows."""

    async def fill(self, context: StepContext) -> None:
        """The code and a button, for who has an app and is asked for a second factor."""
        if context.flow.requested_aal == AAL2 and has_app(context.identity):
            context.flow.ui.upsert(*nodes.sign_in())

    async def submit(self, context: StepContext, form: Form) -> Outcome:
        """Compares the code; each counts once."""
        flow, identity = context.flow, context.identity
        if forms.text_of(form, "method") != METHOD or flow.requested_aal != AAL2 or identity is None:
            return NotMine()
        context.guard(form)
        flow.ui.clear_messages()
        flow.ui.set_value(nodes.CODE, UNSET)
        code = forms.text_of(form, nodes.CODE)
        if not code:
            flow.ui.add_message(errors.required(nodes.CODE), nodes.CODE)
            return Stay()
        if not has_app(identity):
            return _refused(context, errors.no_authenticator())
        if refused := await attempts.refused(context, identity, level=AAL2):
            return refused
        if not await self._counts(context, identity, code):
            return _refused(context, errors.wrong_authenticator_code())
        return Authenticated(identity, Authentication(METHOD, AAL2, context.services.now()))

    @staticmethod
    async def _counts(context: StepContext, identity: Identity, code: str) -> bool:
        services = context.services
        for _ in range(_TRIES):
            held = identity.credential(METHOD)
            url = stored_url(services, identity)
            step = matching_step(url, code, services.wall())
            if held is None or step is None:
                return False
            if not codes_count_once(services.configuration):
                return True
            if step <= int(held.config.get(LAST_STEP, -1)):
                return False
            config = {**held.config, **config_of(services, url, step)}
            now = services.now()
            if await services.once.replace_config(identity.id, METHOD, held.config, config, now):
                held.config, held.updated_at = config, now
                return True
            identity = await services.identities.by_id(identity.id) or identity
        return False


def _refused(context: StepContext, message: Message) -> Stay:
    context.flow.ui.add_message(message)
    return Stay()

"""Setting up an authenticator app, and removing it."""

from copy import deepcopy

from identity_server.ciphers import at_rest
from identity_server.ciphers.errors import Unreadable
from identity_server.flows import forms
from identity_server.identity.model import Credential, Identity
from identity_server.messages import errors
from identity_server.methods.interface import Changed, Form, NotMine, Outcome, Stay, StepContext
from identity_server.methods.totp_method import nodes
from identity_server.methods.totp_method.credential import METHOD, config_of, has_app, issuer, matching_step, new_url
from identity_server.session.model import AAL2, Authentication


class TotpSettings:
    """The authenticator app's part in settings flows."""

    async def fill(self, context: StepContext) -> None:
        """A new secret to set an app up with, or the button that removes the app."""
        identity, flow, services = context.identity, context.flow, context.services
        if identity is None:
            return
        if has_app(identity):
            flow.ui.upsert(nodes.unlink())
            return
        url = new_url(issuer(services), _account(context, identity))
        flow.internal[METHOD] = {"url": at_rest.sealed(services.cipher, url)}
        flow.confidential = True
        flow.ui.upsert(*nodes.set_up(url))

    async def submit(self, context: StepContext, form: Form) -> Outcome:
        """Sets the app up once it shows a right code; removes it when that is asked for."""
        identity = context.identity
        if forms.text_of(form, "method") != METHOD or identity is None:
            return NotMine()
        context.guard(form)
        context.flow.ui.clear_messages()
        if not has_app(identity):
            return self._add(context, identity, forms.text_of(form, nodes.CODE))
        changed = deepcopy(identity)
        if forms.flag_of(form, "totp_unlink"):
            del changed.credentials[METHOD]
        return Changed(changed)

    @staticmethod
    def _add(context: StepContext, identity: Identity, code: str) -> Outcome:
        services, ui = context.services, context.flow.ui
        if not code:
            ui.add_message(errors.required(nodes.CODE), nodes.CODE)
            return Stay()
        url = _pending(context)
        step = matching_step(url, code, services.wall())
        if step is None:
            ui.add_message(errors.wrong_authenticator_code(), nodes.CODE)
            return Stay()
        changed, now = deepcopy(identity), services.now()
        changed.credentials[METHOD] = Credential(METHOD, [identity.id], config_of(services, url, step), 0, now, now)
        return Changed(changed, proof=Authentication(METHOD, AAL2, now))


def _account(context: StepContext, identity: Identity) -> str:
    """What the app calls the account: the trait that the schema marks, else the identity's id."""
    schema = context.services.schemas.get(identity.schema_id)
    return schema.extract(identity.traits).totp_account_name or identity.id


def _pending(context: StepContext) -> str:
    """The address that the form shows; nothing when it is from before a cipher secret was taken away."""
    kept = context.flow.internal.get(METHOD) or {}
    try:
        return at_rest.opened(context.services.cipher, str(kept.get("url", "")))
    except Unreadable:
        return ""

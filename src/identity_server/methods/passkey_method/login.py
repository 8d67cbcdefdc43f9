"""Signing in with a passkey, which says itself whose it is."""

import uuid

from identity_server.flows import forms
from identity_server.identity.model import Identity
from identity_server.messages import errors
from identity_server.messages.message import Message
from identity_server.methods.interface import Authenticated, Form, NotMine, Outcome, Stay, StepContext
from identity_server.methods.passkey_method import account_names, handles, nodes
from identity_server.methods.security_keys import answers, challenges, options, proof
from identity_server.methods.security_keys.nodes import identifier, known_identifier, put, script_node
from identity_server.methods.security_keys.relying_party import RelyingParty
from identity_server.methods.security_keys.stored_keys import StoredKey, keys_of, user_handle
from identity_server.session.model import AAL1, Authentication

METHOD = "passkey"
#: Keys of this type that sign in by themselves answer as passkeys do.
SECURITY_KEY = "webauthn"
_UUID_BYTES = 16


class PasskeyLogin:
    """The passkey's part in login flows."""

    def __init__(self, party: RelyingParty) -> None:
        self._party = party

    async def fill(self, context: StepContext) -> None:
        """What the script needs, and a button; browsers offer passkeys beside the identifier's field as well."""
        flow, ui = context.flow, context.flow.ui
        if flow.is_native or flow.requested_aal != AAL1:
            return
        if flow.refresh:
            self._ask_known(context)
            return
        if context.screen == "second":
            has_passkeys = bool(keys_of(context.identity, METHOD))
            context.offered = context.offered or has_passkeys
            if has_passkeys or context.enabled_mitigation:
                ui.upsert(nodes.login_trigger())
            return
        if context.screen == "whole":
            ui.upsert(identifier(context))
        self._ask(context, [])
        ui.upsert(script_node(context.services.public_url), nodes.login_input(offers=True))
        if context.screen == "whole":
            ui.upsert(nodes.login_trigger())

    def _ask_known(self, context: StepContext) -> None:
        keys, identity = keys_of(context.identity, METHOD), context.identity
        if identity is None or not keys:
            return
        schema = context.services.schemas.get(identity.schema_id)
        self._ask(context, keys)
        context.flow.ui.upsert(
            script_node(context.services.public_url),
            nodes.login_input(offers=False),
            nodes.login_trigger(),
            known_identifier(account_names.of_traits(schema, identity.traits)),
        )

    def _ask(self, context: StepContext, keys: list[StoredKey]) -> None:
        challenge = challenges.pending_or_new(context.flow, METHOD, context.services.now(), b"")
        put(context.flow.ui, nodes.challenge(options.request(self._party, challenge, keys)))

    async def submit(self, context: StepContext, form: Form) -> Outcome:
        """Finds whose passkey answered, and checks the answer."""
        flow = context.flow
        if flow.is_native or flow.requested_aal != AAL1 or forms.text_of(form, "method") != METHOD:
            return NotMine()
        context.guard(form)
        text = forms.text_of(form, nodes.LOGIN)
        if not text:
            return Stay(422)
        flow.ui.clear_messages()
        try:
            answer = answers.assertion(text)
        except answers.UnreadableAnswer as error:
            return _refused(context, errors.invalid(f"The answer of the passkey cannot be read: {error}."))
        identity, kind = await _owner(context, answer.user_handle)
        if identity is None:
            return _refused(context, errors.no_such_security_key_user())
        allowed = [key for key in keys_of(identity, kind) if key.is_passwordless]
        refusal = await proof.refusal(
            context, METHOD, self._party, answer, identity=identity, kind=kind, allowed=allowed
        )
        if refusal is None:
            return Authenticated(identity, Authentication(METHOD, AAL1, context.services.now()))
        self._ask(context, keys_of(context.identity, METHOD) if flow.refresh else [])
        return _refused(context, refusal)


async def _owner(context: StepContext, handle: bytes) -> tuple[Identity | None, str]:
    """Whose user handle it is, and the credential type that holds their keys."""
    identities = context.services.identities
    name = handles.readable(handle)
    found = await identities.by_identifier(name, (METHOD,)) if name else None
    if found is not None:
        return found, METHOD
    if len(handle) == _UUID_BYTES:
        found = await identities.by_id(str(uuid.UUID(bytes=handle)))
        if found is not None and user_handle(found, SECURITY_KEY) == handle:
            return found, SECURITY_KEY
    return None, METHOD


def _refused(context: StepContext, message: Message) -> Stay:
    context.flow.ui.add_message(message)
    return Stay()

"""Signing in with a security key."""

from collections.abc import Sequence

from identity_server.flows import forms
from identity_server.identity.model import Identity
from identity_server.messages import errors, login
from identity_server.messages.message import Message
from identity_server.methods.interface import Authenticated, Form, NotMine, Outcome, Stay, StepContext
from identity_server.methods.security_keys import answers, challenges, options, proof
from identity_server.methods.security_keys.nodes import IDENTIFIER, identifier, known_identifier, put, script_node
from identity_server.methods.security_keys.relying_party import RelyingParty
from identity_server.methods.security_keys.stored_keys import StoredKey, keys_of, user_handle
from identity_server.methods.webauthn_method import nodes
from identity_server.schema import normalize
from identity_server.session.model import AAL1, AAL2, Authentication
from identity_server.ui.nodes import Node

METHOD = "webauthn"


class WebauthnLogin:
    """The security key's part in login flows.

    Args:
        passwordless: keys are a first factor, not a second one.
    """

    def __init__(self, party: RelyingParty, *, passwordless: bool) -> None:
        self._party = party
        self._passwordless = passwordless
        self._aal = AAL1 if passwordless else AAL2

    async def fill(self, context: StepContext) -> None:
        """The browser's dialogue for who is known; for others the button that leads there."""
        flow = context.flow
        if flow.is_native:
            return
        if flow.refresh or not self._passwordless:
            self._ask_known(context)
        elif flow.requested_aal == AAL1:
            self._ask_who(context)

    def _ask_known(self, context: StepContext) -> None:
        identity = context.identity
        if self._asks_first_factor(context) or context.flow.requested_aal == self._aal == AAL2:
            keys = self._allowed(context, identity)
            credential = identity.credential(METHOD) if identity else None
            if credential is None or not keys:
                return
            if credential.identifiers:
                context.flow.ui.upsert(known_identifier(credential.identifiers[0]))
            context.flow.ui.upsert(nodes.login_input(), script_node(context.services.public_url))
            put(context.flow.ui, self._trigger(context, keys, login.use_security_key()))

    @staticmethod
    def _ask_who(context: StepContext) -> None:
        ui = context.flow.ui
        if context.screen == "whole":
            ui.upsert(identifier(context))
        elif context.screen == "second" and any(key.is_passwordless for key in keys_of(context.identity, METHOD)):
            context.offered = True
        elif context.screen == "first" or not context.enabled_mitigation:
            return
        ui.upsert(nodes.sign_in(login.use_security_key()))

    def _asks_first_factor(self, context: StepContext) -> bool:
        """Whether a key may answer instead of a password: everybody's when so configured, else to confirm a session."""
        return context.flow.requested_aal == AAL1 and (self._passwordless or _confirms(context))

    def _allowed(self, context: StepContext, identity: Identity | None) -> list[StoredKey]:
        """Keys that may answer; all of them when somebody who is signed in only confirms that."""
        keys = keys_of(identity, METHOD)
        return [key for key in keys if _confirms(context) or key.is_passwordless is self._passwordless]

    def _trigger(self, context: StepContext, keys: Sequence[StoredKey], label: Message) -> Node:
        now = context.services.now()
        challenge = challenges.pending_or_new(context.flow, METHOD, now, b"")
        return nodes.login_trigger(options.request(self._party, challenge, keys), label)

    async def submit(self, context: StepContext, form: Form) -> Outcome:
        """Leads to the key, or checks its answer."""
        flow = context.flow
        if flow.is_native or forms.text_of(form, "method") != METHOD:
            return NotMine()
        if self._asks_first_factor(context):
            context.guard(form)
            flow.ui.clear_messages()
            return await self._first_factor(context, form)
        if flow.requested_aal == self._aal == AAL2 and context.identity is not None:
            context.guard(form)
            flow.ui.clear_messages()
            return await self._check(context, form, context.identity)
        return NotMine()

    async def _first_factor(self, context: StepContext, form: Form) -> Outcome:
        typed = forms.text_of(form, IDENTIFIER)
        if not typed:
            context.flow.ui.add_message(errors.required(IDENTIFIER), IDENTIFIER)
            return Stay()
        # Who confirms a session is known: somebody else's second factor must not sign in alone.
        identity = context.identity if _confirms(context) else await _named(context, typed)
        keys = self._allowed(context, identity)
        if identity is None or not keys:
            return _refused(context, errors.no_such_security_key_user())
        if forms.text_of(form, nodes.LOGIN):
            return await self._check(context, form, identity)
        self._lead_to_key(context, typed, keys)
        return Stay(422)

    def _lead_to_key(self, context: StepContext, typed: str, keys: Sequence[StoredKey]) -> None:
        ui = context.flow.ui
        guard = ui.find("csrf_token")
        ui.nodes = [
            known_identifier(typed, required=True),
            *([guard] if guard else []),
            script_node(context.services.public_url),
            self._trigger(context, keys, login.proceed()),
            nodes.login_input(),
        ]
        ui.add_message(login.prepare_security_key())

    async def _check(self, context: StepContext, form: Form, identity: Identity) -> Outcome:
        keys = self._allowed(context, identity)
        if not keys:
            return _refused(context, errors.no_security_key())
        try:
            answer = answers.assertion(forms.text_of(form, nodes.LOGIN))
        except answers.UnreadableAnswer as error:
            return _refused(context, errors.invalid(f"The answer of the key cannot be read: {error}."))
        if answer.user_handle and answer.user_handle != user_handle(identity, METHOD):
            return _refused(context, errors.wrong_authenticator_code())
        refusal = await proof.refusal(
            context, METHOD, self._party, answer, identity=identity, kind=METHOD, allowed=keys
        )
        if refusal is None:
            return Authenticated(identity, Authentication(METHOD, self._aal, context.services.now()))
        shown = context.flow.ui.find("webauthn_login_trigger")
        if shown is not None and shown.label is not None:
            put(context.flow.ui, self._trigger(context, keys, shown.label))
        return _refused(context, refusal)


def _confirms(context: StepContext) -> bool:
    return context.flow.refresh and context.identity is not None


async def _named(context: StepContext, typed: str) -> Identity | None:
    try:
        canonical = normalize.identifier(typed)
    except normalize.NotCanonical:
        return None
    return await context.services.identities.by_identifier(canonical, (METHOD,))


def _refused(context: StepContext, message: Message) -> Stay:
    context.flow.ui.add_message(message)
    return Stay()

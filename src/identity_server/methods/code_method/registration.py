"""Signing up with a code that is sent to every address of the new account."""

from typing import Any

from identity_server.courier.errors import InvalidRecipient
from identity_server.flows import attempts, forms, mailing, traits
from identity_server.flows.model import PASSED_CHALLENGE, SENT_EMAIL
from identity_server.flows.one_time import StoredCode
from identity_server.identity.manager import InvalidTraits
from identity_server.identity.model import Address, Identity
from identity_server.messages import errors, labels
from identity_server.messages import registration as registration_messages
from identity_server.methods.code_method import addresses, checking, issue, nodes
from identity_server.methods.code_method.checking import Late, Right, TooOften, Used, Wrong
from identity_server.methods.interface import Form, NotMine, Outcome, Registered, Restart, Stay, StepContext
from identity_server.session.model import AAL1, Authentication
from identity_server.times import parse

METHOD = "code"
PASSWORDLESS = "selfservice.methods.code.passwordless_enabled"
#: The traits that a code was sent for.
TRAITS = "code_traits"


class CodeRegistration:
    """The code's part in registration flows."""

    async def fill(self, context: StepContext) -> None:
        """The button; nothing in a first screen."""
        if context.services.configuration.flag(PASSWORDLESS) and context.screen != "first":
            context.flow.ui.upsert(nodes.send_registration_code())

    async def submit(self, context: StepContext, form: Form) -> Outcome:
        """Sends codes for traits that are fit, or looks at one."""
        flow, services = context.flow, context.services
        if forms.text_of(form, "method") != METHOD or not services.configuration.flag(PASSWORDLESS):
            return NotMine()
        if flow.state == PASSED_CHALLENGE:
            return NotMine()
        context.guard(form)
        flow.ui.clear_messages()
        if refused := await attempts.refused_source(context):
            return refused
        schema = services.schemas.get(flow.identity_schema or services.schemas.default_id)
        submitted = traits.submitted(context.caller, form, schema)
        submitted.keep(flow.ui)
        if flow.state == SENT_EMAIL and not forms.text_of(form, "resend"):
            return await self._use(context, schema.id, submitted.traits, forms.text_of(form, "code"))
        submitted.tell(flow.ui)
        identity = None if flow.ui.has_errors else _settled(context, schema.id, submitted.traits)
        if identity is None:
            return Stay()
        return await self._ask(context, identity)

    @staticmethod
    async def _ask(context: StepContext, identity: Identity) -> Outcome:
        flow, services = context.flow, context.services
        targets = addresses.of(identity)
        if not targets:
            flow.ui.add_message(errors.identifiers_missing())
            return Stay()
        sent = [code for target in targets if (code := await _send(context, identity.traits, target))]
        if sent:
            await services.codes.replace(flow.id, sent, services.now())
        flow.state, flow.active, flow.internal[TRAITS] = SENT_EMAIL, METHOD, identity.traits
        kept = [node for node in flow.ui.nodes if node.name == "csrf_token" or node.name.startswith("traits.")]
        for node in kept:
            node.attributes["type"] = "hidden"
        code = nodes.typed_code(labels.registration_code())
        flow.ui.nodes = [*kept, nodes.method(), code, nodes.go_on(), nodes.again("resend", METHOD)]
        flow.ui.add_message(registration_messages.code_sent())
        return Stay(moved=True)

    @staticmethod
    async def _use(context: StepContext, schema_id: str, given: Any, typed: str) -> Outcome:
        flow = context.flow
        if given != flow.internal.get(TRAITS):
            flow.ui.add_message(errors.traits_changed())
            return Stay()
        if not typed:
            flow.ui.add_message(errors.required("code"), "code")
            return Stay()
        match await checking.check(context, typed):
            case Wrong() | Used():
                flow.ui.add_message(errors.wrong_registration_code())
                return Stay()
            case TooOften(wait) as verdict:
                flow.ui.add_message(checking.message(verdict))
                return Stay(429 if wait else 400, retry_after=wait)
            case Late(expired_at):
                return Restart(errors.registration_expired(parse(expired_at)), expired_at)
            case Right(code):
                identity = _settled(context, schema_id, given)
                return Stay() if identity is None else _registered(context, identity, code)


def _registered(context: StepContext, identity: Identity, code: StoredCode) -> Registered:
    now = context.services.now()
    for address in identity.verifiable_addresses:
        if (address.via, address.value) == (code.via, code.address):
            address.verified, address.status, address.verified_at = True, "completed", now
    flow, schema = context.flow, context.services.schemas.get(identity.schema_id)
    flow.state, flow.active = PASSED_CHALLENGE, METHOD
    flow.ui.sort("registration", schema.field_names)
    return Registered(identity, Authentication(METHOD, AAL1, now))


def _settled(context: StepContext, schema_id: str, given: Any) -> Identity | None:
    manager = context.services.manager
    identity = manager.draft(schema_id, given)
    try:
        manager.settle(identity)
    except InvalidTraits:
        return None
    return identity


async def _send(context: StepContext, given: Any, target: Address) -> StoredCode | None:
    """Sends a code; None when the address has had too many messages lately."""
    services = context.services
    code, stored = issue.new_code(services, context.flow, identity_id=None, address=target)
    lifespan = mailing.minutes(services.configuration.span(issue.LIFESPAN))
    try:
        sent = await services.mail.outbox.send_registration_code(
            target.value, code, given, mailing.occasion(context), minutes=lifespan, channel=target.via
        )
    except InvalidRecipient:
        return None
    return stored if sent else None

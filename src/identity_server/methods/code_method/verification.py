"""Verification of an address by a code."""

from identity_server.courier.outbox import Occasion, Outbox
from identity_server.flows import addressee, forms, mailing
from identity_server.flows.addressee import Addressee
from identity_server.flows.model import CHOOSE_METHOD, PASSED_CHALLENGE, SENT_EMAIL, Flow
from identity_server.flows.one_time import StoredCode
from identity_server.identity.model import Address, Identity
from identity_server.messages import errors, labels, verification
from identity_server.methods.code_method import checking, nodes, sending
from identity_server.methods.code_method.checking import Late, Right, TooOften, Used, Wrong
from identity_server.methods.interface import Form, NotMine, Outcome, Prefilled, Restart, Stay, StepContext, Verified
from identity_server.schema.formats import is_email
from identity_server.times import parse
from identity_server.ui.nodes import Node

METHOD = "code"
#: What a link fills in comes from anybody; no code is longer.
_LONGEST_FILLED_IN = 32


class CodeVerification:
    """The code's part in verification flows."""

    async def fill(self, context: StepContext) -> None:
        """The field for an address, before the anti-forgery field."""
        ui = context.flow.ui
        ui.nodes = [nodes.email(), nodes.go_on(), *_forgery_field(context.flow)]

    async def submit(self, context: StepContext, form: Form) -> Outcome:
        """Sends a code, or looks at one; a link in a mail only fills the form in."""
        flow = context.flow
        code, email = forms.text_of(form, "code"), forms.text_of(form, "email")
        if context.caller.method == "GET" and code:
            return _fill_in(flow, code)
        context.guard(form)
        if email and not is_email(email) and not await _is_own(context, email):
            flow.ui.add_message(errors.not_an_email(email), "email")
            return Stay()
        method = forms.text_of(form, "method") or (METHOD if code else "")
        if method != METHOD or flow.active != METHOD:
            _typed(flow, email)
            return NotMine()
        if flow.state not in (CHOOSE_METHOD, SENT_EMAIL):
            return Restart(errors.verification_retried())
        if code:
            return await self._use(context, code)
        if not email:
            _typed(flow, "")
            flow.ui.add_message(errors.required("email"), "email")
            return Stay()
        via = "email" if "@" in email else "sms"
        await self._send(context, await addressee.find(context.services, "verifiable", via, email), email)
        return Stay(200, moved=True)

    async def announce(self, context: StepContext, identity: Identity, address: Address) -> bool:
        """Sends a code to an address without anybody asking."""
        target = Addressee(address.value, address.via, identity, address)
        return await self._send(context, target, address.value)

    async def _send(self, context: StepContext, target: Addressee, shown: str) -> bool:
        flow = context.flow
        sent = await _send(context, target)
        flow.transient_payload = None
        flow.state, flow.active = SENT_EMAIL, METHOD
        forgery = _forgery_field(flow)
        code = nodes.typed_code(labels.verification_code())
        flow.ui.clear_messages()
        flow.ui.nodes = [nodes.method(), code, nodes.go_on(), *forgery, nodes.again("email", shown)]
        flow.ui.add_message(verification.code_sent())
        return sent

    async def _use(self, context: StepContext, typed: str) -> Outcome:
        match await checking.check(context, typed):
            case TooOften(wait) as verdict:
                return checking.blocked(context, verdict) if wait else Restart(errors.invalid(checking.TOO_OFTEN))
            case Late(expired_at):
                return Restart(errors.verification_expired(parse(expired_at)), expired_at)
            case Right(code) if proved := await _prove(context, code):
                context.flow.state = PASSED_CHALLENGE
                context.flow.transient_payload = None
                return proved
            case Wrong() | Used() | Right():
                context.flow.ui.clear_messages()
                context.flow.ui.add_message(errors.wrong_verification_code())
                return Stay(200)


async def _prove(context: StepContext, code: StoredCode) -> Verified | None:
    identities, owner, address = context.services.identities, code.identity_id or "", code.address_id or ""
    if not await identities.verify_address(owner, address, code.address, context.services.now()):
        return None
    identity = await identities.by_id(owner)
    return Verified(identity, address) if identity else None


async def _send(context: StepContext, target: Addressee) -> bool:
    configuration = context.services.configuration
    notify = configuration.flag("selfservice.flows.verification.notify_unknown_recipients")
    if not target.is_known and notify:

        async def note(box: Outbox, code: str, person: object, occasion: Occasion, minutes: int) -> bool:
            return await box.send_verification_code_unknown(target.to, occasion)

        return await sending.send(context, target, note, mark=True, tell_unknown=True)

    async def message(box: Outbox, code: str, person: dict[str, object], occasion: Occasion, minutes: int) -> bool:
        url = mailing.url(context.services, context.flow, code=code)
        return await box.send_verification_code(
            target.to, code, url, person, occasion, minutes=minutes, channel=target.via
        )

    return await sending.send(context, target, message, mark=True)


async def _is_own(context: StepContext, typed: str) -> bool:
    """Whether a telephone number is the one that the flow was begun for: its button sends it again."""
    codes = await context.services.codes.of_flow(context.flow.id)
    return any(code.via == "sms" and code.address == typed for code in codes)


def _fill_in(flow: Flow, code: str) -> Outcome:
    if flow.state not in (CHOOSE_METHOD, SENT_EMAIL):
        return Restart(errors.verification_retried())
    node = flow.ui.find("code", nodes.GROUP)
    if node is not None:
        node.set_value(code[:_LONGEST_FILLED_IN])
    return Prefilled()


def _typed(flow: Flow, email: str) -> None:
    flow.ui.upsert(nodes.email(email))
    if flow.is_native:
        flow.ui.set_csrf("")


def _forgery_field(flow: Flow) -> list[Node]:
    return [] if flow.is_native else [node for node in flow.ui.nodes if node.name == "csrf_token"]

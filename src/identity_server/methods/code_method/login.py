"""Signing in by a code that is sent to an address."""

from identity_server.courier.outbox import Occasion, Outbox
from identity_server.flows import addressee, attempts, forms
from identity_server.flows.addressee import Addressee
from identity_server.flows.model import PASSED_CHALLENGE, SENT_EMAIL, Flow
from identity_server.flows.one_time import StoredCode
from identity_server.identity.levels import Factors, first_factors
from identity_server.identity.model import Identity
from identity_server.messages import errors, labels
from identity_server.messages import login as login_messages
from identity_server.messages.message import Message
from identity_server.methods.code_method import addresses, checking, nodes, sending
from identity_server.methods.code_method.checking import Late, Right, TooOften, Used, Wrong
from identity_server.methods.code_method.second_factor import SecondFactor
from identity_server.methods.interface import Authenticated, Form, NotMine, Outcome, Restart, Stay, StepContext
from identity_server.session.model import AAL1, AAL2, Authentication
from identity_server.times import parse
from identity_server.ui.nodes import Node

METHOD = "code"
PASSWORDLESS = "selfservice.methods.code.passwordless_enabled"
#: What the code of a flow was asked for with.
TYPED = "code_identifier"


class CodeLogin:
    """The code's part in login flows."""

    async def fill(self, context: StepContext) -> None:
        """Identifier and button; for a second factor its addresses, or right away the form for the code."""
        flow, services = context.flow, context.services
        if flow.requested_aal == AAL2:
            await self._fill_second(context)
            return
        if not services.configuration.flag(PASSWORDLESS) or context.screen == "first":
            return
        if context.screen == "second":
            await self._fill_second_screen(context)
            return
        flow.ui.upsert(nodes.identifier(services.schemas.get(flow.identity_schema or services.schemas.default_id)))
        flow.ui.upsert(nodes.send_login_code())

    async def _fill_second_screen(self, context: StepContext) -> None:
        identity = context.identity
        if context.enabled_mitigation:
            # Offered to everybody, so nobody is looked for: that would take time for those who exist.
            context.offered = True
            context.flow.ui.upsert(nodes.send_login_code())
            return
        offered = await addresses.find(context.services, context.identifier) if identity else None
        if identity is None or offered is None or not offered.is_known:
            return
        context.offered = True
        # Whoever has no other way to sign in is spared the button.
        if _has_another_way(identity):
            context.flow.ui.upsert(nodes.send_login_code())
        else:
            await _ask(context, offered, context.identifier)

    async def _fill_second(self, context: StepContext) -> None:
        second = SecondFactor.of(context)
        if second is None:
            return
        flow = context.flow
        target = second.only
        if target is not None:
            await _send(context, target)
            _show_sent(flow, [nodes.chosen_address(target.via, target.to)], target.to)
            flow.transient_payload = None
        else:
            flow.ui.append(*(nodes.address(each.via, each.value) for each in second.addresses), nodes.method())

    # -- submission ------------------------------------------------------------------

    async def submit(self, context: StepContext, form: Form) -> Outcome:
        """Sends a code, or looks at one."""
        flow = context.flow
        chosen = forms.text_of(form, "address")
        if forms.text_of(form, "method") != METHOD and not (chosen and flow.requested_aal == AAL2):
            return NotMine()
        second = SecondFactor.of(context) if flow.requested_aal == AAL2 else None
        offered = (
            second is not None if flow.requested_aal == AAL2 else context.services.configuration.flag(PASSWORDLESS)
        )
        if not offered or flow.state == PASSED_CHALLENGE:
            return NotMine()
        context.guard(form)
        flow.ui.clear_messages()
        if refused := await attempts.refused_source(context):
            return refused
        if flow.state == SENT_EMAIL and not forms.text_of(form, "resend"):
            return await self._use(context, forms.text_of(form, "code"))
        typed = chosen or forms.text_of(form, "identifier") or str(flow.internal.get(TYPED, ""))
        if second is not None:
            return await self._choose(context, second, typed)
        return await self._ask(context, typed)

    @staticmethod
    async def _ask(context: StepContext, typed: str) -> Outcome:
        ui = context.flow.ui
        ui.set_value("identifier", typed)
        if not typed:
            ui.add_message(errors.required("identifier"), "identifier")
            return Stay()
        target = await addresses.find(context.services, typed)
        if not target.is_known and not context.enabled_mitigation:
            ui.add_message(errors.no_code_sign_in())
            return Stay()
        await _ask(context, target, typed)
        return Stay(moved=True)

    @staticmethod
    async def _choose(context: StepContext, second: SecondFactor, typed: str) -> Outcome:
        target = second.find(typed)
        if target is None:
            context.flow.ui.add_message(errors.address_unknown())
            return Stay()
        await _send(context, target)
        _show_sent(context.flow, [nodes.chosen_address(target.via, target.to)], target.to)
        return Stay(moved=True)

    @staticmethod
    async def _use(context: StepContext, typed: str) -> Outcome:
        if not typed:
            return _again(context, errors.required("code"), "code")
        match await checking.check(context, typed):
            case Wrong() | Used():
                return _again(context, errors.wrong_login_code())
            case TooOften(wait) as verdict:
                message = checking.message(verdict)
                return _again(context, message, status=429 if wait else 400, retry_after=wait)
            case Late(expired_at):
                return Restart(errors.login_expired(parse(expired_at)), expired_at)
            case Right(code):
                return await _authenticated(context, code)


async def _authenticated(context: StepContext, code: StoredCode) -> Outcome:
    services, level = context.services, context.flow.requested_aal
    identity = await services.identities.by_id(code.identity_id or "")
    theirs = context.session is not None and identity is not None and context.session.identity_id == identity.id
    if identity is None or (level == AAL2 and not theirs) or not addresses.serves(services, identity, code):
        return _again(context, errors.wrong_login_code())
    identity = await addressee.proved(services, identity, code.via, code.address)
    context.flow.state = PASSED_CHALLENGE
    return Authenticated(identity, Authentication(METHOD, AAL2 if level == AAL2 else AAL1, services.now()))


async def _ask(context: StepContext, target: Addressee, typed: str) -> None:
    await _send(context, target)
    field = context.flow.ui.find("identifier") or nodes.known_identifier(typed)
    field.attributes["type"] = "hidden"
    field.set_value(typed)
    _show_sent(context.flow, [field], typed)


async def _send(context: StepContext, target: Addressee) -> None:
    async def message(box: Outbox, code: str, person: dict[str, object], occasion: Occasion, minutes: int) -> bool:
        return await box.send_login_code(target.to, code, person, occasion, minutes=minutes, channel=target.via)

    await sending.send(context, target, message)


def _show_sent(flow: Flow, named: list[Node], typed: str) -> None:
    flow.state, flow.active, flow.internal[TYPED] = SENT_EMAIL, METHOD, typed
    forgery = [] if flow.is_native else [node for node in flow.ui.nodes if node.name == "csrf_token"]
    code = nodes.typed_code(labels.login_code())
    flow.ui.nodes = [*named, nodes.method(), code, nodes.go_on(), nodes.again("resend", METHOD), *forgery]
    flow.ui.add_message(login_messages.code_sent())


def _again(
    context: StepContext, message: Message, pointer: str = "", *, status: int = 400, retry_after: int = 0
) -> Stay:
    """The form for the code with what is wrong; it comes in another order than the one before it, as Kratos' does."""
    flow = context.flow
    typed = str(flow.internal.get(TYPED, ""))
    code, again = nodes.typed_code(labels.login_code()), nodes.again("resend", METHOD)
    flow.ui.set_csrf("")
    forgery = [node for node in flow.ui.nodes if node.name == "csrf_token"]
    flow.ui.nodes = [*forgery, nodes.known_identifier(typed), code, again, nodes.method(), nodes.go_on()]
    flow.ui.add_message(message, pointer)
    return Stay(status, retry_after=retry_after)


def _has_another_way(identity: Identity) -> bool:
    return first_factors(identity, Factors()) > 0

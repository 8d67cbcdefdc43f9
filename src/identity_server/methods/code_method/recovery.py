"""Recovery by a code that is sent to an address."""

from identity_server.courier.outbox import Occasion, Outbox
from identity_server.flows import addressee, forms
from identity_server.flows.addressee import Addressee
from identity_server.flows.model import CHOOSE_METHOD, PASSED_CHALLENGE, SENT_EMAIL
from identity_server.flows.one_time import StoredCode
from identity_server.identity.model import Identity
from identity_server.messages import errors, recovery
from identity_server.methods.code_method import checking, nodes, sending
from identity_server.methods.code_method.checking import Late, Right, TooOften, Used, Wrong
from identity_server.methods.interface import Form, NotMine, Outcome, Recovered, Restart, Stay, StepContext
from identity_server.schema.formats import is_email
from identity_server.session.model import AAL1, Authentication
from identity_server.times import parse

METHOD = "code"
PROOF = "code_recovery"


class CodeRecovery:
    """The code's part in recovery flows."""

    async def fill(self, context: StepContext) -> None:
        """The field for an address."""
        context.flow.ui.append(nodes.email(), nodes.go_on())

    async def submit(self, context: StepContext, form: Form) -> Outcome:
        """Sends a code, or looks at one."""
        flow, ui = context.flow, context.flow.ui
        context.guard(form)
        ui.clear_messages()
        email = forms.text_of(form, "email")
        if flow.state != CHOOSE_METHOD and not email:
            return await use(context, forms.text_of(form, "code"))
        if forms.text_of(form, "method") != METHOD:
            return NotMine()
        if flow.state not in (CHOOSE_METHOD, SENT_EMAIL):
            return Restart(errors.recovery_retried())
        if not email or not is_email(email):
            ui.add_message(errors.not_an_email(email) if email else errors.required("email"), "email")
            return Stay()
        await send(context, await addressee.find(context.services, "recovery", "email", email))
        flow.state, flow.active = SENT_EMAIL, METHOD
        kept = [node for node in ui.nodes if node.name == "csrf_token"]
        ui.nodes = [*kept, nodes.recovery_code(), nodes.method(), nodes.go_on(), nodes.again("email", email)]
        ui.add_message(recovery.code_sent())
        return Stay(200, moved=True)


async def send(context: StepContext, target: Addressee) -> None:
    """Sends a recovery code; addresses that nobody has get none, or a note when the configuration says so."""
    configuration = context.services.configuration
    notify = configuration.flag("selfservice.flows.recovery.notify_unknown_recipients")
    if not target.is_known and notify and target.via == "email":

        async def note(box: Outbox, code: str, person: object, occasion: Occasion, minutes: int) -> bool:
            return await box.send_recovery_code_unknown(target.to, occasion)

        await sending.send(context, target, note, tell_unknown=True)
        return

    async def message(box: Outbox, code: str, person: dict[str, object], occasion: Occasion, minutes: int) -> bool:
        return await box.send_recovery_code(target.to, code, person, occasion, minutes=minutes, channel=target.via)

    await sending.send(context, target, message)


async def use(context: StepContext, typed: str) -> Outcome:
    """Looks at a code; the right one opens the account."""
    context.flow.ui.clear_messages()
    match await checking.check(context, typed):
        case Wrong():
            context.flow.ui.add_message(errors.wrong_recovery_code())
            return Stay(200)
        case TooOften(wait) as verdict:
            return checking.blocked(context, verdict) if wait else Restart(errors.invalid(checking.TOO_OFTEN))
        case Used():
            return Restart(errors.invalid(checking.USED))
        case Late(expired_at):
            return Restart(errors.recovery_expired(parse(expired_at)), expired_at)
        case Right(code):
            return await _recover(context, code)


async def _recover(context: StepContext, code: StoredCode) -> Outcome:
    services, now = context.services, context.services.now()
    identity = await services.identities.by_id(code.identity_id or "")
    # What an operator made was sent to no address.
    if identity is None or (code.address and not _is_theirs(identity, code)):
        context.flow.ui.add_message(errors.wrong_recovery_code())
        return Stay(200)
    identity = await addressee.proved(services, identity, code.via, code.address)
    await services.codes.end_of_identity(identity.id, "recovery", now)
    context.flow.state, context.flow.active = PASSED_CHALLENGE, METHOD
    return Recovered(identity, Authentication(PROOF, AAL1, now))


def _is_theirs(identity: Identity, code: StoredCode) -> bool:
    return addressee.is_among(identity.recovery_addresses, code.via, code.address)

"""Recovery by a link that is sent to an address."""

from identity_server.courier.outbox import Occasion, Outbox
from identity_server.flows import addressee, forms
from identity_server.flows.addressee import Addressee
from identity_server.flows.model import CHOOSE_METHOD, PASSED_CHALLENGE, SENT_EMAIL
from identity_server.flows.one_time import StoredToken
from identity_server.identity.model import Identity
from identity_server.messages import errors, recovery
from identity_server.methods.interface import Form, NotMine, Outcome, Recovered, Restart, Stay, StepContext
from identity_server.methods.link_method import following, nodes, sending
from identity_server.schema.formats import is_email
from identity_server.session.model import AAL1, Authentication
from identity_server.times import parse

METHOD = "link"
PROOF = "link_recovery"


class LinkRecovery:
    """The link's part in recovery flows."""

    async def fill(self, context: StepContext) -> None:
        """The field for an address."""
        context.flow.ui.append(nodes.email(), nodes.go_on())

    async def submit(self, context: StepContext, form: Form) -> Outcome:
        """Sends a link, or follows one. Who holds its token needs no other proof of having meant it."""
        flow, ui = context.flow, context.flow.ui
        token = following.token_of(context, form)
        if token:
            return await self._follow(context, token)
        context.guard(form)
        ui.clear_messages()
        if forms.text_of(form, "method") != METHOD:
            return NotMine()
        if flow.state not in (CHOOSE_METHOD, SENT_EMAIL):
            return Restart(errors.recovery_retried())
        email = forms.text_of(form, "email")
        if not email or not is_email(email):
            ui.add_message(errors.not_an_email(email) if email else errors.required("email"), "email")
            return Stay()
        await _send(context, await addressee.find(context.services, "recovery", "email", email))
        flow.state, flow.active = SENT_EMAIL, METHOD
        kept = [node for node in ui.nodes if node.name == "csrf_token"]
        ui.nodes = [*kept, nodes.email(email), nodes.go_on()]
        ui.add_message(recovery.link_sent())
        return Stay(200, moved=True)

    @staticmethod
    async def _follow(context: StepContext, token: str) -> Outcome:
        services, now = context.services, context.services.now()
        stored = await following.find(context, token)
        if stored is None:
            return Restart(errors.wrong_recovery_token())
        if stored.expires_at <= now:
            # The operator's link comes with a browser that has nothing of the flow's to be renewed.
            renew = not context.flow.skip_csrf_check
            return Restart(errors.recovery_expired(parse(stored.expires_at)), stored.expires_at, renew=renew)
        identity = await services.identities.by_id(stored.identity_id or "")
        if identity is None or not _is_theirs(identity, stored) or not await following.use(context, stored):
            return Restart(errors.wrong_recovery_token())
        identity = await addressee.proved(services, identity, "email", stored.address or "")
        await services.codes.end_of_identity(identity.id, "recovery", now)
        context.flow.state, context.flow.active = PASSED_CHALLENGE, METHOD
        return Recovered(identity, Authentication(PROOF, AAL1, now))


def _is_theirs(identity: Identity, stored: StoredToken) -> bool:
    """Whether the link was sent to an address that the person still has, or made by an operator and sent to none."""
    return not stored.address or addressee.is_among(identity.recovery_addresses, "email", stored.address)


async def _send(context: StepContext, target: Addressee) -> None:
    notify = context.services.configuration.flag("selfservice.flows.recovery.notify_unknown_recipients")
    if not target.is_known and notify:

        async def note(box: Outbox, url: str, person: object, occasion: Occasion, minutes: int) -> bool:
            return await box.send_recovery_link_unknown(target.to, occasion)

        await sending.send(context, target, note, tell_unknown=True)
        return

    async def message(box: Outbox, url: str, person: dict[str, object], occasion: Occasion, minutes: int) -> bool:
        return await box.send_recovery_link(target.to, url, person, occasion, minutes=minutes)

    await sending.send(context, target, message)

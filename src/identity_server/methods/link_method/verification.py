"""Verification of an address by a link."""

from identity_server.courier.outbox import Occasion, Outbox
from identity_server.flows import addressee, forms
from identity_server.flows.addressee import Addressee
from identity_server.flows.model import CHOOSE_METHOD, PASSED_CHALLENGE, SENT_EMAIL
from identity_server.identity.model import Address, Identity
from identity_server.messages import errors, verification
from identity_server.methods.interface import Form, NotMine, Outcome, Restart, Stay, StepContext, Verified
from identity_server.methods.link_method import following, nodes, sending
from identity_server.schema.formats import is_email
from identity_server.times import parse

METHOD = "link"


class LinkVerification:
    """The link's part in verification flows."""

    async def fill(self, context: StepContext) -> None:
        """The field for an address."""
        context.flow.ui.append(nodes.email(), nodes.go_on())

    async def submit(self, context: StepContext, form: Form) -> Outcome:
        """Sends a link, or follows one."""
        flow, ui = context.flow, context.flow.ui
        token = following.token_of(context, form)
        if token:
            return await self._follow(context, token)
        context.guard(form)
        email = forms.text_of(form, "email")
        if email and not is_email(email):
            ui.add_message(errors.not_an_email(email), "email")
            return Stay()
        ui.upsert(nodes.email(email))
        if forms.text_of(form, "method") != METHOD or flow.active != METHOD:
            return NotMine()
        if flow.state not in (CHOOSE_METHOD, SENT_EMAIL):
            return Restart(errors.verification_retried())
        if not email:
            ui.add_message(errors.required("email"), "email")
            return Stay()
        await self._send(context, await addressee.find(context.services, "verifiable", "email", email), email)
        return Stay(200, moved=True)

    async def announce(self, context: StepContext, identity: Identity, address: Address) -> bool:
        """Sends a link to an address without anybody asking; a telephone gets none."""
        if address.via != "email":
            return False
        return await self._send(context, Addressee(address.value, address.via, identity, address), address.value)

    async def _send(self, context: StepContext, target: Addressee, shown: str) -> bool:
        flow, ui = context.flow, context.flow.ui
        sent = await _send(context, target)
        flow.transient_payload = None
        flow.state, flow.active = SENT_EMAIL, METHOD
        ui.clear_messages()
        ui.nodes = [*(node for node in ui.nodes if node.name == "csrf_token"), nodes.email(shown), nodes.go_on()]
        ui.add_message(verification.link_sent())
        return sent

    @staticmethod
    async def _follow(context: StepContext, token: str) -> Outcome:
        services, now = context.services, context.services.now()
        stored = await following.find(context, token)
        if stored is None:
            return Restart(errors.wrong_verification_token())
        if stored.expires_at <= now:
            return Restart(errors.verification_expired(parse(stored.expires_at)), stored.expires_at)
        owner, address = stored.identity_id or "", stored.address_id or ""
        used = await following.use(context, stored)
        if not used or not await services.identities.verify_address(owner, address, stored.address or "", now):
            return Restart(errors.wrong_verification_token())
        identity = await services.identities.by_id(owner)
        if identity is None:
            return Restart(errors.wrong_verification_token())
        _finish(context)
        return Verified(identity, address)


def _finish(context: StepContext) -> None:
    """Links open in browsers that never saw the flow; its last page asks nothing, so anybody may see it."""
    flow = context.flow
    flow.state, flow.transient_payload, flow.skip_csrf_check = PASSED_CHALLENGE, None, True


async def _send(context: StepContext, target: Addressee) -> bool:
    notify = context.services.configuration.flag("selfservice.flows.verification.notify_unknown_recipients")
    if not target.is_known and notify:

        async def note(box: Outbox, url: str, person: object, occasion: Occasion, minutes: int) -> bool:
            return await box.send_verification_link_unknown(target.to, occasion)

        return await sending.send(context, target, note, tell_unknown=True)

    async def message(box: Outbox, url: str, person: dict[str, object], occasion: Occasion, minutes: int) -> bool:
        return await box.send_verification_link(target.to, url, person, occasion, minutes=minutes)

    return await sending.send(context, target, message)

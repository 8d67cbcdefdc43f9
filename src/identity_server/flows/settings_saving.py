"""What happens once somebody may change their account: hooks, the stored change, the form anew, the answer."""

from identity_server.errors import ApiError, Conflict
from identity_server.flows import known_devices, session_access
from identity_server.flows.answer import Answer, Cookie, redirect
from identity_server.flows.continuity import Continuity
from identity_server.flows.duplicates import duplicate_message
from identity_server.flows.engine import Engine, with_query
from identity_server.flows.model import SUCCESS, Flow
from identity_server.hooks.runner import HookRunner, Interrupted, Proceed, Refused
from identity_server.identity import document as identity_document
from identity_server.identity.manager import InvalidTraits
from identity_server.identity.model import Identity
from identity_server.messages import errors
from identity_server.messages import settings as settings_messages
from identity_server.messages.validation import message_for
from identity_server.methods.interface import Changed, StepContext
from identity_server.session.model import Session
from identity_server.ui.container import flatten

#: The interrupted change of a browser, in its continuity cookie.
INTERRUPTED = "settings"


class SettingsSaving:
    """Completes a change of settings.

    Args:
        engine: what all flows share.
        hooks: what the configuration runs before and after flows.
    """

    def __init__(self, engine: Engine, hooks: HookRunner) -> None:
        self.engine = engine
        self.services = engine.services
        self.hooks = hooks
        self.continuity = Continuity(engine.services)

    async def complete(self, context: StepContext, session: Session, method: str, outcome: Changed) -> Answer:
        """Stores the change and answers the submission."""
        identity = outcome.identity
        verdict = await self.hooks.before_settings_persist(context, method, identity, session)
        if not isinstance(verdict, Proceed):
            return await self._stopped(context, verdict, identity)
        refused = await self._store(context, identity)
        if refused is not None:
            return refused
        if outcome.proof is not None:
            session_access.strengthen(session, outcome.proof, self.services)
            await self.services.sessions.update(session)
        verdict = await self.hooks.after_settings(context, method, identity, session)
        if not isinstance(verdict, Proceed):
            return await self._stopped(context, verdict, identity)
        await self._renew(context, identity)
        answer = await self._answer(context, session, method, verdict)
        if outcome.privileged and not context.flow.is_native:
            # Other devices are known no more where the password changed; this one is the person's.
            answer.cookies.extend(known_devices.cookies(context, identity, session.aal))
        return answer

    async def _store(self, context: StepContext, identity: Identity) -> Answer | None:
        flow, seen = context.flow, context.identity.updated_at if context.identity else None
        try:
            await self.services.manager.update(identity, expected_updated_at=seen)
        except InvalidTraits as error:
            for violation in error.violations:
                flow.ui.add_message(message_for(violation), violation.pointer)
        except Conflict:
            flow.ui.add_message(await duplicate_message(self.services, identity))
        except LookupError:
            # Two changes at once: the second would bring back the password or address that the first replaced.
            flow.ui.add_message(errors.invalid("the account was changed in the meantime; try again"))
        else:
            return None
        return await self.engine.stay(flow, context.caller)

    async def _stopped(self, context: StepContext, verdict: Interrupted | Refused, identity: Identity) -> Answer:
        if isinstance(verdict, Refused):
            return self.engine.refused(verdict.error, verdict.page, context.caller, context.flow)
        context.flow.ui.set_values(flatten(identity.traits, "traits"))
        for pointer, message in verdict.messages:
            context.flow.ui.add_message(message, pointer)
        return await self.engine.stay(context.flow, context.caller)

    async def _renew(self, context: StepContext, identity: Identity) -> None:
        """The form as it is after the change: that of a new flow, which takes the next submission."""
        flow = context.flow
        following = self.engine.new("settings", flow.type, context.caller, source=flow)
        following.identity_id = identity.id
        context.identity, context.flow = identity, following
        await self.fill(context)
        await self.services.flows.insert(following)
        context.flow = flow
        flow.ui, flow.internal, flow.state = following.ui, following.internal, SUCCESS
        flow.ui.add_message(settings_messages.saved())
        flow.identity = self.shown(identity)

    async def fill(self, context: StepContext) -> None:
        """Puts every method's nodes into the form."""
        await self.engine.fill(context)
        schema_id = context.identity.schema_id if context.identity else ""
        context.flow.ui.sort("settings", self.engine.fill_order(context.flow, schema_id))

    def shown(self, identity: Identity) -> object:
        """What a flow shows of its person."""
        return identity_document.public_json(identity, self.services.public_url)

    async def _answer(self, context: StepContext, session: Session, method: str, verdict: Proceed) -> Answer:
        flow, caller = context.flow, context.caller
        flow.transient_payload = None
        if verdict.continue_with:
            flow.continue_with = list(verdict.continue_with)
        answer = await self.engine.stay(flow, caller)
        if answer.json is not None:
            answer.status = 200
        if flow.is_native:
            return answer
        target = self._target(flow, method)
        if answer.json is None:
            answer = redirect(verdict.page or target)
        else:
            steps = [*(flow.continue_with or []), {"action": "redirect_browser_to", "redirect_browser_to": target}]
            answer.json["continue_with"] = steps
        if self.continuity.is_paused(INTERRUPTED, caller):
            answer.cookies.append(self.continuity.forgotten(INTERRUPTED, caller))
        answer.cookies.append(session_access.session_cookie(session, self.services))
        return answer

    def _target(self, flow: Flow, method: str) -> str:
        return self.engine.return_url(flow.return_to, "settings", method, default=self.engine.page_of(flow))

    # -- interruptions -----------------------------------------------------------

    def is_fresh(self, session: Session) -> bool:
        """Whether the sign-in was recent enough for changes that matter; a limit of zero lets every sign-in be."""
        limit = self.services.configuration.span("selfservice.flows.settings.privileged_session_max_age")
        return limit.total_seconds() <= 0 or session_access.is_recent(session, limit, self.services)

    async def ask_to_sign_in_again(self, context: StepContext, form: dict[str, object], method: str) -> Answer:
        """Sends a browser to sign in again and keeps what it wanted; scripts are told where."""
        flow, caller = context.flow, context.caller
        here = with_query(f"{self.services.public_url}self-service/settings", flow=flow.id)
        there = with_query(f"{self.services.public_url}self-service/login/browser", refresh="true", return_to=here)
        cookies = await self._interrupt(context, form, method)
        error = refresh_required(there)
        if flow.is_native or caller.submits_json:
            return Answer(error.status, error.body(), cookies=cookies, headers={"ory-error-id": error.id})
        answer = redirect(there)
        answer.cookies = cookies
        return answer

    async def _interrupt(self, context: StepContext, form: dict[str, object], method: str) -> list[Cookie]:
        flow = context.flow
        if flow.is_native and method != "profile":
            return []
        payload = {"flow": flow.id, "form": form}
        cookie = await self.continuity.pause(INTERRUPTED, payload, context.caller, identity_id=flow.identity_id)
        return [cookie] if cookie else []


def refresh_required(url: str) -> ApiError:
    """The refusal of a change that matters by a session that is too old for it."""
    return ApiError(
        403,
        "The sign-in is too long ago for this change; sign in again at the address in redirect_browser_to.",
        id="session_refresh_required",
        extra={"redirect_browser_to": url},
    )

"""Recovery flows: start, fetch, submit."""

from identity_server import randomness
from identity_server.errors import ApiError
from identity_server.flows import csrf, forms, refusals, session_access
from identity_server.flows.answer import Answer, Cookie, failed, redirect
from identity_server.flows.caller import Caller
from identity_server.flows.engine import Engine, with_query
from identity_server.flows.model import BROWSER, NATIVE, Flow
from identity_server.flows.proving import NOBODY, Proving
from identity_server.flows.recovery_end import TRANSITIONS, RecoveryEnd
from identity_server.flows.sign_in import renewed_csrf
from identity_server.hooks.runner import HookRunner
from identity_server.messages import errors as error_messages
from identity_server.methods.interface import Form, NotMine, Outcome, Recovered, Restart, Stay, StepContext
from identity_server.times import parse


class RecoveryFlows:
    """The recovery flow.

    Args:
        engine: what all flows share.
        hooks: what the configuration runs before and after flows.
        end: what happens once somebody recovered an account.
    """

    def __init__(self, engine: Engine, hooks: HookRunner, end: RecoveryEnd) -> None:
        self.engine = engine
        self.services = engine.services
        self.proving = Proving(engine, hooks, "recovery")
        self.end = end

    # -- start and fetch -------------------------------------------------------------

    async def start_browser(self, caller: Caller) -> Answer:
        """Starts a flow in a browser, or sends on who is signed in already."""
        if await session_access.active_session(caller, self.services) is not None:
            return self._signed_in(as_json=caller.wants_json)
        return await self.proving.start(caller, BROWSER)

    async def start_native(self, caller: Caller) -> Answer:
        """Starts a flow for an app."""
        if await session_access.active_session(caller, self.services) is not None:
            raise already_available()
        return await self.proving.start(caller, NATIVE)

    async def page(self, caller: Caller) -> Flow:
        """The flow for its page."""
        return await self.proving.page(caller)

    def _signed_in(self, *, as_json: bool) -> Answer:
        if as_json:
            raise already_available()
        return redirect(self.engine.return_url(""), 302)

    # -- submission ------------------------------------------------------------------

    async def submit(self, caller: Caller) -> Answer:
        """Handles a submission, or a link that was opened."""
        flow = await self.engine.load("recovery", caller.parameter("flow"))
        if flow.is_expired(self.services.now()):
            return await self._replace(flow, caller)
        context = StepContext(self.services, flow, caller)
        form = await self.engine.read(context)
        if form is None:
            return await self.proving.stay(flow, caller, Stay())
        context.session = await session_access.active_session(caller, self.services)
        if context.session is not None and not _brings_secret(context, form):
            return self._signed_in(as_json=flow.is_native or caller.submits_json)
        method = str(flow.internal.get("method") or flow.active)
        try:
            outcome = await self.proving.submit(context, form, method)
        except ApiError as error:
            if error.id != csrf.VIOLATION:
                raise
            return await self._forged(error, caller)
        return await self.conclude(context, method, outcome)

    async def conclude(self, context: StepContext, method: str, outcome: Outcome) -> Answer:
        """Turns the method's outcome into the answer."""
        flow, caller = context.flow, context.caller
        match outcome:
            case NotMine():
                # The flow remains usable, although Kratos' answer names no method any more.
                flow.active, flow.internal["method"] = NOBODY, method
                flow.ui.clear_messages()
                flow.ui.add_message(error_messages.no_recovery_strategy())
                return await self.proving.stay(flow, caller, Stay())
            case Stay():
                return await self.proving.stay(flow, caller, outcome)
            case Restart():
                refusals.note_message(outcome.message)
                return await self._restart(flow, caller, outcome)
            case Recovered():
                return await self.end.complete(context, outcome)
            case _:
                raise TypeError(f"a recovery cannot end in {outcome!r}")

    async def _forged(self, error: ApiError, caller: Caller) -> Answer:
        """Whoever sends what may be forged gets a new secret: forms that are open are of no use any more."""
        cookies: list[Cookie] = [renewed_csrf(self.engine, caller)]
        if caller.submits_json:
            return failed(error, cookies)
        error_id = randomness.new_id()
        await self.services.errors.insert(error_id, error.body()["error"], self.services.now())
        answer = redirect(with_query(self.engine.ui_url("error"), id=error_id))
        answer.cookies = cookies
        return answer

    # -- flows that cannot go on -------------------------------------------------------

    async def _restart(self, flow: Flow, caller: Caller, outcome: Restart) -> Answer:
        cookies = [renewed_csrf(self.engine, caller)] if outcome.renew else []
        replacement = await self.proving.new(caller, flow.type)
        replacement.ui.add_message(outcome.message)
        await self.services.flows.insert(replacement)
        if self.services.configuration.flag(TRANSITIONS) and self.proving.scripted(flow, caller):
            return failed(self._told(outcome, replacement), cookies)
        answer = self.proving.read_at(replacement, caller)
        answer.cookies = cookies
        return answer

    def _told(self, outcome: Restart, replacement: Flow) -> ApiError:
        if outcome.expired_at:
            error = self.engine.expired_submit(replacement, replacement, expired_at=outcome.expired_at)
        else:
            error = ApiError(400, (outcome.message.context or {}).get("reason") or outcome.message.text)
        error.details["continue_with"] = [show_recovery(replacement)]
        return error

    async def _replace(self, flow: Flow, caller: Caller) -> Answer:
        replacement = await self.proving.new(caller, flow.type, source=flow)
        replacement.ui.add_message(error_messages.recovery_expired(parse(flow.expires_at)))
        await self.services.flows.insert(replacement)
        if self.services.configuration.flag(TRANSITIONS) and self.proving.scripted(flow, caller):
            error = self.engine.expired_submit(flow, replacement)
            error.details["continue_with"] = [show_recovery(replacement)]
            raise error
        return self.proving.read_at(replacement, caller)


def show_recovery(flow: Flow) -> dict[str, object]:
    """Tells a client to go on with another recovery."""
    return {"action": "show_recovery_ui", "flow": {"id": flow.id}}


def _brings_secret(context: StepContext, form: Form) -> bool:
    """Whether somebody goes on with a recovery rather than beginning one."""
    return bool(forms.text_of(form, "code") or forms.text_of(form, "token") or context.caller.parameter("token"))


def already_available() -> ApiError:
    """The refusal of a recovery by somebody who is signed in."""
    return ApiError(
        400,
        "There is a session already; sign out to recover an account.",
        id="session_already_available",
        message="You are signed in already.",
    )

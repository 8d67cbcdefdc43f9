"""Verification flows: start, fetch, submit."""

from identity_server.errors import ApiError
from identity_server.flows import refusals
from identity_server.flows.answer import Answer, Cookie, failed, redirect
from identity_server.flows.caller import Caller
from identity_server.flows.engine import Engine
from identity_server.flows.model import BROWSER, NATIVE, Flow
from identity_server.flows.oauth2_bridge import OAuth2Bridge
from identity_server.flows.proving import NOBODY, Proving
from identity_server.flows.sign_in import renewed_csrf
from identity_server.hooks.runner import HookRunner, Proceed, Refused
from identity_server.messages import errors as error_messages
from identity_server.messages import labels
from identity_server.messages import verification as verification_messages
from identity_server.methods.interface import NotMine, Outcome, Prefilled, Restart, Stay, StepContext, Verified
from identity_server.times import parse
from identity_server.ui import nodes


class VerificationFlows:
    """The verification flow.

    Args:
        engine: what all flows share.
        hooks: what the configuration runs before and after flows.
    """

    def __init__(self, engine: Engine, hooks: HookRunner) -> None:
        self.engine = engine
        self.services = engine.services
        self.hooks = hooks
        self.proving = Proving(engine, hooks, "verification")
        self.oauth2 = OAuth2Bridge(engine.services)

    async def start_browser(self, caller: Caller) -> Answer:
        """Starts a flow in a browser."""
        return await self.proving.start(caller, BROWSER)

    async def start_native(self, caller: Caller) -> Answer:
        """Starts a flow for an app."""
        return await self.proving.start(caller, NATIVE)

    async def page(self, caller: Caller) -> Flow:
        """The flow for its page."""
        return await self.proving.page(caller)

    # -- submission ------------------------------------------------------------------

    async def submit(self, caller: Caller) -> Answer:
        """Handles a submission, or a link that was opened."""
        flow = await self.engine.load("verification", caller.parameter("flow"))
        if flow.is_expired(self.services.now()):
            return await self._replace(flow, caller)
        context = StepContext(self.services, flow, caller)
        form = await self.engine.read(context)
        if form is None:
            return await self.proving.stay(flow, caller, Stay())
        method = flow.active if flow.active != NOBODY else self.proving.strategy
        return await self.conclude(context, await self.proving.submit(context, form, method))

    async def conclude(self, context: StepContext, outcome: Outcome) -> Answer:
        """Turns the method's outcome into the answer."""
        flow, caller = context.flow, context.caller
        match outcome:
            case NotMine():
                flow.active = NOBODY
                flow.ui.add_message(error_messages.no_verification_strategy())
                return await self.proving.stay(flow, caller, Stay())
            case Stay():
                return await self.proving.stay(flow, caller, outcome)
            case Prefilled():
                return await self._prefilled(flow, caller)
            case Restart():
                refusals.note_message(outcome.message)
                return await self._restart(flow, caller, outcome)
            case Verified():
                return await self._verified(context, outcome)
            case _:
                raise TypeError(f"a verification cannot end in {outcome!r}")

    async def _prefilled(self, flow: Flow, caller: Caller) -> Answer:
        """The browser that opened the link goes on with the flow, whichever began it."""
        cookie = renewed_csrf(self.engine, caller)
        if not flow.is_native:
            flow.csrf_token = caller.csrf_secret
        answer = await self.proving.stay(flow, caller, Stay(200))
        answer.cookies = [cookie]
        return answer

    async def _verified(self, context: StepContext, outcome: Verified) -> Answer:
        flow, caller = context.flow, context.caller
        verdict = await self.hooks.after_verification(context, outcome.identity)
        if isinstance(verdict, Refused):
            return self.engine.refused(verdict.error, verdict.page, caller, flow)
        if not isinstance(verdict, Proceed):
            for pointer, message in verdict.messages:
                flow.ui.add_message(message, pointer)
            return await self.proving.stay(flow, caller, Stay())
        return await self._go_on(flow, caller)

    async def _go_on(self, flow: Flow, caller: Caller) -> Answer:
        """Shows that it is done; a browser on its way to an application is sent there."""
        onward, problem = "", None
        try:
            onward = await self.oauth2.postponed(flow)
        except ApiError as error:
            problem = error
        self._finish(flow, onward or self._target(flow))
        answer = await self.proving.stay(flow, caller, Stay(200))
        if self.proving.scripted(flow, caller):
            return answer
        if problem is not None:
            raise problem
        return redirect(onward) if onward else answer

    @staticmethod
    def _finish(flow: Flow, target: str) -> None:
        group = "link" if flow.active == "link" else "code"
        onward = nodes.a("continue", group, target, labels.proceed(), label=labels.proceed())
        flow.ui.nodes, flow.ui.action, flow.ui.method = [nodes.csrf(""), onward], target, "GET"
        flow.ui.clear_messages()
        flow.ui.add_message(verification_messages.verified())

    def _target(self, flow: Flow) -> str:
        try:
            return self.engine.return_url(flow.return_to, "verification")
        except ApiError:  # the list of allowed addresses has become shorter
            return self.engine.return_url("", "verification")

    # -- flows that cannot go on -------------------------------------------------------

    async def _restart(self, flow: Flow, caller: Caller, outcome: Restart) -> Answer:
        cookies: list[Cookie] = [renewed_csrf(self.engine, caller)]
        replacement = await self.proving.new(caller, flow.type)
        replacement.ui.add_message(outcome.message)
        await self.services.flows.insert(replacement)
        if not self.proving.scripted(flow, caller):
            answer = redirect(self.engine.page_of(replacement))
            answer.cookies = cookies
            return answer
        if outcome.expired_at:
            return failed(self.engine.expired_submit(flow, replacement, expired_at=outcome.expired_at), cookies)
        return failed(replaced(replacement), cookies)

    async def _replace(self, flow: Flow, caller: Caller) -> Answer:
        cookies: list[Cookie] = [renewed_csrf(self.engine, caller)]
        replacement = await self.proving.new(caller, flow.type, source=flow)
        replacement.ui.add_message(error_messages.verification_expired(parse(flow.expires_at)))
        await self.services.flows.insert(replacement)
        answer = self.proving.read_at(replacement, caller)
        answer.cookies = cookies
        return answer


def replaced(replacement: Flow) -> ApiError:
    """Tells a script to go on with another flow."""
    return ApiError(
        410,
        "This flow cannot go on; continue with the one in use_flow_id.",
        id="self_service_flow_replaced",
        message="The self-service flow was replaced.",
        extra={"use_flow_id": replacement.id},
    )

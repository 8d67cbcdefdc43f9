"""What recovery and verification share: the method that a flow names proves that somebody has an address."""

from identity_server.audit import trail
from identity_server.errors import ApiError, not_found
from identity_server.flows import attempts
from identity_server.flows.answer import Answer, redirect
from identity_server.flows.caller import Caller
from identity_server.flows.engine import Engine, with_query
from identity_server.flows.guards import FromBrowser
from identity_server.flows.model import Flow, Kind
from identity_server.hooks.runner import HookRunner
from identity_server.methods.interface import Form, NotMine, Outcome, Stay, Step, StepContext

#: The method of a flow whose submission no method felt meant by.
NOBODY = "default"


class Proving:
    """The common part of both kinds of flows.

    Args:
        engine: what all flows share.
        hooks: what the configuration runs before and after flows.
        kind: ``recovery`` or ``verification``.
    """

    def __init__(self, engine: Engine, hooks: HookRunner, kind: Kind) -> None:
        self.engine = engine
        self.services = engine.services
        self.hooks = hooks
        self.kind: Kind = kind

    # -- methods -------------------------------------------------------------------

    @property
    def strategy(self) -> str:
        """The method that new flows use."""
        return self.services.configuration.text(f"selfservice.flows.{self.kind}.use") or "code"

    def step(self, method: str) -> Step | None:
        """A method's part, unless it is switched off."""
        return next((step for room, step in self.engine.steps(self.kind) if room.id == method), None)

    def must_be_enabled(self) -> None:
        """Refuses flows that the configuration does not offer.

        Raises:
            ApiError: 400.
        """
        if not self.services.configuration.flag(f"selfservice.flows.{self.kind}.enabled"):
            raise ApiError(
                400,
                f"This is switched off (selfservice.flows.{self.kind}.enabled).",
                message=f"The {self.kind} flow is disabled.",
            )

    # -- flows ---------------------------------------------------------------------

    async def new(self, caller: Caller, flow_type: str, source: Flow | None = None) -> Flow:
        """A new flow with its form, not stored yet.

        Args:
            source: an expired flow that it replaces.
        """
        flow = self.engine.new(self.kind, flow_type, caller, source=source)
        await self.fill(StepContext(self.services, flow, caller))
        return flow

    async def fill(self, context: StepContext) -> None:
        """Puts the method's nodes into the form.

        Raises:
            ApiError: 404 when the method that the configuration names is switched off.
        """
        step = self.step(self.strategy)
        if step is None:
            key = f"selfservice.methods.{self.strategy}.enabled"
            raise not_found(f"The method of this flow is switched off ({key}).")
        context.flow.active = self.strategy
        await step.fill(context)

    async def start(self, caller: Caller, flow_type: str) -> Answer:
        """Starts a flow."""
        self.must_be_enabled()
        flow = await self.new(caller, flow_type)
        await self.hooks.before(self.kind, StepContext(self.services, flow, caller))
        await self.services.flows.insert(flow)
        return self.engine.shown(flow, caller)

    async def page(self, caller: Caller) -> Flow:
        """The flow for its page. What an operator made is shown also while people cannot begin by themselves."""
        flow = await self.engine.fetch(self.kind, caller)
        if not flow.skip_csrf_check:
            self.must_be_enabled()
        return flow

    async def submit(self, context: StepContext, form: Form, method: str) -> Outcome:
        """Asks the flow's method, unless the source address has asked too much lately."""
        if refused := await attempts.refused_source(context):
            return refused
        context.guard = lambda fields: self.engine.guard(context.flow, context.caller, fields)
        step = self.step(method)
        trail.asked(method if step else "")
        try:
            if step is not None:
                return await step.submit(context, form)
            context.guard(form)
        except FromBrowser as error:
            return self.engine.misused(context.flow, error)
        return NotMine()

    # -- answers -------------------------------------------------------------------

    @staticmethod
    def scripted(flow: Flow, caller: Caller) -> bool:
        """Whether JSON is answered; the link in an app's mail is opened in a browser all the same."""
        return caller.submits_json or (flow.is_native and caller.method != "GET")

    async def stay(self, flow: Flow, caller: Caller, outcome: Stay) -> Answer:
        """Stores the form with what it now says, and shows it again."""
        answer = await self.engine.stay(flow, caller, outcome)
        if answer.json is None or self.scripted(flow, caller):
            return answer
        return redirect(self.engine.page_of(flow))

    def read_at(self, flow: Flow, caller: Caller) -> Answer:
        """Sends a client to another flow: a page to its page, a script to the flow itself."""
        if caller.submits_json:
            return redirect(with_query(f"{self.services.public_url}self-service/{self.kind}/flows", id=flow.id))
        return redirect(self.engine.page_of(flow))

"""Login flows: start, fetch, submit."""

from collections.abc import Awaitable, Callable

from identity_server import times
from identity_server.errors import ApiError, bad_request
from identity_server.flows import implied, refusals, session_access
from identity_server.flows.answer import Answer, redirect
from identity_server.flows.caller import Caller
from identity_server.flows.engine import Engine, browser_redirect, location_change, not_here
from identity_server.flows.model import BROWSER, NATIVE, SENT_EMAIL, Flow
from identity_server.flows.sign_in import SignIn
from identity_server.identity.model import Identity
from identity_server.messages import errors as error_messages
from identity_server.messages import login as login_messages
from identity_server.methods.interface import (
    Advance,
    Authenticated,
    Form,
    NotMine,
    Outcome,
    Redirect,
    Restart,
    Screen,
    Stay,
    StepContext,
    Vouched,
)
from identity_server.oauth2.login_requests import LoginRequest
from identity_server.session.model import AAL1, AAL2, Session

IDENTIFIER_FIRST = "identifier_first"


class LoginFlows:
    """The login flow.

    Args:
        engine: what all flows share.
        sign_in: what happens once somebody proved who they are.
    """

    def __init__(self, engine: Engine, sign_in: SignIn) -> None:
        self.engine = engine
        self.services = engine.services
        self.sign_in = sign_in
        self.oauth2 = sign_in.oauth2
        #: Goes on with what somebody else says of a person; both kinds of flows end there, so it is set from outside.
        self.vouched: Callable[[StepContext, Vouched], Awaitable[Answer]] = not_here

    async def start_browser(self, caller: Caller) -> Answer:
        """Starts a flow in a browser, or sends on who is signed in already."""
        request = await self.oauth2.begin(caller)
        if request is not None and not request.skip:
            self.oauth2.insist(caller)
        aal = self._level(caller)
        session = await session_access.active_session(caller, self.services)
        refresh = caller.parameter("refresh") == "true" and session is not None
        target = self.engine.return_url(caller.parameter("return_to"))
        if self._is_done(session, aal, refresh):
            if request is not None and session is not None:
                return await self._sent_on(request, session, caller)
            if caller.wants_json:
                raise already_available()
            return redirect(target)
        return await self._start(caller, BROWSER, session, aal, refresh, request)

    async def _sent_on(self, request: LoginRequest, session: Session, caller: Caller) -> Answer:
        """Answers the challenge for an open session that is enough; another one has to prove a second factor first."""
        identity = await self.services.identities.by_id(session.identity_id)
        enough = identity is None or self.sign_in.is_enough(session, identity)
        if enough:
            url = await self.oauth2.accept_open(request, session)
        else:
            url = self.sign_in.second_factor_url("", request.challenge)
        if not caller.wants_json:
            return redirect(url)
        raise already_available() if enough else location_change(url)

    async def start_native(self, caller: Caller) -> Answer:
        """Starts a flow for an app."""
        aal = self._level(caller)
        session = await session_access.active_session(caller, self.services)
        refresh = caller.parameter("refresh") == "true" and session is not None
        if self._is_done(session, aal, refresh):
            raise already_available()
        return await self._start(caller, NATIVE, session, aal, refresh)

    @staticmethod
    def _level(caller: Caller) -> str:
        aal = caller.parameter("aal") or AAL1
        if aal not in (AAL1, AAL2):
            raise bad_request(f"The level {aal!r} is unknown; allowed are aal1 and aal2.")
        return aal

    @staticmethod
    def _is_done(session: Session | None, aal: str, refresh: bool) -> bool:
        if session is None:
            if aal == AAL2:
                raise ApiError(
                    401,
                    "A second factor can be asked for only after signing in with a first one.",
                    id="session_aal1_required",
                    message="The level aal2 needs a session.",
                )
            return False
        return not refresh and (aal == AAL1 or session.aal == AAL2)

    async def _start(
        self,
        caller: Caller,
        flow_type: str,
        session: Session | None,
        aal: str,
        refresh: bool,
        request: LoginRequest | None = None,
    ) -> Answer:
        flow = self.engine.new("login", flow_type, caller)
        flow.oauth2_login_challenge = request.challenge if request else self.oauth2.challenge_of(caller)
        flow.oauth2_login_request = request.body if request else None
        flow.refresh, flow.requested_aal = refresh, aal
        flow.identity_schema = self.engine.selected_schema(caller.parameter("identity_schema"))
        identity = await self.services.identities.by_id(session.identity_id) if session is not None else None
        context = StepContext(self.services, flow, caller, identity, session)
        await self.sign_in.hooks.before("login", context)
        await self.fill(context)
        await self.engine.begin_exchange(flow, caller)
        await self.services.flows.insert(flow)
        return self.engine.shown(flow, caller)

    def _first_screen(self, flow: Flow) -> Screen:
        in_two = flow.requested_aal == AAL1 and not flow.refresh and IDENTIFIER_FIRST in self.engine.enabled("login")
        return "first" if in_two else "whole"

    async def fill(self, context: StepContext) -> None:
        """Puts every method's nodes into the form."""
        flow = context.flow
        await self.engine.fill(context, self._first_screen(flow))
        if flow.state == SENT_EMAIL:
            return  # a code is on its way already, and the form is the method's alone
        if flow.refresh:
            flow.ui.add_message(login_messages.confirm_identity())
        if flow.requested_aal == AAL2 and (context.session is None or context.session.aal != AAL2):
            flow.ui.add_message(login_messages.second_factor_needed())
        if flow.is_native and len(flow.ui.nodes) == 1:
            flow.ui.nodes = []  # nothing to send, and in apps nothing to guard it with
        flow.ui.sort("login", self.engine.fill_order(flow))

    async def page(self, caller: Caller) -> Flow:
        """The flow for its page."""
        return await self.engine.fetch("login", caller)

    async def submit(self, caller: Caller) -> Answer:
        """Handles a submission."""
        flow = await self.engine.load("login", caller.parameter("flow"))
        session = await session_access.active_session(caller, self.services)
        if self._is_done(session, flow.requested_aal, flow.refresh):
            if flow.is_native or caller.submits_json:
                return await self.engine.say(flow, caller, already_available().reason)
            return redirect(self.engine.return_url(""))
        if flow.is_expired(self.services.now()):
            return await self.replace(flow, caller, session)
        identity: Identity | None = None
        if session is not None:
            identity = await self.services.identities.by_id(session.identity_id)
        context = StepContext(self.services, flow, caller, identity, session)
        form = await self.engine.read(context)
        return await self.handle(context, form) if form is not None else await self.engine.stay(flow, caller)

    async def handle(self, context: StepContext, form: Form) -> Answer:
        """Answers a submission that was read."""
        implied.name_method(form, "login")
        room, outcome = await self.engine.submit(context, form)
        return await self.conclude(context, room.id if room else "", outcome)

    async def conclude(self, context: StepContext, method: str, outcome: Outcome) -> Answer:
        """Turns a method's outcome into the answer."""
        flow, caller = context.flow, context.caller
        match outcome:
            case NotMine():
                flow.ui.clear_messages()
                flow.ui.add_message(error_messages.no_login_strategy())
                return await self.engine.stay(flow, caller)
            case Stay(status=422):
                await self.engine.stay(flow, caller)
                return browser_redirect(self.engine.page_of(flow), caller, flow)
            case Stay():
                return await self.engine.stay(flow, caller, outcome)
            case Advance():
                return await self._advance(context, outcome)
            case Restart():
                refusals.note_message(outcome.message)
                return await self.replace(flow, caller, context.session, outcome)
            case Authenticated():
                return await self.sign_in.complete(context, method, outcome)
            case Redirect(url, cookies):
                return browser_redirect(url, caller, flow, cookies)
            case Vouched():
                return await self.vouched(context, outcome)
            case _:
                raise TypeError(f"a login cannot end in {outcome!r}")

    async def _advance(self, context: StepContext, outcome: Advance) -> Answer:
        """The second screen: how whoever was named can sign in."""
        flow, ui = context.flow, context.flow.ui
        context.identity, context.identifier = outcome.identity, outcome.identifier
        before = len(ui.nodes)
        await self.engine.fill(context, outcome.screen)
        if flow.state == SENT_EMAIL:
            return await self.engine.stay(flow, context.caller, Stay(moved=True))
        if not context.offered and len(ui.nodes) <= before and not context.enabled_mitigation:
            ui.add_message(error_messages.account_not_found(), "identifier")
            return await self.engine.stay(flow, context.caller)
        ui.nodes = [node for node in ui.nodes if node.group != IDENTIFIER_FIRST or node.name != "method"]
        named = ui.find("identifier", IDENTIFIER_FIRST)
        if named is not None:
            named.attributes["type"] = "hidden"
        flow.active = IDENTIFIER_FIRST
        ui.sort("login", self.engine.fill_order(flow))
        return await self.engine.stay(flow, context.caller, Stay(moved=True))

    async def replace(
        self, flow: Flow, caller: Caller, session: Session | None, restart: Restart | None = None
    ) -> Answer:
        replacement = self.engine.new("login", flow.type, caller, source=flow)
        replacement.refresh, replacement.requested_aal = flow.refresh, flow.requested_aal
        identity = await self.services.identities.by_id(session.identity_id) if session is not None else None
        await self.fill(StepContext(self.services, replacement, caller, identity, session))
        message = restart.message if restart else error_messages.login_expired(times.parse(flow.expires_at))
        replacement.ui.add_message(message)
        expired_at = restart.expired_at if restart else ""
        return await self.engine.replaced(flow, replacement, caller, expired_at=expired_at)


def already_available() -> ApiError:
    """The refusal of a login by somebody who is signed in."""
    return ApiError(
        400,
        "There is a session already; add ?refresh=true to confirm it by signing in again.",
        id="session_already_available",
        message="You are signed in already.",
    )

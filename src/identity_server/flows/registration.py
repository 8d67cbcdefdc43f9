"""Registration flows: start, fetch, submit."""

from collections.abc import Awaitable, Callable

from identity_server import times
from identity_server.errors import ApiError
from identity_server.flows import implied, refusals, session_access
from identity_server.flows.answer import Answer, redirect
from identity_server.flows.caller import Caller
from identity_server.flows.engine import Engine, browser_redirect, not_here, with_query
from identity_server.flows.model import BROWSER, NATIVE, Flow, Kind
from identity_server.flows.sign_up import SignUp, already_available, already_signed_in
from identity_server.messages import errors as error_messages
from identity_server.messages import registration as registration_messages
from identity_server.methods.interface import (
    Advance,
    Form,
    NotMine,
    Outcome,
    Redirect,
    Registered,
    Restart,
    Screen,
    Stay,
    StepContext,
    Vouched,
)
from identity_server.schema.identity_schema import IdentitySchema
from identity_server.ui.container import Container
from identity_server.ui.nodes import Group
from identity_server.ui.trait_nodes import trait_nodes

KIND: Kind = "registration"


class RegistrationFlows:
    """The registration flow.

    Args:
        engine: what all flows share.
        sign_up: what happens once somebody may sign up.
    """

    def __init__(self, engine: Engine, sign_up: SignUp) -> None:
        self.engine = engine
        self.services = engine.services
        self.sign_up = sign_up
        self.oauth2 = sign_up.oauth2
        #: As in logins.
        self.vouched: Callable[[StepContext, Vouched], Awaitable[Answer]] = not_here

    async def start_browser(self, caller: Caller) -> Answer:
        """Starts a flow in a browser, or sends on who is signed in already."""
        request = await self.oauth2.begin(caller)
        flow = self._new(caller, BROWSER)
        if request is not None:
            flow.oauth2_login_challenge, flow.oauth2_login_request = request.challenge, request.body
        if await session_access.active_session(caller, self.services) is not None:
            if request is not None:
                login = f"{self.services.public_url}self-service/login/browser"
                return redirect(with_query(login, login_challenge=request.challenge), 302)
            if caller.wants_json:
                raise already_available()
            return redirect(self.engine.return_url(caller.parameter("return_to")))
        return await self._start(flow, caller)

    async def start_native(self, caller: Caller) -> Answer:
        """Starts a flow for an app."""
        if await session_access.active_session(caller, self.services) is not None:
            raise already_available()
        flow = self._new(caller, NATIVE)
        return await self._start(flow, caller)

    def _new(self, caller: Caller, flow_type: str) -> Flow:
        self._must_be_enabled(self.engine.anybody_signs_up)
        flow = self.engine.new(KIND, flow_type, caller)
        flow.identity_schema = self.engine.selected_schema(caller.parameter("identity_schema"))
        after = caller.parameter("after_verification_return_to")
        if after:
            self.engine.return_url(after, KIND)
        return flow

    @property
    def open_to_providers(self) -> bool:
        """Whether people who come from a provider are signed up."""
        configuration = self.services.configuration
        return self.engine.anybody_signs_up or configuration.flag("selfservice.flows.registration.through_providers")

    def _must_be_enabled(self, enabled: bool) -> None:
        if not enabled:
            raise ApiError(
                400,
                "Registration is switched off (selfservice.flows.registration.enabled).",
                id="self_service_flow_disabled",
                message="The registration flow is disabled.",
            )

    async def _start(self, flow: Flow, caller: Caller) -> Answer:
        context = StepContext(self.services, flow, caller)
        await self.sign_up.hooks.before(KIND, context)
        await self.fill(context, self._first_screen())
        await self.engine.begin_exchange(flow, caller)
        await self.services.flows.insert(flow)
        flow.oauth2_login_request = None  # shown from the next step on, as in Kratos
        return self.engine.shown(flow, caller)

    def _first_screen(self) -> Screen:
        configuration = self.services.configuration
        two_steps = (
            configuration.text("selfservice.flows.registration.style") == "profile_first"
            and not configuration.flag("selfservice.flows.registration.enable_legacy_one_step")
            and "profile" in self.engine.enabled(KIND)
        )
        return "first" if two_steps else "whole"

    async def fill(self, context: StepContext, screen: Screen) -> None:
        """Puts the schema's fields and every method's nodes into the form; typed values stay."""
        flow = context.flow
        values = values_of(flow.ui)
        fields = trait_nodes(self._schema(flow).fields, values, self._group())
        for node in fields:
            if screen == "second":
                node.attributes["type"] = "hidden"
        flow.ui.upsert(*fields)
        await self.engine.fill(context, screen)
        flow.ui.sort(KIND, self.engine.fill_order(flow))

    def _schema(self, flow: Flow) -> IdentitySchema:
        return self.services.schemas.get(flow.identity_schema or self.services.schemas.default_id)

    def _group(self) -> Group:
        configured = self.services.configuration.text("feature_flags.password_profile_registration_node_group")
        return "password" if configured == "password" else "default"

    async def page(self, caller: Caller) -> Flow:
        """The flow for its page."""
        self._must_be_enabled(self.open_to_providers)
        return await self.engine.fetch(KIND, caller)

    async def submit(self, caller: Caller) -> Answer:
        """Handles a submission."""
        if await session_access.active_session(caller, self.services) is not None:
            return already_signed_in(self.engine.return_url(""), caller)
        flow = await self.engine.load(KIND, caller.parameter("flow"))
        self._must_be_enabled(self.open_to_providers)
        if flow.is_expired(self.services.now()):
            return await self.replace(flow, caller)
        context = StepContext(self.services, flow, caller)
        form = await self.engine.read(context)
        if form is None:
            return await self.engine.stay(flow, caller, page_status=302)
        return await self.handle(context, form)

    async def handle(self, context: StepContext, form: Form) -> Answer:
        """Answers a submission that was read."""
        implied.name_method(form, KIND)
        room, outcome = await self.engine.submit(context, form)
        return await self.conclude(context, room.id if room else "", outcome)

    async def conclude(self, context: StepContext, method: str, outcome: Outcome) -> Answer:
        """Turns a method's outcome into the answer."""
        flow, caller = context.flow, context.caller
        match outcome:
            case NotMine():
                flow.ui.clear_messages()
                flow.ui.add_message(error_messages.no_registration_strategy())
                return await self.engine.stay(flow, caller, page_status=302)
            case Stay():
                if not outcome.moved:
                    flow.ui.sort(KIND, self.engine.fill_order(flow))
                return await self.engine.stay(flow, caller, outcome, page_status=303 if outcome.moved else 302)
            case Advance():
                return await self._advance(context, outcome)
            case Restart():
                refusals.note_message(outcome.message)
                return await self.replace(flow, caller, outcome)
            case Registered():
                return await self.sign_up.complete(context, method, outcome)
            case Redirect(url, cookies):
                return browser_redirect(url, caller, flow, cookies)
            case Vouched():
                return await self.vouched(context, outcome)
            case _:
                raise TypeError(f"a registration cannot end in {outcome!r}")

    async def _advance(self, context: StepContext, outcome: Advance) -> Answer:
        flow = context.flow
        flow.ui.clear_messages()
        flow.ui.nodes = [node for node in flow.ui.nodes if is_typed(node.name)]
        await self.fill(context, outcome.screen)
        if outcome.screen == "second":
            flow.ui.add_message(registration_messages.choose_credential())
        else:
            context.flow.transient_payload = None
        return await self.engine.stay(flow, context.caller, Stay(moved=outcome.screen == "second"))

    async def replace(self, flow: Flow, caller: Caller, restart: Restart | None = None) -> Answer:
        replacement = self.engine.new(KIND, flow.type, caller, source=flow)
        replacement.identity_schema = flow.identity_schema
        await self.fill(StepContext(self.services, replacement, caller), self._first_screen())
        message = restart.message if restart else error_messages.registration_expired(times.parse(flow.expires_at))
        replacement.ui.add_message(message)
        expired_at = restart.expired_at if restart else ""
        return await self.engine.replaced(flow, replacement, caller, expired_at=expired_at)


def is_typed(name: str) -> bool:
    """Whether a field carries what a person said about themselves, whatever method they choose."""
    return name == "csrf_token" or name.startswith("traits.")


def values_of(ui: Container) -> dict[str, object]:
    """The values of trait fields."""
    return {node.name: node.value for node in ui.nodes if node.name.startswith("traits.") and node.value is not None}

"""Settings flows: start, fetch, submit, and what a refresh of the sign-in had interrupted."""

from typing import Any

from identity_server import times
from identity_server.errors import ApiError
from identity_server.flows import forms, implied, session_access
from identity_server.flows.answer import Answer, redirect
from identity_server.flows.caller import Caller
from identity_server.flows.engine import Engine, browser_redirect, with_query
from identity_server.flows.guards import FromBrowser
from identity_server.flows.model import BROWSER, NATIVE, Flow, Kind
from identity_server.flows.settings_saving import INTERRUPTED, SettingsSaving
from identity_server.identity.model import Identity
from identity_server.messages import errors as error_messages
from identity_server.methods.interface import (
    TAKES_PART,
    Changed,
    Form,
    NotMine,
    Outcome,
    Redirect,
    Stay,
    StepContext,
)
from identity_server.session.model import Session

KIND: Kind = "settings"
#: Changes of everything but the profile need a recent sign-in; of the profile, what signs in or recovers.
PROFILE = "profile"


class SettingsFlows:
    """The settings flow.

    Args:
        engine: what all flows share.
        saving: what happens once somebody may change their account.
    """

    def __init__(self, engine: Engine, saving: SettingsSaving) -> None:
        self.engine = engine
        self.services = engine.services
        self.saving = saving

    # -- start and fetch -------------------------------------------------------

    async def start_browser(self, caller: Caller) -> Answer:
        """Starts a flow in a browser; who is not signed in is sent to do so."""
        session = await session_access.active_session(caller, self.services)
        if session is None:
            return self._sign_in_first(caller)
        try:
            # Who has a place to return to comes back here; everybody else goes where a sign-in leads.
            here = caller.url if caller.parameter("return_to") else ""
            identity = await self._strong_enough(session, here)
        except ApiError as error:
            return self._step_up(error, caller, as_json=caller.wants_json)
        return await self._start(caller, BROWSER, session, identity)

    def _sign_in_first(self, caller: Caller) -> Answer:
        if caller.wants_json:
            raise no_session(missing=True)
        wanted = caller.parameter("return_to")
        url = f"{self.services.public_url}self-service/login/browser"
        return redirect(with_query(url, return_to=wanted) if wanted else url)

    async def start_native(self, caller: Caller) -> Answer:
        """Starts a flow for an app.

        Raises:
            ApiError: 401 without a session, 403 when its level is too low.
        """
        session = await session_access.active_session(caller, self.services)
        if session is None:
            raise no_session()
        identity = await self._strong_enough(session)
        return await self._start(caller, NATIVE, session, identity)

    async def _strong_enough(self, session: Session, here: str = "") -> Identity:
        identity = await self.services.identities.by_id(session.identity_id)
        if identity is None:
            raise no_session()
        required = self.services.configuration.text("selfservice.flows.settings.required_aal") or "aal1"
        if not session_access.level_is_enough(required, session.aal, identity.available_aal):
            raise session_access.aal2_required(self.services, here)
        return identity

    @staticmethod
    def _step_up(error: ApiError, caller: Caller, *, as_json: bool) -> Answer:
        url = error.extra.get("redirect_browser_to")
        if as_json or not url:
            raise error
        return redirect(url)

    async def _start(self, caller: Caller, flow_type: str, session: Session, identity: Identity) -> Answer:
        flow = self.engine.new(KIND, flow_type, caller)
        flow.identity_id = identity.id
        context = StepContext(self.services, flow, caller, identity, session)
        await self.saving.hooks.before(KIND, context)
        await self.saving.fill(context)
        await self.services.flows.insert(flow)
        flow.identity = self.saving.shown(identity)
        return self.engine.shown(flow, caller)

    async def page(self, caller: Caller) -> Flow:
        """The flow for its page.

        Raises:
            ApiError: 401 without a session, 403 for somebody else's flow or a level that is too low.
        """
        session = await session_access.active_session(caller, self.services)
        if session is None:
            raise session_access.unauthorized()
        flow = await self.engine.find(KIND, caller.parameter("id"))
        self._must_be_theirs(flow, session)
        identity = await self._strong_enough(session, self._way_back(flow))
        flow = await self.engine.fetch(KIND, caller)
        flow.identity = self.saving.shown(identity)
        return flow

    def _way_back(self, flow: Flow) -> str:
        """Where a page's browser comes back to after a second factor: to the page, as a fetch would show bare JSON."""
        try:
            return self.engine.return_url(self.engine.page_of(flow))
        except ApiError:  # the page is not on the list of allowed addresses; the server itself is
            return self._address(flow)

    def _address(self, flow: Flow) -> str:
        return with_query(f"{self.services.public_url}self-service/settings", flow=flow.id)

    @staticmethod
    def _must_be_theirs(flow: Flow, session: Session) -> None:
        if flow.identity_id != session.identity_id:
            raise ApiError(403, "The flow belongs to another account.", id="security_identity_mismatch")

    # -- submission ------------------------------------------------------------

    async def submit(self, caller: Caller) -> Answer:
        """Handles a submission, or carries out the one that a refresh of the sign-in had interrupted."""
        session = await session_access.active_session(caller, self.services)
        if session is None:
            return self._signed_out(caller)
        flow = await self.engine.load(KIND, caller.parameter("flow"))
        self._must_be_theirs(flow, session)
        try:
            identity = await self._strong_enough(session, self._address(flow))
        except ApiError as error:
            return self._step_up(error, caller, as_json=flow.is_native or caller.submits_json)
        context = StepContext(self.services, flow, caller, identity, session)
        flow.identity = self.saving.shown(identity)
        if flow.is_expired(self.services.now()):
            return await self.replace(context)
        resumed = await self._resumed(context)
        if resumed is not None:
            return await self._resume(context, session, resumed)
        form = await self.engine.read(context)
        if form is None:
            return await self.engine.stay(flow, caller)
        return await self.handle(context, session, form)

    def _signed_out(self, caller: Caller) -> Answer:
        if caller.submits_json:
            raise session_access.unauthorized()
        return redirect(self.engine.ui_url("login"))

    async def _resumed(self, context: StepContext) -> Form | None:
        """The interrupted submission of this flow, when a browser comes back by a link."""
        caller, flow, continuity = context.caller, context.flow, self.saving.continuity
        if caller.method != "GET" or flow.is_native or not continuity.is_paused(INTERRUPTED, caller):
            return None
        kept = await continuity.take(INTERRUPTED, caller, identity_id=flow.identity_id)
        return kept["form"] if kept and kept.get("flow") == flow.id else None

    async def _resume(self, context: StepContext, session: Session, form: Form) -> Answer:
        caller = context.caller
        context.resumed = True
        context.flow.transient_payload = form.get("transient_payload") or {}
        answer = await self.handle(context, session, form)
        answer.cookies.insert(0, self.saving.continuity.forgotten(INTERRUPTED, caller))
        return answer

    async def handle(self, context: StepContext, session: Session, form: Form) -> Answer:
        """Answers a submission that was read."""
        implied.name_method(form, KIND)
        method = forms.text_of(form, "method")
        if method in TAKES_PART[KIND] - {PROFILE} and method in self.engine.enabled(KIND):
            try:
                if not context.resumed:
                    self.engine.guard(context.flow, context.caller, form)
            except FromBrowser as error:
                outcome = self.engine.misused(context.flow, error)
                return await self.engine.stay(context.flow, context.caller, outcome)
            if not self.saving.is_fresh(session):
                return await self.saving.ask_to_sign_in_again(context, form, method)
        room, outcome = await self.engine.submit(context, form)
        return await self.conclude(context, session, form, room.id if room else "", outcome)

    async def conclude(
        self, context: StepContext, session: Session, form: Form, method: str, outcome: Outcome
    ) -> Answer:
        """Turns a method's outcome into the answer."""
        flow, caller = context.flow, context.caller
        match outcome:
            case NotMine():
                flow.ui.clear_messages()
                flow.ui.add_message(error_messages.no_settings_strategy())
                return await self.engine.stay(flow, caller)
            case Stay():
                schema_id = context.identity.schema_id if context.identity else ""
                if not outcome.moved:
                    flow.ui.sort(KIND, self.engine.fill_order(flow, schema_id))
                return await self.engine.stay(flow, caller, outcome)
            case Changed():
                if outcome.privileged and not self.saving.is_fresh(session):
                    return await self.saving.ask_to_sign_in_again(context, form, method)
                return await self.saving.complete(context, session, method, outcome)
            case Redirect(url, cookies):
                return browser_redirect(url, caller, flow, cookies)
            case _:
                raise TypeError(f"settings cannot end in {outcome!r}")

    async def replace(self, context: StepContext) -> Answer:
        flow = context.flow
        replacement = self.engine.new(KIND, flow.type, context.caller, source=flow)
        replacement.identity_id = flow.identity_id
        context.flow = replacement
        await self.saving.fill(context)
        replacement.ui.add_message(error_messages.settings_expired(times.parse(flow.expires_at)))
        return await self.engine.replaced(flow, replacement, context.caller)


def no_session(*, missing: bool = False) -> ApiError:
    """The refusal of settings without a session.

    Args:
        missing: add the member that Kratos' browser clients get.
    """
    extra: dict[str, Any] = {"CredentialsMissing": False} if missing else {}
    return ApiError(
        401,
        "Settings can be changed only with a valid session; sign in first.",
        id="session_inactive",
        message="The request carries no active session.",
        extra=extra,
    )

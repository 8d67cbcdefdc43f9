"""What happens once somebody recovered an account: hooks, a session, the settings to choose a new password in."""

from dataclasses import replace
from typing import Any

from identity_server import times
from identity_server.flows import known_devices, session_access
from identity_server.flows.answer import Answer, failed, redirect
from identity_server.flows.caller import Caller
from identity_server.flows.engine import Engine, location_change, with_query
from identity_server.flows.model import BROWSER, Flow
from identity_server.flows.settings_saving import SettingsSaving
from identity_server.flows.sign_in import identity_disabled, session_cookies
from identity_server.hooks.runner import HookRunner, Interrupted, Proceed, Refused
from identity_server.messages import recovery as recovery_messages
from identity_server.methods.interface import Recovered, Stay, StepContext
from identity_server.session.model import Session

#: Clients are told what to do next in ``continue_with``.
TRANSITIONS = "feature_flags.use_continue_with_transitions"


class RecoveryEnd:
    """Completes a recovery.

    Args:
        engine: what all flows share.
        hooks: what the configuration runs before and after flows.
        settings: fills the form that follows.
    """

    def __init__(self, engine: Engine, hooks: HookRunner, settings: SettingsSaving) -> None:
        self.engine = engine
        self.services = engine.services
        self.hooks = hooks
        self.settings = settings

    async def complete(self, context: StepContext, outcome: Recovered) -> Answer:
        """Issues the session and answers the recovery.

        Raises:
            ApiError: 401 when the account is switched off.
        """
        flow, caller, identity = context.flow, context.caller, outcome.identity
        if not identity.is_active:
            await self.engine.stay(flow, caller, Stay(200))
            raise identity_disabled(identity)
        flow.identity_id = identity.id
        session = session_access.new_session(identity, [outcome.proof], caller, self.services)
        verdict = await self.hooks.after_recovery(context, identity, session)
        if not isinstance(verdict, Proceed):
            return await self._stopped(context, verdict)
        await self.services.sessions.insert(session)
        in_browser = _in_browser(flow, caller)
        cookies = session_cookies(self.engine, session, caller) if in_browser else []
        if in_browser:
            cookies += known_devices.cookies(context, identity, session.aal)
        if in_browser and not flow.is_native:
            flow.csrf_token = caller.csrf_secret
        following = await self._settings(context, session, outcome, BROWSER if in_browser else flow.type)
        answer = await self._answer(flow, caller, session, following)
        answer.cookies = cookies
        return answer

    async def _stopped(self, context: StepContext, verdict: Interrupted | Refused) -> Answer:
        if isinstance(verdict, Refused):
            await self.engine.stay(context.flow, context.caller, Stay(200))
            return self.engine.refused(verdict.error, verdict.page, context.caller, context.flow)
        for pointer, message in verdict.messages:
            context.flow.ui.add_message(message, pointer)
        return await self.engine.stay(context.flow, context.caller)

    async def _settings(self, context: StepContext, session: Session, outcome: Recovered, flow_type: str) -> Flow:
        """A settings flow in which the session is fresh enough for a new password."""
        caller, configuration = context.caller, self.services.configuration
        target = context.flow.return_to
        if not target and configuration.configured("selfservice.flows.recovery.after.default_browser_return_url"):
            target = configuration.text("selfservice.flows.recovery.after.default_browser_return_url") or ""
        called = with_query(caller.url, return_to=target) if target else caller.url
        flow = self.engine.new("settings", flow_type, replace(caller, url=called, query={}))
        flow.return_to, flow.identity_id = target, outcome.identity.id
        await self.settings.fill(StepContext(self.services, flow, caller, outcome.identity, session))
        privileged = configuration.span("selfservice.flows.settings.privileged_session_max_age")
        flow.ui.add_message(recovery_messages.recovered(times.parse(session.authenticated_at) + privileged))
        await self.services.flows.insert(flow)
        return flow

    async def _answer(self, flow: Flow, caller: Caller, session: Session, following: Flow) -> Answer:
        url = self.engine.page_of(following)
        native = not _in_browser(flow, caller)
        scripted = native or caller.submits_json
        steps: list[dict[str, Any]] = []
        if native:
            steps.append({"action": "set_ory_session_token", "ory_session_token": session.token})
        steps.append({"action": "show_settings_ui", "flow": {"id": following.id, "url": url}})
        transitions = self.services.configuration.flag(TRANSITIONS)
        flow.continue_with = steps if transitions else None
        answer = await self.engine.stay(flow, caller, Stay(200))
        if not scripted:
            return redirect(url)
        return answer if transitions else failed(location_change(url), [])


def _in_browser(flow: Flow, caller: Caller) -> bool:
    """Whether the session belongs into a browser; an app's link is opened in one as well.

    A code never gives a cookie that way: anybody could plant a session of their own by a link with their own code.
    """
    return not flow.is_native or (flow.active == "link" and caller.method == "GET")

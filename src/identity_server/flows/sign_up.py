"""What happens once somebody may sign up: hooks, a stored identity, a session, the answer."""

from typing import Any

from identity_server.errors import ApiError, Conflict
from identity_server.flows import exchange, known_devices, session_access
from identity_server.flows.account_linking import AccountLinking
from identity_server.flows.answer import Answer, Cookie, redirect
from identity_server.flows.caller import Caller
from identity_server.flows.duplicates import duplicate_message, owner_of
from identity_server.flows.engine import Engine
from identity_server.flows.model import PASSED_CHALLENGE
from identity_server.flows.oauth2_bridge import OAuth2Bridge
from identity_server.flows.sign_in import renewed_csrf, session_cookies
from identity_server.hooks.runner import HookRunner, Interrupted, Proceed, Refused
from identity_server.hooks.verifying import BEGUN
from identity_server.identity import document as identity_document
from identity_server.identity.manager import InvalidTraits
from identity_server.identity.model import Identity
from identity_server.messages.validation import message_for
from identity_server.methods.interface import Registered, Stay, StepContext
from identity_server.session.model import Session
from identity_server.storage.port import Operation
from identity_server.ui.container import flatten


class SignUp:
    """Completes a registration.

    Args:
        engine: what all flows share.
        hooks: what the configuration runs before and after flows.
    """

    def __init__(self, engine: Engine, hooks: HookRunner) -> None:
        self.engine = engine
        self.services = engine.services
        self.hooks = hooks
        self.linking = AccountLinking(engine)
        self.oauth2 = OAuth2Bridge(engine.services)

    async def complete(self, context: StepContext, method: str, outcome: Registered) -> Answer:
        """Stores the identity and answers the registration."""
        identity = outcome.identity
        verdict = await self.hooks.before_registration_persist(context, method, identity)
        if not isinstance(verdict, Proceed):
            return await self._stopped(context, verdict, identity)
        session = session_access.new_session(identity, [outcome.proof], context.caller, self.services)
        refused = await self._store(context, identity, session)
        if refused is not None:
            return refused
        shown = session if self.hooks.issues_session(method) else None
        verdict = await self.hooks.after_registration(context, method, identity, shown)
        if not isinstance(verdict, Proceed):
            return await self._stopped(context, verdict, identity)
        context.flow.state, context.flow.active = PASSED_CHALLENGE, method
        await self.engine.stay(context.flow, context.caller)
        traded = await exchange.finish(self.engine, context.flow, method, session) if shown else None
        return traded or await self.answer(context, method, identity, shown, verdict, session)

    async def _store(self, context: StepContext, identity: Identity, session: Session) -> Answer | None:
        flow, services = context.flow, self.services

        def both() -> Operation:
            yield from services.identities.inserting([identity])
            yield from services.sessions.inserting(session)

        try:
            services.manager.settle(identity)
            await services.database.run(both())
        except InvalidTraits as error:
            for violation in error.violations:
                flow.ui.add_message(message_for(violation), violation.pointer)
            return await self.engine.stay(flow, context.caller, page_status=302)
        except Conflict:
            linking = await self._link(context, identity)
            if linking is not None:
                return linking
            flow.ui.clear_messages()
            flow.ui.add_message(await duplicate_message(self.services, identity))
            return await self.engine.stay(flow, context.caller, page_status=302)
        return None

    async def _link(self, context: StepContext, identity: Identity) -> Answer | None:
        """Whoever came through a provider may prove the account that is in the way."""
        label = context.linked.get("provider label")
        found = await owner_of(self.services, identity) if label else None
        return await self.linking.ask(context, identity, *found, str(label)) if found else None

    async def _stopped(self, context: StepContext, verdict: Interrupted | Refused, identity: Identity) -> Answer:
        if isinstance(verdict, Refused):
            return self.engine.refused(verdict.error, verdict.page, context.caller, context.flow)
        context.flow.ui.clear_messages()
        context.flow.ui.set_values(flatten(identity.traits, "traits"))
        for pointer, message in verdict.messages:
            context.flow.ui.add_message(message, pointer)
        return await self.engine.stay(context.flow, context.caller, Stay(), page_status=302)

    async def answer(
        self,
        context: StepContext,
        method: str,
        identity: Identity,
        session: Session | None,
        verdict: Proceed,
        made: Session,
    ) -> Answer:
        """The answer to whoever signed up.

        Args:
            session: the new session when the sign-up signs in as well.
            made: the same, whether or not it is handed out.
        """
        flow, caller = context.flow, context.caller
        body: dict[str, Any] = {"identity": identity_document.public_json(identity, self.services.public_url)}
        if session is not None:
            body["session"] = session_access.session_json(session, self.services, identity)
        if flow.is_native:
            return self._native(body, session, verdict)
        cookies: list[Cookie] = []
        if session is not None:
            cookies = session_cookies(self.engine, session, caller)
            cookies += known_devices.cookies(context, identity, session.aal)
        elif caller.csrf_renewed:
            cookies = [renewed_csrf(self.engine, caller)]
        target = self.engine.return_url(flow.return_to, "registration", method)
        if not await self._waits(context, verdict, made) and (session is not None or not caller.submits_json):
            target = await self.oauth2.accept(flow, made) or target
        if not caller.submits_json:
            answer = redirect(verdict.page or target)
            answer.cookies = cookies
            return answer
        steps = [{"action": "redirect_browser_to", "redirect_browser_to": target}, *verdict.continue_with]
        return Answer(200, {**body, "continue_with": steps}, cookies=cookies)

    async def _waits(self, context: StepContext, verdict: Proceed, made: Session) -> bool:
        """Whether the browser is to prove an address before it goes on to the application that it came for."""
        shown = any(step["action"] == "show_verification_ui" for step in verdict.continue_with)
        waits = bool(verdict.page) or (shown and context.caller.submits_json)
        if waits and context.flow.oauth2_login_challenge:
            for begun in context.linked.get(BEGUN) or ():
                await self.oauth2.postpone(begun.flow_id, context.flow, made)
        return waits

    @staticmethod
    def _native(body: dict[str, Any], session: Session | None, verdict: Proceed) -> Answer:
        steps = list(verdict.continue_with)
        if session is not None:
            body["session_token"] = session.token
            steps.append({"action": "set_ory_session_token", "ory_session_token": session.token})
        return Answer(200, {**body, "continue_with": steps or None})


def already_signed_in(return_url: str, caller: Caller) -> Answer:
    """What somebody who is signed in gets instead of a registration's submission."""
    if caller.submits_json:
        raise already_available()
    return redirect(return_url, 302)


def already_available() -> ApiError:
    """The refusal of a registration by somebody who is signed in."""
    return ApiError(
        400,
        "There is a session already; sign out to register another account.",
        id="session_already_available",
        message="You are signed in already.",
    )

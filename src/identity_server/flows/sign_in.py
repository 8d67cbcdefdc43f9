"""What happens once somebody proved who they are: hooks, a session, the answer."""

import contextlib
from typing import Any

from identity_server.errors import ApiError
from identity_server.flows import attempts, csrf, exchange, known_devices, session_access
from identity_server.flows.account_linking import AccountLinking
from identity_server.flows.answer import Answer, Cookie, redirect
from identity_server.flows.caller import Caller
from identity_server.flows.engine import Engine, with_query
from identity_server.flows.model import Flow
from identity_server.flows.oauth2_bridge import OAuth2Bridge
from identity_server.hooks.runner import HookRunner, Interrupted, Proceed, Refused
from identity_server.identity.levels import available_aal
from identity_server.identity.model import Identity
from identity_server.messages import errors
from identity_server.messages.message import Message
from identity_server.methods.interface import Authenticated, StepContext
from identity_server.session.model import UNSTORED, Session


class SignIn:
    """Completes a login.

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

    async def complete(self, context: StepContext, method: str, outcome: Authenticated) -> Answer:
        """Issues or confirms the session and answers the login.

        Raises:
            ApiError: 401 when the identity is inactive.
        """
        flow, identity = context.flow, outcome.identity
        await attempts.succeeded(context, identity, outcome.proof.aal)
        if outcome.changed:
            await self._keep(identity)
        flow.active = method
        if not identity.is_active:
            await self.engine.stay(flow, context.caller)
            raise identity_disabled(identity)
        pending = await self.linking.pending(context, identity)
        if pending is not None and pending.owner != identity.id:
            return await self._not_linked(context, errors.linked_credentials_differ())
        session, is_new = self.session_for(context, outcome)
        links = pending is not None and self.is_enough(session, identity)
        if pending is not None and links:
            session.methods.append(pending.proof(self.services.now()))
        verdict = await self.hooks.after_login(context, method, identity, session)
        if not isinstance(verdict, Proceed):
            return await self._stopped(context, verdict)
        problem = (
            await self.linking.connect(pending, identity, outcome.proof) if pending is not None and links else None
        )
        if problem is not None:
            return await self._not_linked(context, problem)
        flow.continue_with = list(verdict.continue_with) or None
        if is_new:
            await self.services.sessions.insert(session)
        else:
            await self.services.sessions.update(session)
            session.devices.append(session_access.device_of(context.caller, UNSTORED))
        flow.ui.clear_messages()
        await self.engine.stay(flow, context.caller)
        traded = await exchange.finish(self.engine, flow, method, session)
        answer = traded or await self.answer(context, method, identity, session, is_new, verdict.page)
        if pending is not None and not links:
            answer.cookies.extend(await self.linking.carry(context, pending))
        return answer

    def is_enough(self, session: Session, identity: Identity) -> bool:
        """Whether a session's level is what the configuration wants of this identity."""
        required = self.services.configuration.text("session.whoami.required_aal") or "aal1"
        return session_access.level_is_enough(required, session.aal, identity.available_aal)

    async def _not_linked(self, context: StepContext, reason: Message) -> Answer:
        context.flow.ui.clear_messages()
        context.flow.ui.add_message(reason)
        return await self.engine.stay(context.flow, context.caller)

    async def _keep(self, identity: Identity) -> None:
        """Stores what a proof changed about an identity, such as a renewed hash.

        Traits that no longer fit their schema are no reason to refuse a login, and somebody who changed the account in
        the meantime is not overruled: what is lost here happens again at the next login.
        """
        seen, identity.updated_at = identity.updated_at, self.services.now()
        identity.available_aal = available_aal(identity, self.services.manager.factors)
        with contextlib.suppress(LookupError):
            await self.services.identities.update(identity, expected_updated_at=seen)

    async def _stopped(self, context: StepContext, verdict: Interrupted | Refused) -> Answer:
        flow, caller = context.flow, context.caller
        if isinstance(verdict, Refused):
            return self.engine.refused(verdict.error, verdict.page, caller, flow)
        flow.ui.clear_messages()
        for pointer, message in verdict.messages:
            flow.ui.add_message(message, pointer)
        return await self.engine.stay(flow, caller)

    def session_for(self, context: StepContext, outcome: Authenticated) -> tuple[Session, bool]:
        """The caller's session with the new proof when it is the same person's, else a new one."""
        held = context.session
        if held is not None and held.identity_id == outcome.identity.id:
            session_access.confirm(held, outcome.proof, self.services)
            return held, False
        return session_access.new_session(outcome.identity, [outcome.proof], context.caller, self.services), True

    async def answer(
        self, context: StepContext, method: str, identity: Identity, session: Session, is_new: bool, page: str = ""
    ) -> Answer:
        """The answer to whoever signed in.

        Args:
            page: where a hook sends browsers instead of the return address.
        """
        flow, caller = context.flow, context.caller
        enough = self.is_enough(session, identity)
        if flow.is_native:
            shown = session_access.session_json(session, self.services, identity)
            if not enough:
                shown["identity"] = None  # nothing about the person before the second factor
            body: dict[str, Any] = {"session_token": session.token, "session": shown}
            body["continue_with"] = flow.continue_with
            return Answer(200, body)
        cookies = session_cookies(self.engine, session, caller, is_new=is_new)
        cookies += known_devices.cookies(context, identity, session.aal)
        if not enough:
            return self._second_factor(caller, cookies, flow)
        accepted = await self.oauth2.after_login(flow, session, caller, cookies)
        if accepted is not None:
            return accepted
        target = self.engine.return_url(flow.return_to, "login", method)
        if not caller.submits_json:
            answer = redirect(page or target)
            answer.cookies = cookies
            return answer
        shown = session_access.session_json(session, self.services, identity)
        steps = [{"action": "redirect_browser_to", "redirect_browser_to": target}, *(flow.continue_with or [])]
        return Answer(200, {"session": shown, "continue_with": steps}, cookies=cookies)

    def second_factor_url(self, return_to: str, challenge: str) -> str:
        """Where the second factor is asked for; an OAuth2 server's challenge goes along."""
        error = session_access.aal2_required(self.services, return_to)
        url = str(error.extra["redirect_browser_to"])
        return with_query(url, login_challenge=challenge) if challenge else url

    def _second_factor(self, caller: Caller, cookies: list[Cookie], flow: Flow) -> Answer:
        url = self.second_factor_url(flow.return_to, flow.oauth2_login_challenge)
        if not caller.submits_json:
            answer = redirect(url)
            answer.cookies = cookies
            return answer
        envelope = ApiError(
            422,
            "Continue with the second factor at the address in redirect_browser_to.",
            id="browser_location_change_required",
            extra={"redirect_browser_to": url},
        )
        return Answer(422, envelope.body(), cookies=cookies)


def session_cookies(engine: Engine, session: Session, caller: Caller, *, is_new: bool = True) -> list[Cookie]:
    """The session's cookie; with a new session a new anti-forgery secret, against fixation."""
    cookies = [session_access.session_cookie(session, engine.services)]
    if is_new or caller.csrf_renewed:
        cookies.append(renewed_csrf(engine, caller))
    return cookies


def renewed_csrf(engine: Engine, caller: Caller) -> Cookie:
    """A new anti-forgery secret for this browser."""
    csrf.renew(caller)
    return csrf_cookie(engine, caller.csrf_secret)


def csrf_cookie(engine: Engine, secret: str) -> Cookie:
    """The anti-forgery cookie."""
    attributes = session_access.cookie_attributes(engine.services)
    return Cookie(csrf.cookie_name(engine.services.public_url), secret, csrf.COOKIE_SECONDS, **attributes)


def identity_disabled(identity: Identity) -> ApiError:
    """The refusal of an account that is switched off."""
    return ApiError(
        401, "This account is disabled.", message="The identity is disabled.", details={"identity_id": identity.id}
    )

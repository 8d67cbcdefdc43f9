"""Signing out: by a link in browsers, by token in apps."""

import hashlib

from identity_server.audit import trail
from identity_server.ciphers.comparison import compare
from identity_server.errors import ApiError, bad_request
from identity_server.flows import forms, session_access
from identity_server.flows.answer import Answer, redirect
from identity_server.flows.caller import Caller
from identity_server.flows.engine import Engine, with_query
from identity_server.flows.sign_in import renewed_csrf

#: Whether a browser is asked to forget everything of this host; browsers listen only over HTTPS.
CLEARING = "selfservice.flows.logout.clear_browser_data"


def logout_token(session_token: str) -> str:
    """The token that signs a session out; whoever holds it cannot use the session."""
    return "ory_lo_" + hashlib.sha256(b"logout:" + session_token.encode()).hexdigest()[:32]


class LogoutFlow:
    """Signing out."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.services = engine.services

    async def link(self, caller: Caller) -> Answer:
        """The address that signs this browser out.

        Raises:
            ApiError: 401 without a session.
        """
        session = await session_access.active_session(caller, self.services)
        if session is None:
            raise inactive()
        token = logout_token(session.token)
        wanted = caller.parameter("return_to")
        parameters = {"token": token, **({"return_to": wanted} if wanted else {})}
        url = with_query(f"{self.services.public_url}self-service/logout", **parameters)
        return Answer(200, {"logout_url": url, "logout_token": token})

    async def follow(self, caller: Caller) -> Answer:
        """Signs a browser out; a session that has ended is no error.

        Raises:
            ApiError: 400 without a token, 401 without a session's cookie, 403 with a token of another session.
        """
        token = caller.parameter("token")
        if not token:
            raise bad_request("The query parameter 'token' is missing.")
        target = self.engine.return_url(caller.parameter("return_to"), "logout")
        session = await session_access.active_session(caller, self.services)
        if session is None:
            if not session_access.presented(caller, self.services).token:
                raise inactive()
            return self._done(caller, target, Answer(cookies=[session_access.ended_cookie(self.services)]))
        if not compare(logout_token(session.token), token):
            raise ApiError(403, "The token does not belong to the session of this browser.")
        await self.services.sessions.deactivate(session.id, self.services.now())
        answer = Answer(cookies=[session_access.ended_cookie(self.services), renewed_csrf(self.engine, caller)])
        return self._done(caller, target, answer)

    def _done(self, caller: Caller, target: str, answer: Answer) -> Answer:
        done = Answer(204) if caller.submits_json else redirect(target)
        done.cookies = answer.cookies
        if self.services.public_url.startswith("https://") and self.services.configuration.flag(CLEARING):
            done.headers = {"clear-site-data": '"cookies", "storage", "cache"'}
        return done

    async def native(self, caller: Caller) -> Answer:
        """Signs an app out by its token.

        Raises:
            ApiError: 400 for a body that cannot be read, 403 for a token that never was one of ours.
        """
        try:
            form = forms.read(caller)
        except forms.UnreadableForm as error:
            raise bad_request(str(error)) from error
        token = forms.text_of(form, "session_token")
        row = await self.services.sessions.row_by_token(token) if token else None
        if row is None:
            raise ApiError(403, "The session token is unknown.")
        trail.identified(row[1])
        await self.services.sessions.deactivate(row[0], self.services.now())
        return Answer(204)


def inactive() -> ApiError:
    """The refusal of a sign-out by somebody who is not signed in."""
    return ApiError(401, "The request carries no active session.", id="session_inactive")

"""Public routes of sessions: whoami, a person's own sessions, the token exchange."""

import orjson
import structlog
from starlette.requests import Request
from starlette.responses import Response

from identity_server import times
from identity_server.errors import ApiError, bad_request
from identity_server.flows import api_key_access, exchange, session_access
from identity_server.flows.caller import Caller
from identity_server.identity import document as identity_document
from identity_server.services import Services
from identity_server.session import document
from identity_server.session.tokenizer import BrokenTemplate, CannotTokenize
from identity_server.storage.port import Row
from identity_server.web import requests, responses
from identity_server.web.dispatch import ANY, Route
from identity_server.web.pagination import counted_page
from identity_server.web.parameters import path_id
from identity_server.web.runtime import Runtime

log = structlog.get_logger("sessions")
CACHE_FOR = "ory-session-cache-for"
#: For how long the answer "nobody" may be kept, in seconds.
NOBODY_SECONDS = 60
MOST = 1000


class SessionRoutes:
    """What a person or app asks about its own sessions."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def routes(self) -> list[Route]:
        """The routes."""
        return [
            Route(ANY, "/sessions/whoami", self.whoami),
            Route("GET", "/sessions/token-exchange", self.trade),
            Route("GET", "/sessions", self.others),
            Route("DELETE", "/sessions", self.end_others),
            Route("DELETE", "/sessions/{id}", self.end),
        ]

    async def whoami(self, request: Request) -> Response:
        """The session that the request carries: one statement, no parsing of what is sent on."""
        services = self._runtime.services
        caller = light_caller(request)
        token, known_end = session_access.presented(caller, services)
        found = api_key_access if api_key_access.is_meant(token, services) else session_access
        row = await found.usable_row(token, services)
        if row is None:
            raise _nobody(caller, services)
        session_access.check_level(row, services)
        identity = identity_document.identity_text(row[document.WIDTH :], services.public_url)
        body = document.session_text(row, active=True, identity=identity)
        headers = {"x-kratos-authenticated-identity-id": row[1]}
        template = request.query_params.get("tokenize_as")
        if template:
            body = await self._tokenized(template, row, identity, body)
        elif services.configuration.flag("feature_flags.cacheable_sessions"):
            headers[CACHE_FOR] = str(_cache_seconds(row, services))
        response = responses.ready_json(body, headers=headers)
        if known_end and known_end != row[8]:
            session = session_access.session_of(row, token)
            responses.add_cookies(response, [session_access.session_cookie(session, services)])
        return response

    async def _tokenized(self, template: str, row: Row, identity: str, body: str) -> str:
        try:
            token = await self._runtime.services.tokenizer.token(template, orjson.loads(body))
        except CannotTokenize as error:
            raise bad_request(str(error)) from error
        except BrokenTemplate as error:
            log.error("a session cannot be tokenized", template=template, problem=str(error))
            raise ApiError(500, "The tokenizer template cannot be used; see the server's log.") from error
        return document.session_text(row, active=True, identity=identity, tokenized=token)

    async def _current(self, request: Request) -> Row:
        services = self._runtime.services
        row = await session_access.active_row(light_caller(request), services)
        if row is None:
            raise session_access.unauthorized()
        session_access.check_level(row, services)
        return row

    async def others(self, request: Request) -> Response:
        """The person's other usable sessions."""
        current = await self._current(request)
        services, page = self._runtime.services, counted_page(request, most=MOST)
        now = services.now()
        rows, total = await services.sessions.page_of_others(
            current[1], current[0], limit=page.size, offset=page.offset, now=now
        )
        texts = [
            document.session_text(
                row, active=True, identity=identity_document.identity_text(_without_addresses(row), "")
            )
            for row in rows
        ]
        return responses.ready_json(f"[{','.join(texts)}]", headers=page.headers(total))

    async def end_others(self, request: Request) -> Response:
        """Ends all sessions of the person but this one."""
        current = await self._current(request)
        services = self._runtime.services
        count = await services.sessions.end_others(current[1], current[0], services.now())
        return responses.json_response({"count": count})

    async def end(self, request: Request) -> Response:
        """Ends one other session of the person; one that is gone or somebody else's is no error."""
        current = await self._current(request)
        session_id = path_id(request, otherwise=400)
        if session_id == current[0]:
            raise ApiError(400, message="The current session cannot be ended here; sign out instead.")
        services = self._runtime.services
        await services.sessions.end_own(session_id, current[1], services.now())
        return Response(status_code=204, media_type="application/json")

    async def trade(self, request: Request) -> Response:
        """A session token for the two codes of a browser's detour."""
        services = self._runtime.services
        caller = await requests.caller_of(request, services)
        return responses.respond(await exchange.trade(caller, services))


def _nobody(caller: Caller, services: Services) -> ApiError:
    error = session_access.unauthorized()
    sent = (caller.header("x-session-token"), caller.header("authorization"))
    nothing = not any(sent) and session_access.cookie_name(services) not in caller.cookies
    if nothing and services.configuration.flag("feature_flags.cacheable_sessions"):
        error.headers[CACHE_FOR] = str(NOBODY_SECONDS)
    return error


def _cache_seconds(row: Row, services: Services) -> int:
    remaining = times.seconds_between(services.now(), row[8])
    limit = services.configuration.duration("feature_flags.cacheable_sessions_max_age")
    return round(min(remaining, limit.total_seconds()) if limit else remaining)


def _without_addresses(row: Row) -> list[object]:
    values = list(row[document.WIDTH :])
    for name in ("verifiable_addresses", "recovery_addresses"):
        values[identity_document.COLUMNS.index(name)] = "[]"
    return values


def light_caller(request: Request) -> Caller:
    """A request whose body does not matter."""
    headers = requests.headers_of(request)
    return Caller(request.method, "", {}, headers, request.cookies, "", True, True)

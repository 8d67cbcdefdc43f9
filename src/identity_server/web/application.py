"""The two listeners: what stands around every handler."""

from time import perf_counter

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from identity_server.access import keys
from identity_server.audit import trail as audit
from identity_server.audit.trail import ADMIN, PUBLIC
from identity_server.errors import ApiError
from identity_server.flows import csrf
from identity_server.flows.sign_in import csrf_cookie
from identity_server.web import auditing, requests, responses
from identity_server.web.cors import CrossOrigin
from identity_server.web.csrf_rules import is_exempt
from identity_server.web.dispatch import Dispatcher, Route
from identity_server.web.redirects import PREFIX, CrossRoutes, cleaned, moved
from identity_server.web.routes_admin_sessions import AdminSessionRoutes
from identity_server.web.routes_api_keys import ApiKeyRoutes
from identity_server.web.routes_audit import AuditRoutes
from identity_server.web.routes_courier import CourierRoutes
from identity_server.web.routes_identities import IdentityRoutes
from identity_server.web.routes_identity_lists import IdentityListRoutes
from identity_server.web.routes_meta import MetaRoutes
from identity_server.web.routes_oidc import OidcRoutes
from identity_server.web.routes_openapi import OpenApiRoutes
from identity_server.web.routes_pages import PageRoutes
from identity_server.web.routes_recovery_admin import RecoveryAdminRoutes
from identity_server.web.routes_selfservice import SelfServiceRoutes
from identity_server.web.routes_sessions import SessionRoutes
from identity_server.web.routes_webauthn import WebauthnRoutes
from identity_server.web.runtime import Runtime

log = structlog.get_logger("web")
#: A year; for this host alone, since others of its domain may not be ready for it.
HSTS = "max-age=31536000"
#: Characters of a path that the log shows.
MOST_PATH = 4096
SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}


class Application:
    """One listener as an ASGI application.

    Attributes:
        public: whether it is the one that people reach.
    """

    public = False

    def __init__(self, runtime: Runtime, dispatcher: Dispatcher) -> None:
        self.runtime = runtime
        self.dispatcher = dispatcher

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        started = perf_counter()
        request = Request(scope, receive)
        services = self.runtime.services
        trail = auditing.begin(request, services, PUBLIC if self.public else ADMIN)
        try:
            response = await self.answer(request)
        except Exception as error:
            response = self.failed(error, request)
        await auditing.end(trail, services)
        response.headers["cache-control"] = responses.NO_CACHE
        response.headers["x-content-type-options"] = "nosniff"
        if self.runtime.draining:
            # So that clients with open connections come back to another replica.
            response.headers["connection"] = "close"
        if self.public and self.runtime.services.public_url.startswith("https:"):
            response.headers["strict-transport-security"] = HSTS
        await response(scope, receive, send)
        took = perf_counter() - started
        length = request.headers.get("content-length", "")
        self.runtime.metrics.observe(
            scope.get("route_pattern", ""),
            request.method,
            response.status_code,
            took,
            int(length) if length.isdecimal() else 0,
            len(response.body),
        )
        # Without the query, which holds codes and tokens.
        path = raw_path(request)[:MOST_PATH]
        log.debug(
            "request answered", method=request.method, path=path, status=response.status_code, seconds=round(took, 6)
        )

    def failed(self, error: Exception, request: Request) -> Response:
        """The answer to an error; ours that nobody foresaw are logged with their place."""
        if isinstance(error, ClientDisconnect):
            return responses.plain("", 400)
        shown = responses.as_api_error(error)
        auditing.note(shown)
        if not isinstance(error, ApiError) and shown.status == 500:
            log.error("a request failed", path=request.url.path, method=request.method, exc_info=error)
        return responses.error_response(shown, request.headers.get("x-request-id", ""))

    async def answer(self, request: Request) -> Response:
        """Finds and calls the handler."""
        raise NotImplementedError

    async def call(self, request: Request, path: str) -> Response:
        """Calls the handler of a path; 404 and 405 are plain text as in Go's server."""
        clean = cleaned(path)
        if clean != path:
            return moved(request, clean)
        node, parameters = self.dispatcher.find(path)
        if node is None:
            return responses.plain("404 page not found\n", 404)
        handler = node.find(request.method)
        if handler is None:
            return responses.plain("Method Not Allowed\n", 405)
        request.scope["path_params"] = parameters
        request.scope["route_pattern"] = node.pattern
        return await handler(request)


def raw_path(request: Request) -> str:
    """The path as sent, still percent-encoded."""
    return request.scope["raw_path"].decode("latin-1").partition("?")[0]


def public_routes(runtime: Runtime) -> list[Route]:
    """What the public listener does itself."""
    flows = SelfServiceRoutes(runtime)
    parts = (SessionRoutes(runtime), flows, PageRoutes(runtime), OidcRoutes(runtime, flows), WebauthnRoutes())
    return [*(route for part in parts for route in part.routes()), *MetaRoutes(runtime).public()]


def admin_routes(runtime: Runtime) -> list[Route]:
    """What the admin listener does itself."""
    parts = (
        IdentityRoutes,
        IdentityListRoutes,
        AdminSessionRoutes,
        RecoveryAdminRoutes,
        CourierRoutes,
        ApiKeyRoutes,
        AuditRoutes,
    )
    described = OpenApiRoutes(runtime, lambda: (admin_routes(runtime), public_routes(runtime)))
    own = [route for part in parts for route in part(runtime).routes()]
    return [*own, *MetaRoutes(runtime).admin(), *described.routes()]


class PublicApplication(Application):
    """What people and apps reach."""

    public = True

    def __init__(self, runtime: Runtime) -> None:
        super().__init__(runtime, Dispatcher([*public_routes(runtime), *CrossRoutes(runtime).to_admin()]))
        self._cross_origin = CrossOrigin(super().__call__, runtime)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, cross-origin ones as the configuration allows."""
        await self._cross_origin(scope, receive, send)

    async def answer(self, request: Request) -> Response:
        """Anti-forgery around everything that is not exempt from it."""
        path = raw_path(request)
        services = self.runtime.services
        name = csrf.cookie_name(services.public_url)
        secret = request.cookies.get(name, "")
        known = csrf.is_secret(secret)
        if is_exempt(path):
            request.state.csrf_secret = secret if known else ""
            return await self.call(request, path)
        request.state.csrf_secret = secret if known else csrf.new_secret()
        fresh = request.state.csrf_secret
        response = await self._protected(request, path, known)
        if not known:
            added = [value for value in response.headers.getlist("set-cookie") if value.startswith(name)]
            if not added:
                responses.add_cookies(response, [csrf_cookie(self.runtime.selfservice.engine, fresh)])
        return response

    async def _protected(self, request: Request, path: str, known: bool) -> Response:
        if request.method not in SAFE:
            sent = request.headers.get("x-csrf-token", "")
            if not known or not csrf.matches(request.state.csrf_secret, sent):
                caller = await requests.caller_of(request, self.runtime.services)
                secret = request.state.csrf_secret if known else ""
                return self.failed(csrf.violation(caller, token_sent=bool(sent), secret=secret), request)
        try:
            return await self.call(request, path)
        except Exception as error:
            return self.failed(error, request)


class AdminApplication(Application):
    """What operators reach."""

    def __init__(self, runtime: Runtime) -> None:
        redirects = CrossRoutes(runtime).to_public(SelfServiceRoutes(runtime).routes())
        super().__init__(runtime, Dispatcher([*admin_routes(runtime), *redirects]))

    async def answer(self, request: Request) -> Response:
        """Every path is one below ``/admin``, whether or not it says so."""
        path = raw_path(request)
        if not path.startswith(PREFIX):
            path = PREFIX + cleaned(path)
            request.scope["path"] = PREFIX + cleaned(request.scope["path"])
        await self._admit(request, cleaned(path))
        return await self.call(request, path)

    async def _admit(self, request: Request, path: str) -> None:
        """Lets in who holds a key, and everybody as long as there are no keys.

        What monitoring asks is answered without a look at the keys, also while the database is away.
        """
        request.state.admin_key = ""
        if keys.is_open(path):
            return
        services = self.runtime.services
        known = [*services.configured_admin_keys, *await services.admin_keys.recent()]
        key = keys.check(known, request.headers.get("authorization", ""), request.method, path, services.now())
        request.state.admin_key = key.name if key else ""
        if key is not None:
            audit.admitted(key.name)

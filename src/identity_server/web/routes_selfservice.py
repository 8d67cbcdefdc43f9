"""Public routes of self-service flows."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from identity_server import randomness
from identity_server.errors import ApiError
from identity_server.flows.answer import Answer, redirect
from identity_server.flows.caller import Caller
from identity_server.flows.engine import with_query
from identity_server.flows.model import Kind
from identity_server.flows.selfservice import SelfService
from identity_server.times import NEVER
from identity_server.web import auditing, requests, responses
from identity_server.web.dispatch import Handler, Route
from identity_server.web.runtime import Runtime

Part = Callable[[SelfService, Caller], Awaitable[Answer]]


class SelfServiceRoutes:
    """Starts, fetches and submissions of every flow."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def routes(self) -> list[Route]:
        """The routes."""
        return [
            Route(
                "GET", "/self-service/login/browser", self.page(lambda flows, caller: flows.login.start_browser(caller))
            ),
            Route(
                "GET", "/self-service/login/api", self.script(lambda flows, caller: flows.login.start_native(caller))
            ),
            Route("GET", "/self-service/login/flows", self.fetch("login")),
            Route("GET POST", "/self-service/login", self.submission(lambda flows, caller: flows.login.submit(caller))),
            *self._registration(),
            *self._settings(),
            *self._recovery(),
            *self._verification(),
            Route("GET", "/self-service/logout/browser", self.page(lambda flows, caller: flows.logout.link(caller))),
            Route("GET", "/self-service/logout", self.submission(lambda flows, caller: flows.logout.follow(caller))),
            Route("DELETE", "/self-service/logout/api", self.script(lambda flows, caller: flows.logout.native(caller))),
            Route("GET", "/self-service/errors", self.error_page),
            Route("GET", "/.well-known/change-password", self.change_password),
        ]

    def _registration(self) -> list[Route]:
        base = "/self-service/registration"
        return [
            Route("GET", f"{base}/browser", self.page(lambda flows, caller: flows.registration.start_browser(caller))),
            Route("GET", f"{base}/api", self.script(lambda flows, caller: flows.registration.start_native(caller))),
            Route("GET", f"{base}/flows", self.fetch("registration")),
            Route("GET POST", base, self.submission(lambda flows, caller: flows.registration.submit(caller))),
        ]

    def _settings(self) -> list[Route]:
        base = "/self-service/settings"
        return [
            Route("GET", f"{base}/browser", self.page(lambda flows, caller: flows.settings.start_browser(caller))),
            Route("GET", f"{base}/api", self.script(lambda flows, caller: flows.settings.start_native(caller))),
            Route("GET", f"{base}/flows", self.fetch("settings")),
            Route("GET POST", base, self.submission(lambda flows, caller: flows.settings.submit(caller))),
        ]

    def _recovery(self) -> list[Route]:
        base = "/self-service/recovery"
        return [
            Route("GET", f"{base}/browser", self.page(lambda flows, caller: flows.recovery.start_browser(caller))),
            Route("GET", f"{base}/api", self.script(lambda flows, caller: flows.recovery.start_native(caller))),
            Route("GET", f"{base}/flows", self.fetch("recovery")),
            Route("GET POST", base, self.submission(lambda flows, caller: flows.recovery.submit(caller))),
        ]

    def _verification(self) -> list[Route]:
        base = "/self-service/verification"
        return [
            # Kratos answers a start that fails as JSON, whoever asks.
            Route("GET", f"{base}/browser", self.script(lambda flows, call: flows.verification.start_browser(call))),
            Route("GET", f"{base}/api", self.script(lambda flows, caller: flows.verification.start_native(caller))),
            Route("GET", f"{base}/flows", self.fetch("verification")),
            Route("GET POST", base, self.submission(lambda flows, caller: flows.verification.submit(caller))),
        ]

    def fetch(self, kind: Kind) -> Handler:
        """A flow for a page that somebody else draws."""

        async def part(flows: SelfService, caller: Caller) -> Answer:
            return Answer(200, (await flows.page(kind, caller)).to_json())

        return self.script(part)

    def page(self, part: Part) -> Handler:
        """A start: errors are JSON when ``Accept`` asks for it."""
        return self._handler(part, lambda caller: caller.wants_json)

    def submission(self, part: Part) -> Handler:
        """A submission: errors are JSON when the body or ``Accept`` is."""
        return self._handler(part, lambda caller: caller.submits_json)

    def script(self, part: Part) -> Handler:
        """For programs alone: always JSON."""
        return self._handler(part, lambda caller: True)

    def _handler(self, part: Part, as_json: Callable[[Caller], bool]) -> Handler:
        async def handle(request: Request) -> Response:
            services = self._runtime.services
            caller = await requests.caller_of(request, services)
            caller.csrf_secret = request.state.csrf_secret
            try:
                answer = await part(self._runtime.selfservice, caller)
            except Exception as error:
                answer = await self._failed(responses.as_api_error(error), caller, as_json(caller), error)
            return responses.respond(answer, page=caller.method == "GET")

        return handle

    async def _failed(self, error: ApiError, caller: Caller, as_json: bool, cause: Exception) -> Answer:
        """A page is sent to the error page; a script gets the error."""
        if as_json or (error.status >= 500 and not isinstance(cause, ApiError)):
            raise cause
        auditing.note(error)
        services = self._runtime.services
        error_id = randomness.new_id()
        await services.errors.insert(error_id, error.body()["error"], services.now())
        return redirect(with_query(self._runtime.selfservice.engine.ui_url("error"), id=error_id))

    async def error_page(self, request: Request) -> Response:
        """An error that a page was redirected for."""
        services = self._runtime.services
        error_id = request.query_params.get("id") or request.query_params.get("error") or ""
        if error_id == "stub:500":
            sample = ApiError(500, "This is a sample of an error.").body()["error"]
            times = {"created_at": NEVER, "updated_at": NEVER}
            return responses.json_response({"id": randomness.new_id(), "error": sample, **times})
        found = await services.errors.see(error_id, services.now())
        if found is None:
            raise ApiError(404, "There is no such error, or it is gone.")
        error, created_at = found
        shown = {"id": error_id, "error": error, "created_at": created_at, "updated_at": created_at}
        return responses.json_response(shown)

    async def change_password(self, request: Request) -> Response:
        """Where password managers find the page that changes a password (W3C, a well-known URL for it)."""
        del request
        return responses.see(self._runtime.selfservice.engine.ui_url("settings"), 303)

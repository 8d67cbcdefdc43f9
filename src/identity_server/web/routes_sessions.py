"""Public routes of sessions: whoami, a person's own sessions, the token exchange."""

from starlette.requests import Request
from starlette.responses import Response

from identity_server.flows import session_access
from identity_server.flows.caller import Caller
from identity_server.identity import document as identity_document
from identity_server.services import Services
from identity_server.session import document
from identity_server.web import requests, responses
from identity_server.web.dispatch import ANY, Route
from identity_server.web.runtime import Runtime


class SessionRoutes:
    """What a person or app asks about its own sessions."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def routes(self) -> list[Route]:
        """The routes."""
        return [Route(ANY, "/sessions/whoami", self.whoami)]

    async def whoami(self, request: Request) -> Response:
        """The session that the request carries: one statement, no parsing of what is sent on."""
        services = self._runtime.services
        caller = light_caller(request)
        row = await session_access.active_row(caller, services)
        if row is None:
            raise session_access.unauthorized()
        self._check_level(row, services)
        identity = identity_document.identity_text(row[document.WIDTH :], services.public_url)
        body = document.session_text(row, active=True, identity=identity)
        return responses.ready_json(body, headers={"x-kratos-authenticated-identity-id": row[1]})

    @staticmethod
    def _check_level(row: tuple[object, ...], services: Services) -> None:
        required = services.configuration.text("session.whoami.required_aal") or ""
        available = row[document.WIDTH + identity_document.COLUMNS.index("available_aal")]
        if not session_access.level_is_enough(required, str(row[3]), str(available)):
            raise session_access.aal2_required(services)


def light_caller(request: Request) -> Caller:
    """A request whose body does not matter."""
    headers = requests.headers_of(request)
    return Caller(request.method, "", {}, headers, request.cookies, "", True, True)

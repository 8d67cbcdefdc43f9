"""Admin routes that let somebody back into an account."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from identity_server.configuration import measures
from identity_server.errors import ApiError, bad_request, not_found
from identity_server.flows.model import BROWSER, NATIVE
from identity_server.flows.operator_recovery import OperatorRecovery, Order
from identity_server.identity import payload
from identity_server.identity.payload import Body, Uuid
from identity_server.randomness import NIL_UUID
from identity_server.services import Services
from identity_server.web import bodies, responses
from identity_server.web.dispatch import Route
from identity_server.web.runtime import Runtime


class LinkBody(Body):
    """For whom a link is made."""

    identity_id: Uuid | None = None
    expires_in: str | None = None


class CodeBody(LinkBody):
    """For whom a code is made, and how it will be used."""

    flow_type: str | None = None


class RecoveryAdminRoutes:
    """Recovery codes and links made by an operator."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def routes(self) -> list[Route]:
        """The routes."""
        return [
            Route("POST", "/admin/recovery/code", self.code),
            Route("POST", "/admin/recovery/link", self.link),
        ]

    def _recovery(self) -> OperatorRecovery:
        return OperatorRecovery(self._runtime.selfservice.engine)

    async def code(self, request: Request) -> Response:
        """A recovery code and the page to type it into."""
        services = self._runtime.services
        _refuse_disabled(services, "code")
        body = payload.read(CodeBody, await bodies.read_declared_json(request), lenient=True)
        kind = body.flow_type or BROWSER
        if kind not in (BROWSER, NATIVE):
            raise bad_request(f"flow_type must be {BROWSER!r} or {NATIVE!r}.")
        lifespan = _lifespan(body.expires_in)
        if not await _exists(body.identity_id, services):
            raise not_found("There is no such identity.")
        issued = await self._recovery().code(_order(request, services, body, lifespan, kind))
        shown = {"recovery_link": issued.link, "recovery_code": issued.code, "expires_at": issued.expires_at}
        return responses.json_response(shown, 201)

    async def link(self, request: Request) -> Response:
        """A recovery link."""
        services = self._runtime.services
        _refuse_disabled(services, "link")
        body = payload.read(LinkBody, await bodies.read_declared_json(request), lenient=True)
        lifespan = _lifespan(body.expires_in)
        if not await _exists(body.identity_id, services):
            raise bad_request("There is no such identity.")
        issued = await self._recovery().link(_order(request, services, body, lifespan, BROWSER))
        return responses.json_response({"recovery_link": issued.link, "expires_at": issued.expires_at})


def _refuse_disabled(services: Services, method: str) -> None:
    if not services.configuration.flag(f"selfservice.methods.{method}.enabled"):
        raise ApiError(404, f"The configuration switches this off (selfservice.methods.{method}.enabled).")


def _lifespan(text: str | None) -> timedelta | None:
    if not text:
        return None
    try:
        span = measures.duration(text.removeprefix("-"))
    except ValueError as error:
        raise bad_request(f"expires_in is {error}.") from None
    if text.startswith("-") or not span:
        raise bad_request("expires_in must be longer than nothing.")
    return span


async def _exists(identity_id: str | None, services: Services) -> bool:
    return bool(identity_id) and await services.identities.by_id(identity_id or NIL_UUID) is not None


def _order(request: Request, services: Services, body: LinkBody, lifespan: timedelta | None, kind: str) -> Order:
    path = request.scope["path"]
    query = request.scope["query_string"].decode("latin-1")
    prefix = "" if path.startswith("/admin/") else "/admin"
    url = services.admin_url.rstrip("/") + prefix + path + (f"?{query}" if query else "")
    return Order(body.identity_id or NIL_UUID, url, request.query_params.get("return_to", ""), lifespan, kind)

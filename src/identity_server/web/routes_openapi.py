"""The description of the interface, for client generators and tests."""

from collections.abc import Callable, Sequence

import orjson
from starlette.requests import Request
from starlette.responses import Response

from identity_server.web import responses
from identity_server.web.dispatch import Route
from identity_server.web.runtime import Runtime

PATH = "/admin/openapi.json"


class OpenApiRoutes:
    """Publishes the description.

    Args:
        routes: what the admin and the public listener do themselves, in this order.
    """

    def __init__(self, runtime: Runtime, routes: Callable[[], tuple[Sequence[Route], Sequence[Route]]]) -> None:
        self._runtime = runtime
        self._routes = routes
        self._made: dict[tuple[str, str], bytes] = {}

    def routes(self) -> list[Route]:
        """The route."""
        return [Route("GET", PATH, self.document)]

    async def document(self, request: Request) -> Response:
        """The description, made when it is first asked for."""
        del request
        services = self._runtime.services
        urls = services.admin_url, services.public_url
        if urls not in self._made:
            self._made = {urls: self._text(*urls)}
        return responses.ready_json(self._made[urls])

    def _text(self, admin_url: str, public_url: str) -> bytes:
        from identity_server.web.openapi.document import document, listeners

        admin, public = self._routes()
        return orjson.dumps(document(listeners(admin_url, admin, public_url, public)))

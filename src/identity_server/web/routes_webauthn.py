"""The script that pages load for security keys and passkeys."""

from starlette.requests import Request
from starlette.responses import Response

from identity_server.methods.security_keys.script import PATH, script
from identity_server.web.dispatch import Route


class WebauthnRoutes:
    """The script, whether or not a method needs it: pages may be older than the configuration."""

    def routes(self) -> list[Route]:
        """The route."""
        return [Route("GET", PATH, self.source)]

    async def source(self, request: Request) -> Response:
        """Exactly the bytes that the nodes' integrity is of."""
        del request
        return Response(script().source, media_type="text/javascript; charset=utf-8")

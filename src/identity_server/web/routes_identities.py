"""Admin routes of identities."""

from starlette.requests import Request
from starlette.responses import Response

from identity_server.errors import not_found
from identity_server.identity import document
from identity_server.storage import identities as statements
from identity_server.web import responses
from identity_server.web.dispatch import Route
from identity_server.web.runtime import Runtime


class IdentityRoutes:
    """What operators do with identities."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def routes(self) -> list[Route]:
        """The routes."""
        return [Route("GET", "/admin/identities/{id}", self.get)]

    async def get(self, request: Request) -> Response:
        """One identity by its id."""
        services = self._runtime.services
        rows = await services.database.fetch(statements.read_by_id(request.path_params["id"]))
        found = statements.group(rows)
        if not found:
            raise not_found()
        row, credentials = found[0]
        text = document.identity_text(
            row,
            services.public_url,
            admin=True,
            credentials=document.credentials_text(credentials) if credentials else "",
        )
        return responses.ready_json(text)

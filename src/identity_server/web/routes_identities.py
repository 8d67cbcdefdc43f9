"""Admin routes of single identities."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from identity_server.errors import bad_request, not_found
from identity_server.identity import document, exposure, payload
from identity_server.identity.administration import Administration, Written
from identity_server.identity.model import CREDENTIAL_TYPES
from identity_server.identity.payload import CreateBody, UpdateBody
from identity_server.services import Services
from identity_server.storage import identities as statements
from identity_server.storage.port import Row, Rows
from identity_server.web import bodies, responses
from identity_server.web.dispatch import Route
from identity_server.web.parameters import path_id, storable
from identity_server.web.runtime import Runtime


class IdentityRoutes:
    """What operators do with one identity."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def routes(self) -> list[Route]:
        """The routes."""
        return [
            Route("GET", "/admin/identities/{id}", self.get),
            Route("GET", "/admin/identities/by/external/{external_id}", self.get_by_external_id),
            Route("POST", "/admin/identities", self.create),
            Route("PUT", "/admin/identities/{id}", self.replace),
            Route("PATCH", "/admin/identities/{id}", self.patch),
            Route("DELETE", "/admin/identities/{id}", self.delete),
            Route("DELETE", "/admin/identities/{id}/credentials/{type}", self.remove_credential),
        ]

    def _administration(self) -> Administration:
        services = self._runtime.services
        return Administration(services.manager, services.hashing)

    async def get(self, request: Request) -> Response:
        """One identity by its id."""
        shown = included(request)
        call = statements.read_by_id(path_id(request, otherwise=404))
        return self._found(await self._runtime.services.database.fetch(call), shown)

    async def get_by_external_id(self, request: Request) -> Response:
        """One identity by the id that an outside system gave it."""
        shown = included(request)
        external_id = request.path_params["external_id"]
        if not storable(external_id):
            raise not_found()
        call = statements.read_by_external_id(external_id)
        return self._found(await self._runtime.services.database.fetch(call), shown)

    def _found(self, rows: Rows, shown: Sequence[str]) -> Response:
        if not rows:
            raise not_found()
        ((row, credentials),) = statements.group(rows)
        return responses.ready_json(listed(row, credentials, shown, self._runtime.services))

    async def create(self, request: Request) -> Response:
        """Creates an identity."""
        body = payload.read(CreateBody, await bodies.read_json(request))
        identity = await self._administration().create(body)
        services = self._runtime.services
        change = Written(identity, imported=identity.credentials.keys())
        text = written(change, services, unset_admin=body.shows_admin_metadata)
        location = f"{services.admin_url}identities/{identity.id}"
        return responses.ready_json(text, 201, {"location": location})

    async def replace(self, request: Request) -> Response:
        """Replaces an identity."""
        identity_id = path_id(request, otherwise=404)
        body = payload.read(UpdateBody, await bodies.read_declared_json(request), lenient=True)
        change = await self._administration().replace(identity_id, body)
        text = written(change, self._runtime.services, unset_admin=body.shows_admin_metadata)
        return responses.ready_json(text)

    async def patch(self, request: Request) -> Response:
        """Applies a JSON patch to an identity."""
        identity_id = path_id(request, otherwise=404)
        change = await self._administration().patch(identity_id, await bodies.read_json(request))
        return responses.ready_json(written(change, self._runtime.services))

    async def delete(self, request: Request) -> Response:
        """Removes an identity and all that belongs to it."""
        if not await self._runtime.services.identities.delete(path_id(request, otherwise=404)):
            raise not_found()
        return Response(status_code=204)

    async def remove_credential(self, request: Request) -> Response:
        """Removes a credential."""
        identity_id = path_id(request, otherwise=404)
        identifier = request.query_params.get("identifier", "")
        await self._administration().remove_credential(identity_id, request.path_params["type"], identifier)
        return Response(status_code=204)


def included(request: Request) -> Sequence[str]:
    """The credential types whose contents are asked for.

    Raises:
        ApiError: 400 for a type that does not exist.
    """
    if not request.scope["query_string"]:
        return ()
    kinds = request.query_params.getlist("include_credential")
    if any(kind not in CREDENTIAL_TYPES for kind in kinds):
        raise bad_request(f"include_credential must be one of {', '.join(CREDENTIAL_TYPES)}.")
    return kinds


def listed(row: Row, credentials: Sequence[document.CredentialRow], shown: Sequence[str], services: Services) -> str:
    """A stored identity as JSON text, its credentials included."""
    text = ""
    if credentials:
        text = document.credentials_text(exposure.readable(credentials, shown, services.cipher), config_of=shown)
    return document.identity_text(row, services.public_url, admin=True, credentials=text)


def written(change: Written, services: Services, *, unset_admin: bool = True) -> str:
    """An identity as JSON text, as the answer to a change shows it."""
    rows = [document.credential_row(credential) for credential in change.identity.credentials.values()]
    return document.identity_text(
        document.identity_row(change.identity),
        services.public_url,
        admin=True,
        credentials=document.credentials_text(rows, fresh=change.imported) if rows else "",
        unset_admin=unset_admin,
        shown_schema=change.schema_before,
    )

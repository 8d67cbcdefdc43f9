"""Routes about the server itself: health, version, schemas."""

import base64
import binascii
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from identity_server.errors import StorageError, not_found
from identity_server.schema.errors import UnknownSchema
from identity_server.storage import readiness
from identity_server.version import VERSION
from identity_server.web import responses
from identity_server.web.dispatch import Route
from identity_server.web.pagination import counted_page
from identity_server.web.runtime import Runtime


class MetaRoutes:
    """Health, version and schemas."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def public(self) -> list[Route]:
        """What everybody may ask."""
        return [
            Route("GET", "/health/alive", self.alive),
            Route("GET", "/health/ready", self.ready_public),
            *(Route("GET", f"{prefix}/schemas", self.schemas) for prefix in ("", "/admin")),
            *(Route("GET", prefix + "/schemas/{id}", self.schema) for prefix in ("", "/admin")),
        ]

    def admin(self) -> list[Route]:
        """What operators may ask."""
        return [
            Route("GET", "/admin/health/alive", self.alive),
            Route("GET", "/admin/health/ready", self.ready),
            Route("GET", "/admin/health/config", self.config),
            Route("GET", "/admin/version", self.version),
            Route("GET", "/admin/metrics/prometheus", self.metrics),
        ]

    async def alive(self, request: Request) -> Response:
        """The process answers; says nothing of the database."""
        del request
        return responses.json_response({"status": "ok"})

    async def ready(self, request: Request) -> Response:
        """Whether the server can do its work, and what keeps it from it."""
        del request
        failures = await self._failures()
        return responses.json_response({"errors": failures}, 503) if failures else self._ok()

    async def ready_public(self, request: Request) -> Response:
        """The same without telling strangers what is wrong."""
        del request
        failures = await self._failures()
        hidden = {name: "error" for name in failures}
        return responses.json_response({"errors": hidden}, 503) if failures else self._ok()

    @staticmethod
    def _ok() -> Response:
        return responses.json_response({"status": "ok"})

    async def _failures(self) -> dict[str, str]:
        if self._runtime.draining:
            return {"server": "it is shutting down"}
        database = self._runtime.services.database
        try:
            await database.ping()
            behind = await readiness.behind(database)
        except StorageError as error:
            return {"database": str(error) or "it does not answer"}
        return {"migrations": behind} if behind else {}

    async def config(self, request: Request) -> Response:
        """What tells two configurations apart."""
        del request
        configuration = self._runtime.services.configuration
        return responses.plain(configuration.text("revision") or configuration.fingerprint(), 200)

    async def version(self, request: Request) -> Response:
        """The version of the server."""
        del request
        return responses.json_response({"version": VERSION})

    async def metrics(self, request: Request) -> Response:
        """What the server counted."""
        text, media_type = self._runtime.metrics.shown(request.headers.get("accept", ""))
        return Response(text, media_type=media_type)

    async def schemas(self, request: Request) -> Response:
        """A page of identity schemas."""
        schemas = self._runtime.services.schemas
        ids = schemas.ids()
        page = counted_page(request, most=1000)
        # Kratos' window grows with the page's number: page 1 of size 1 shows two schemas. Its clients know.
        window = ids[page.offset : page.offset * 2 + page.size]
        shown: list[dict[str, Any]] = [{"id": schema_id, "schema": schemas.raw(schema_id)} for schema_id in window]
        return responses.json_response(shown, headers=page.headers(len(ids)))

    async def schema(self, request: Request) -> Response:
        """One identity schema by its id, plain or in base64url."""
        wanted = request.path_params["id"]
        schemas = self._runtime.services.schemas
        for schema_id in (wanted, _decoded(wanted)):
            try:
                return responses.json_response(schemas.raw(schema_id))
            except UnknownSchema:
                continue
        raise not_found("There is no such identity schema.")


def _decoded(text: str) -> str:
    if text.endswith("="):
        return ""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        return ""

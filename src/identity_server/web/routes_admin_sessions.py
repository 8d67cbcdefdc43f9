"""Admin routes of sessions."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from identity_server import times
from identity_server.errors import bad_request, not_found
from identity_server.identity import document as identity_document
from identity_server.identity import payload
from identity_server.identity.payload import Body, Uuid
from identity_server.services import Services
from identity_server.session import document
from identity_server.storage import session_listing
from identity_server.storage.port import Row
from identity_server.web import bodies, responses
from identity_server.web.dispatch import Route
from identity_server.web.pagination import counted_page
from identity_server.web.pagination_keyset import keyset_page
from identity_server.web.parameters import flag, path_id
from identity_server.web.runtime import Runtime

PURPOSE = "page/sessions"
MOST = 1000
MOST_IDS = 500
EXPANSIONS = ("identity", "devices")
_STATE = document.WIDTH + identity_document.COLUMNS.index("state")
_CREATED_AT = document.COLUMNS.index("created_at")
_NO_ADDRESSES = {identity_document.COLUMNS.index(name) for name in ("verifiable_addresses", "recovery_addresses")}


class ManyBody(Body):
    """Which sessions to end, and how."""

    action: Literal["disable", "delete"]
    identities: Annotated[list[Uuid | Literal["*"]], Field(max_length=MOST_IDS)] | None = None
    sessions: Annotated[list[Uuid], Field(max_length=MOST_IDS)] | None = None


class AdminSessionRoutes:
    """What operators do with sessions."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def routes(self) -> list[Route]:
        """The routes."""
        return [
            Route("GET", "/admin/sessions", self.list),
            Route("POST", "/admin/sessions", self.end_many),
            Route("GET", "/admin/sessions/{id}", self.get),
            Route("DELETE", "/admin/sessions/{id}", self.disable),
            Route("PATCH", "/admin/sessions/{id}/extend", self.extend),
            Route("GET", "/admin/identities/{id}/sessions", self.list_of_identity),
            Route("DELETE", "/admin/identities/{id}/sessions", self.delete_of_identity),
        ]

    async def list(self, request: Request) -> Response:
        """A page of sessions, newest first."""
        expand, active = expansions(request), flag(request, "active")
        services = self._runtime.services
        page = keyset_page(request, PURPOSE, services.page_keys, parts=2, most=MOST)
        now = services.now()
        rows = await services.database.fetch(session_listing.page(active, page.position, page.size + 1, now))
        texts = [
            shown(row, services, now, devices="devices" in expand, identity="identity" in expand, unasked="null")
            for row in rows[: page.size]
        ]
        following = (rows[page.size - 1][_CREATED_AT], rows[page.size - 1][0]) if len(rows) > page.size else None
        return responses.ready_json(f"[{','.join(texts)}]", headers=page.headers(following))

    async def get(self, request: Request) -> Response:
        """One session."""
        session_id, expand = path_id(request, otherwise=400), expansions(request)
        services = self._runtime.services
        row = await services.sessions.row_by_id(session_id)
        if row is None:
            raise not_found()
        text = shown(
            row,
            services,
            services.now(),
            devices="devices" in expand,
            identity="identity" in expand,
            addresses=True,
        )
        return responses.ready_json(text)

    async def disable(self, request: Request) -> Response:
        """Ends a session and keeps its row."""
        services = self._runtime.services
        if not await services.sessions.deactivate(path_id(request, otherwise=400), services.now()):
            raise not_found()
        return Response(status_code=204, media_type=responses.JSON_TYPE)

    async def extend(self, request: Request) -> Response:
        """Moves the end of a session that ends soon; one that ends later stays as it is."""
        session_id = path_id(request, otherwise=400)
        services = self._runtime.services
        configuration, now = services.configuration, services.now()
        earliest = configuration.duration("session.earliest_possible_extend")
        lifespan = configuration.span("session.lifespan")
        changed = await services.sessions.extend(
            session_id,
            expires_at=times.after(now, lifespan),
            only_if_before=times.after(now, lifespan if earliest is None else earliest),
            now=now,
        )
        fast = configuration.flag("feature_flags.faster_session_extend")
        if fast and changed:
            return Response(status_code=204)
        row = await services.sessions.row_by_id(session_id)
        if row is None:
            raise not_found()
        if fast:
            return Response(status_code=204)
        return responses.ready_json(shown(row, services, now, devices=False, identity=True, addresses=True))

    async def list_of_identity(self, request: Request) -> Response:
        """A page of an identity's sessions."""
        identity_id, active = path_id(request, otherwise=400), flag(request, "active")
        services = self._runtime.services
        page, now = counted_page(request, most=MOST), services.now()
        rows, total = await services.sessions.page_of(
            identity_id, active=active, limit=page.size, offset=page.offset, now=now
        )
        texts = [shown(row, services, now, devices=True, identity=True, schema_url=False) for row in rows]
        return responses.ready_json(f"[{','.join(texts)}]", headers=page.headers(total))

    async def delete_of_identity(self, request: Request) -> Response:
        """Removes all sessions of an identity."""
        if not await self._runtime.services.sessions.delete_of(path_id(request, otherwise=400)):
            raise not_found()
        return Response(status_code=204)

    async def end_many(self, request: Request) -> Response:
        """Ends or removes many sessions; to be called again while ``more`` is true."""
        body = payload.read(ManyBody, await bodies.read_declared_json(request))
        by, ids = _chosen(body)
        services = self._runtime.services
        processed, more = await session_listing.end(services.database, body.action, by, ids, services.now())
        return responses.json_response({"processed": processed, "more": more})


def _chosen(body: ManyBody) -> tuple[session_listing.By, Sequence[str]]:
    if (body.identities is None) == (body.sessions is None):
        raise bad_request("The body must have either 'identities' or 'sessions'.")
    if body.sessions is not None:
        return "session", body.sessions
    if body.identities == ["*"]:
        return "everybody", ()
    if "*" in (body.identities or ()):
        raise bad_request("'*' stands for everybody and must be the only entry of 'identities'.")
    return "identity", body.identities or ()


def expansions(request: Request) -> set[str]:
    """What is shown beside a session.

    Raises:
        ApiError: 400 for what cannot be.
    """
    asked = {name.lower() for name in request.query_params.getlist("expand")}
    if not asked <= set(EXPANSIONS):
        raise bad_request(f"expand must be one of {', '.join(EXPANSIONS)}.")
    return asked


def shown(
    row: Row,
    services: Services,
    now: str,
    *,
    devices: bool,
    identity: bool,
    addresses: bool = False,
    schema_url: bool = True,
    unasked: str = "[]",
) -> str:
    """A session as JSON text; members that were not asked for are there, and empty.

    Args:
        unasked: what stands for devices that were not asked for.
    """
    values = list(row[: document.WIDTH])
    if not devices:
        values[document.COLUMNS.index("devices")] = unasked
    text = "null"
    if identity:
        owner = list(row[document.WIDTH :])
        if not addresses:
            for place in _NO_ADDRESSES:
                owner[place] = "[]"
        text = identity_document.identity_text(owner, services.public_url if schema_url else "")
    active = document.is_active(row, row[_STATE], now)
    return document.session_text(values, active=active, identity=text)

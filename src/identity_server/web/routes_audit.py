"""The admin route of the audit trail."""

from starlette.requests import Request
from starlette.responses import Response

from identity_server import times
from identity_server.audit.events import EVENTS
from identity_server.audit.record import RESULTS
from identity_server.errors import ApiError, bad_request
from identity_server.storage import audit
from identity_server.times import Timestamp
from identity_server.web import responses
from identity_server.web.dispatch import Route
from identity_server.web.pagination_keyset import keyset_page
from identity_server.web.parameters import storable, uuid_or_none
from identity_server.web.runtime import Runtime

PURPOSE = "page/audit"
DEFAULT, MOST = 100, 1000
KINDS_OF_ACTORS = ("admin_key:NAME", "identity:ID", "anonymous", "command_line")


class AuditRoutes:
    """What operators read of the trail; nobody can change it here."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def routes(self) -> list[Route]:
        """The routes."""
        return [Route("GET", "/admin/audit", self.list)]

    async def list(self, request: Request) -> Response:
        """A page of entries, the newest first."""
        services = self._runtime.services
        if not services.configuration.flag("audit.enabled"):
            raise ApiError(404, "No audit trail is kept (audit.enabled).")
        page = keyset_page(request, PURPOSE, services.page_keys, parts=2, default=DEFAULT, most=MOST)
        since, until = moment(request, "since"), moment(request, "until")
        call = audit.page(page.position, page.size + 1, filters_of(request), since=since, until=until)
        rows = await services.database.fetch(call)
        texts = [row[2] for row in rows[: page.size]]
        following = (rows[page.size - 1][0], rows[page.size - 1][1]) if len(rows) > page.size else None
        return responses.ready_json(f"[{','.join(texts)}]", headers=page.headers(following))


def filters_of(request: Request) -> dict[str, str]:
    """What entries have to be.

    Raises:
        ApiError: 400 for values that no entry can have.
    """
    found = {name: value for name in audit.FILTERS if (value := request.query_params.get(name))}
    if "identity_id" in found:
        identity_id = uuid_or_none(found["identity_id"])
        if identity_id is None:
            raise bad_request("The query parameter 'identity_id' must be a UUID of 36 characters.")
        found["identity_id"] = identity_id
    if found.get("event", EVENTS[0]) not in EVENTS:
        raise bad_request(f"The query parameter 'event' must be one of {', '.join(EVENTS)}.")
    if found.get("result", RESULTS[0]) not in RESULTS:
        raise bad_request(f"The query parameter 'result' must be one of {', '.join(RESULTS)}.")
    if not storable(found.get("actor", "")):
        raise bad_request(f"The query parameter 'actor' must be one of {', '.join(KINDS_OF_ACTORS)}.")
    return found


def moment(request: Request, name: str) -> Timestamp | None:
    """A time of the query; None when it is not there.

    Raises:
        ApiError: 400 for anything else.
    """
    text = request.query_params.get(name)
    if not text:
        return None
    try:
        return times.text(times.parse(text))
    except (ValueError, OverflowError):
        raise bad_request(f"The query parameter '{name}' must be a time such as 2026-05-31T09:30:00Z.") from None

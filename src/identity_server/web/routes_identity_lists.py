"""Admin routes of many identities: pages of them, and many created at once."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from identity_server.errors import ApiError, bad_request
from identity_server.identity import batch, document, payload
from identity_server.identity.administration import Administration
from identity_server.identity.payload import BatchBody
from identity_server.schema import normalize
from identity_server.services import Services
from identity_server.storage import listing
from identity_server.storage.identities import group
from identity_server.storage.listing import Wanted
from identity_server.storage.port import Rows
from identity_server.web import bodies, responses
from identity_server.web.dispatch import Route
from identity_server.web.pagination import numbered_page
from identity_server.web.pagination_keyset import keyset_page
from identity_server.web.parameters import storable, uuid_or_none
from identity_server.web.routes_identities import included, listed
from identity_server.web.runtime import Runtime

MOST = 500
#: Walking by number costs what is skipped; who wants more goes by token.
MOST_BY_NUMBER = 1000
PURPOSE = "page/identities"
FILTERS = ("ids", "credentials_identifier", "preview_credentials_identifier_similar", "organization_id")


class IdentityListRoutes:
    """What operators do with many identities."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def routes(self) -> list[Route]:
        """The routes."""
        return [
            Route("GET", "/admin/identities", self.list),
            Route("PATCH", "/admin/identities", self.create_many),
        ]

    async def list(self, request: Request) -> Response:
        """A page of identities."""
        shown = included(request)
        services = self._runtime.services
        query = request.query_params
        wanted = wanted_of(request, shown)
        if "page" in query and "page_size" not in query and "page_token" not in query:
            return await self._by_number(request, wanted, shown, services)
        page = keyset_page(request, PURPOSE, services.page_keys, parts=1, most=MOST, legacy=True)
        position = page.position[0] if page.position else ""
        database = services.database
        rows = await database.fetch(listing.after(wanted, position, page.size + 1, database.dialect))
        body, last = _page(rows, page.size, wanted, shown, services)
        return responses.ready_json(body, headers=page.headers((last,) if last else None))

    async def _by_number(self, request: Request, wanted: Wanted, shown: Sequence[str], services: Services) -> Response:
        page = numbered_page(request, most=MOST)
        if page.offset > MOST_BY_NUMBER:
            raise bad_request(
                f"Pages by number end after {MOST_BY_NUMBER} identities; go on with page_size and page_token."
            )
        rows, total = await listing.numbered(services.database, wanted, page.offset, page.size)
        body, _ = _page(rows, page.size, wanted, shown, services)
        return responses.ready_json(body, headers=page.headers(total))

    async def create_many(self, request: Request) -> Response:
        """Creates many identities; each succeeds or fails by itself."""
        try:
            body = payload.read(BatchBody, await bodies.read_json(request))
        except ApiError as error:
            # Kratos says 500 inside for whatever it cannot decode; its clients read the status.
            raise ApiError(error.status, error.reason, code=500 if error.status == 400 else error.code) from None
        services = self._runtime.services
        results = await batch.create(Administration(services.manager, services.hashing), body, services.identities)
        return responses.json_response({"identities": results})


def wanted_of(request: Request, shown: Sequence[str]) -> Wanted:
    """The filters of a request.

    Raises:
        ApiError: 400 for more than one filter, and for ids that are none.
    """
    query = request.query_params
    given = [name for name in FILTERS if query.get(name)]
    if len(given) > 1:
        raise bad_request(f"Only one of the filters {', '.join(FILTERS)} can be used at a time.")
    everything = bool(shown)
    match given:
        case ["ids"]:
            return Wanted(ids=_ids(query.getlist("ids")), with_credentials=everything)
        case ["organization_id"]:
            return Wanted(organization_id=_uuid(query["organization_id"], given[0]), with_credentials=everything)
        case [name]:
            return _by_name(query[name], is_prefix=name == FILTERS[2])
        case _:
            return Wanted(with_credentials=everything)


def _ids(texts: Sequence[str]) -> list[str]:
    if len(texts) > MOST:
        raise bad_request(f"At most {MOST} ids can be asked for at a time.")
    return [_uuid(text, "ids") for text in texts]


def _uuid(text: str, name: str) -> str:
    found = uuid_or_none(text)
    if found is None:
        raise bad_request(f"The query parameter '{name}' must be a UUID of 36 characters.")
    return found


def _by_name(text: str, *, is_prefix: bool) -> Wanted:
    if not storable(text):
        return Wanted(ids=[])
    try:
        canonical = normalize.identifier(text)
    except normalize.NotCanonical:
        return Wanted(ids=[])
    return Wanted(canonical=canonical, exact=text, is_prefix=is_prefix, with_credentials=True)


def _page(rows: Rows, size: int, wanted: Wanted, shown: Sequence[str], services: Services) -> tuple[str, str | None]:
    """A page as JSON text, and the id of its last identity when more follow."""
    if wanted.with_credentials:
        found = group(rows)
        texts = [listed(row, credentials, shown, services) for row, credentials in found[:size]]
        ids = [row[0] for row, _ in found]
    else:
        url = services.public_url
        texts = [document.identity_text(row, url, admin=True) for row in rows[:size]]
        ids = [row[0] for row in rows]
    return f"[{','.join(texts)}]", ids[size - 1] if len(ids) > size else None

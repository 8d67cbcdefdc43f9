"""Admin routes of messages: what was sent, and what could not be."""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from identity_server.configuration import Configuration
from identity_server.courier.message import STATUSES
from identity_server.errors import bad_request, not_found
from identity_server.storage import courier_listing
from identity_server.storage.port import Row
from identity_server.web import responses
from identity_server.web.dispatch import Route
from identity_server.web.pagination_keyset import keyset_page
from identity_server.web.parameters import path_id, storable
from identity_server.web.runtime import Runtime

PURPOSE = "page/messages"
DEFAULT = 10
MOST = 500
#: Stands for what a message says: it holds codes and links that let into accounts.
REDACTED = "<redacted-unless-dev-mode>"


class CourierRoutes:
    """What operators see of messages."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def routes(self) -> list[Route]:
        """The routes."""
        return [
            Route("GET", "/admin/courier/messages", self.list),
            Route("GET", "/admin/courier/messages/{id}", self.get),
        ]

    async def list(self, request: Request) -> Response:
        """A page of messages, the newest first."""
        status, recipient = request.query_params.get("status"), request.query_params.get("recipient") or None
        if status is not None and status not in STATUSES:
            raise bad_request(f"The status of a message is one of {', '.join(STATUSES)}.")
        services = self._runtime.services
        # Kratos says 500 inside for page parameters that it cannot read; its clients look at the status.
        page = keyset_page(request, PURPOSE, services.page_keys, parts=2, default=DEFAULT, most=MOST, code=500)
        if recipient is not None and not storable(recipient):
            return responses.ready_json("[]", headers=page.headers(None))
        call = courier_listing.page(page.position, page.size + 1, status=status, recipient=recipient)
        rows = await services.database.fetch(call)
        texts = [message_json(row, services.configuration) for row in rows[: page.size]]
        following = (rows[page.size - 1][1], rows[page.size - 1][0]) if len(rows) > page.size else None
        return responses.json_response(texts, headers=page.headers(following))

    async def get(self, request: Request) -> Response:
        """One message with its attempts."""
        message_id = path_id(request, otherwise=400)
        services = self._runtime.services
        rows = await services.database.fetch(courier_listing.one(message_id))
        if not rows:
            raise not_found()
        attempts = await services.database.fetch(courier_listing.dispatches(message_id))
        shown = message_json(rows[0], services.configuration)
        shown["dispatches"] = [dispatch_json(attempt) for attempt in attempts]
        return responses.json_response(shown)


def message_json(row: Row, configuration: Configuration) -> dict[str, Any]:
    """A message as the API shows it; what it says is only for development."""
    shown = dict(zip(courier_listing.COLUMNS, row, strict=True))
    if not configuration.dev:
        text = configuration.text("log.redaction_text") or REDACTED
        shown["body"] = shown["subject"] = text
    return shown


def dispatch_json(row: Row) -> Mapping[str, Any]:
    """An attempt as the API shows it; its error is an object."""
    shown = dict(zip(courier_listing.DISPATCH, row, strict=True))
    error = shown["error"]
    if error is not None:
        shown["error"] = orjson.loads(error) if error.startswith("{") else {"message": error}
    return shown

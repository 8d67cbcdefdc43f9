"""Admin routes of the API keys that machine identities sign in with."""

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field
from starlette.requests import Request
from starlette.responses import Response

from identity_server import times
from identity_server.configuration import measures
from identity_server.errors import ApiError, bad_request, not_found
from identity_server.flows.api_key_access import ENABLED
from identity_server.identity import api_keys, payload
from identity_server.identity.api_keys import MOST_KEYS, TooManyKeys
from identity_server.identity.payload import Body, printable
from identity_server.times import Timestamp
from identity_server.web import bodies, responses
from identity_server.web.dispatch import Route
from identity_server.web.parameters import path_id, uuid_or_none
from identity_server.web.runtime import Runtime


class KeyBody(Body):
    """What a key is called and how long it is good for."""

    name: Annotated[str, Field(max_length=128), AfterValidator(printable)] | None = None
    expires_at: str | None = None
    expires_in: str | None = None


class ApiKeyRoutes:
    """What operators do with the keys of an identity."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def routes(self) -> list[Route]:
        """The routes."""
        return [
            Route("GET", "/admin/identities/{id}/api_keys", self.list),
            Route("POST", "/admin/identities/{id}/api_keys", self.create),
            Route("DELETE", "/admin/identities/{id}/api_keys/{key_id}", self.revoke),
        ]

    async def list(self, request: Request) -> Response:
        """The keys of an identity, without their secrets."""
        self._must_be_enabled()
        found = await self._runtime.services.api_keys.of(path_id(request, otherwise=404))
        if found is None:
            raise not_found()
        return responses.json_response([key.shown() for key in found])

    async def create(self, request: Request) -> Response:
        """Makes a key; its secret is in this answer and nowhere else."""
        self._must_be_enabled()
        identity_id = path_id(request, otherwise=404)
        body = payload.read(KeyBody, await bodies.read_json(request))
        services = self._runtime.services
        now = services.now()
        secret, key = api_keys.made(body.name or "", now, expiry(body, now))
        try:
            added = await services.api_keys.add(identity_id, key)
        except TooManyKeys:
            raise bad_request(f"An identity can have {MOST_KEYS} keys at most; revoke one first.") from None
        if not added:
            raise not_found()
        shown = {**key.shown(), "key": secret}
        return responses.json_response(shown, 201)

    async def revoke(self, request: Request) -> Response:
        """Takes a key away, at once and everywhere."""
        self._must_be_enabled()
        identity_id, key_id = path_id(request, otherwise=404), uuid_or_none(request.path_params["key_id"])
        services = self._runtime.services
        if key_id is None or not await services.api_keys.revoke(identity_id, key_id, services.now()):
            raise not_found()
        return Response(status_code=204)

    def _must_be_enabled(self) -> None:
        if not self._runtime.services.configuration.flag(ENABLED):
            raise ApiError(404, f"The configuration switches this off ({ENABLED}).")


def expiry(body: KeyBody, now: Timestamp) -> Timestamp | None:
    """When a new key stops working; None for never.

    Raises:
        ApiError: 400 for a time that is none, is over, or is said twice.
    """
    if body.expires_at and body.expires_in:
        raise bad_request("Only one of 'expires_at' and 'expires_in' can be used.")
    if body.expires_in:
        return times.after(now, _span(body.expires_in))
    if not body.expires_at:
        return None
    try:
        moment = times.text(times.parse(body.expires_at))
    except (ValueError, OverflowError):
        raise bad_request("expires_at must be a time such as 2030-01-31T12:00:00Z.") from None
    if moment <= now:
        raise bad_request("expires_at must lie in the future.")
    return moment


def _span(text: str) -> timedelta:
    try:
        span = measures.duration(text)
    except ValueError as error:
        raise bad_request(f"expires_in is {error}.") from None
    if not span:
        raise bad_request("expires_in must be longer than nothing.")
    return span

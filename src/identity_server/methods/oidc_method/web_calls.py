"""Requests to providers, with answers as JSON objects."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

import orjson
import structlog

from identity_server.methods.oidc_method import refusals
from identity_server.outbound.client import OutboundClient
from identity_server.outbound.errors import OutboundError

log = structlog.get_logger("oidc")
_FORM: Final = "application/x-www-form-urlencoded"
_SECONDS: Final = 10.0


class BadAnswer(Exception):
    """An answer that is not what was asked for.

    Attributes:
        body: its JSON object; empty when it is something else.
    """

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        super().__init__(f"answered {status}")
        self.status = status
        self.body = body


class WebCalls:
    """The way to providers.

    Args:
        outbound: the one way out.
    """

    def __init__(self, outbound: OutboundClient) -> None:
        self._outbound = outbound

    async def get(self, url: str, headers: Mapping[str, str] | None = None, **parameters: str) -> Any:
        """The JSON behind an address.

        Raises:
            BadAnswer: the status is not 200, or the body is no JSON.
            ApiError: 502 when there is no answer at all.
        """
        if parameters:
            url += ("&" if "?" in url else "?") + urlencode(parameters)
        return await self._call("GET", url, {"Accept": "application/json", **(headers or {})}, None)

    async def bearer(self, url: str, token: str, scheme: str = "Bearer", **parameters: str) -> Any:
        """The JSON behind an address that wants an access token."""
        return await self.get(url, {"Authorization": f"{scheme} {token}"}, **parameters)

    async def post(self, url: str, fields: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Any:
        """The JSON answer to a form."""
        sent = {"Accept": "application/json", "Content-Type": _FORM, **(headers or {})}
        return await self._call("POST", url, sent, urlencode(fields).encode())

    async def post_json(self, url: str, value: Any, headers: Mapping[str, str] | None = None) -> Any:
        """The JSON answer to JSON."""
        sent = {"Accept": "application/json", "Content-Type": "application/json", **(headers or {})}
        return await self._call("POST", url, sent, orjson.dumps(value))

    async def raw(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None) -> tuple[int, bytes]:
        """Status and body, whatever they are.

        Raises:
            ApiError: 502 when there is no answer at all.
        """
        try:
            answer = await self._outbound.request(method, url, headers, content, seconds=_SECONDS)
        except OutboundError as error:
            log.warning("a provider gave no answer", url=url.partition("?")[0], cause=error.reason.value)
            raise refusals.unreachable(url.partition("?")[0]) from error
        return answer.status, answer.body

    async def _call(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None) -> Any:
        status, raw = await self.raw(method, url, headers, content)
        try:
            body = orjson.loads(raw)
        except ValueError:
            raise BadAnswer(status, {}) from None
        if status != 200:
            raise BadAnswer(status, body if isinstance(body, dict) else {})
        return body


def as_object(value: Any) -> dict[str, Any]:
    """An answer that must be an object.

    Raises:
        BadAnswer: it is something else.
    """
    if not isinstance(value, dict):
        raise BadAnswer(200, {})
    return value

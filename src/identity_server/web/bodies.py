"""JSON out of request bodies, with limits."""

from collections.abc import Iterable
from typing import Any

import orjson
from starlette.requests import Request

from identity_server.errors import ApiError, bad_request
from identity_server.web.requests import read_body

#: Deeper values cannot be written again: the JSON library stops at 254.
MOST_DEPTH = 200


async def read_json(request: Request) -> Any:
    """The JSON value that a body begins with, whatever media type it claims; what follows is not looked at.

    Raises:
        ApiError: 400 for no JSON or too deep JSON, 413 for too much of it.
    """
    return parse(await read_body(request))


async def read_declared_json(request: Request) -> Any:
    """The same of a body that says that it is JSON.

    Raises:
        ApiError: 400 also for an empty body and for another media type.
    """
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await read_body(request)
    if not body:
        raise bad_request("The request has no body; it must be a JSON object.")
    if media != "application/json":
        raise bad_request("The request must have the header 'Content-Type: application/json'.")
    return parse(body)


def parse(body: bytes) -> Any:
    """The JSON value that a text begins with.

    Raises:
        ApiError: 400 for no JSON or too deep JSON.
    """
    value = _first_value(body)
    if body.count(b"[") + body.count(b"{") > MOST_DEPTH:
        _refuse_deeper([value], MOST_DEPTH)
    return value


def _first_value(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        if error.msg.startswith("unexpected content after document") and error.pos:
            return _first_value(error.doc[: error.pos].encode())
        raise bad_request(f"The body is no JSON: {error}.") from None


def _refuse_deeper(level: list[Any], most: int) -> None:
    for _ in range(most):
        level = [child for value in level for child in _children(value)]
        if not level:
            return
    raise ApiError(400, f"The body is nested deeper than {most} levels.")


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()

"""Turns values into responses: JSON, redirects, cookies, errors."""

import errno
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import orjson
from starlette.responses import Response

from identity_server.errors import ApiError, StorageFull, StorageUnavailable
from identity_server.flows.answer import Answer, Cookie
from identity_server.passwords.errors import PoolBusy

JSON_TYPE = "application/json; charset=utf-8"
#: Every answer; nothing of ours is for a shared or a disk cache.
NO_CACHE = "private, no-cache, no-store, must-revalidate"


def ready_json(body: str | bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """JSON text as it is."""
    return Response(body, status, headers, media_type=JSON_TYPE)


def json_response(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A value as JSON."""
    return ready_json(orjson.dumps(value), status, headers)


def plain(text: str, status: int) -> Response:
    """Plain text."""
    return Response(text, status, media_type="text/plain; charset=utf-8")


def cookie_text(cookie: Cookie) -> str:
    """The value of ``Set-Cookie``."""
    parts = [f"{cookie.name}={cookie.value}"]
    if cookie.path:
        parts.append(f"Path={cookie.path}")
    if cookie.domain:
        parts.append(f"Domain={cookie.domain.lstrip('.')}")
    if not cookie.value:
        parts += ["Expires=Thu, 01 Jan 1970 00:00:01 GMT", "Max-Age=0"]
    elif cookie.max_age is not None:
        if cookie.expires:
            parts.append(f"Expires={cookie.expires}")
        parts.append(f"Max-Age={cookie.max_age}")
    if cookie.http_only:
        parts.append("HttpOnly")
    if cookie.secure:
        parts.append("Secure")
    if cookie.same_site:
        parts.append(f"SameSite={cookie.same_site}")
    return "; ".join(parts)


def see(location: str, status: int, *, page: bool = True) -> Response:
    """A redirect; browsers that asked with GET get a line of HTML as net/http clients expect it."""
    body = f'<a href="{quote(location, safe=_SAFE)}">{status}</a>.\n' if page else ""
    media = "text/html; charset=utf-8" if page else None
    return Response(body, status, {"location": quote(location, safe=_SAFE)}, media_type=media)


_SAFE = "%/:=&?~#+!$,;'@()*[]"


def respond(answer: Answer, *, page: bool = True) -> Response:
    """The response of a flow's answer."""
    if answer.location:
        response = see(answer.location, answer.status, page=page)
    elif answer.json is None:
        response = Response(status_code=answer.status)
    elif isinstance(answer.json, str | bytes):
        response = ready_json(answer.json, answer.status)
    else:
        response = json_response(answer.json, answer.status)
    response.headers.update(answer.headers)
    add_cookies(response, answer.cookies)
    return response


def add_cookies(response: Response, cookies: list[Cookie]) -> None:
    """Sets cookies in their order."""
    for cookie in cookies:
        response.headers.append("set-cookie", cookie_text(cookie))


def error_response(error: ApiError, request_id: str = "") -> Response:
    """The JSON envelope of an error."""
    body = orjson.dumps(error.body(request_id))
    headers = {"ory-error-id": error.id, **error.headers}
    return Response(body, error.status, headers, media_type="application/json")


def is_shortage(error: BaseException) -> bool:
    """Whether the machine refused memory, a file or a thread, and may grant it later."""
    if isinstance(error, OSError):
        return error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN)
    return isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and "new thread" in str(error))


def as_api_error(error: Exception) -> ApiError:
    """The answer to an error; what we did not expect shows nothing of itself."""
    if isinstance(error, ApiError):
        return error
    if isinstance(error, PoolBusy):
        return ApiError(503, str(error).capitalize() + ".", headers={"retry-after": str(error.retry_after)})
    if isinstance(error, StorageFull):
        return ApiError(507, "The disk that holds the database is full.", message="The server is out of disk space.")
    if isinstance(error, StorageUnavailable):
        return ApiError(503, "The database does not answer.", headers={"retry-after": "5"})
    if is_shortage(error):
        return ApiError(503, "The server is short of memory, files or threads.", headers={"retry-after": "5"})
    return ApiError(500)

"""Errors as the API shows them, free of any transport.

ApiError                    an answer with a status, an id, a reason
Conflict, Unavailable, …    what storage may end in; web turns them into answers
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

#: The general sentence of each status; the reason says what happened.
SENTENCES = {
    400: "The request cannot be read or has invalid parameters.",
    401: "The request is not authorized.",
    403: "The request is not allowed.",
    404: "There is nothing at this address.",
    405: "This address does not take this method.",
    409: "The resource collides with one that exists.",
    410: "The resource is gone.",
    413: "The request is too large.",
    415: "The request's media type is not supported.",
    422: "The browser has to go to another address to continue.",
    429: "Too many attempts; wait and try again.",
    500: "The server failed to handle the request.",
    502: "A service that this server depends on failed.",
    503: "The server cannot answer at the moment; try again.",
    504: "A service that this server depends on took too long.",
}


class ApiError(Exception):
    """An answer other than success, in the envelope that Kratos' clients read.

    Attributes:
        status: the HTTP status, also ``error.code`` unless ``code`` says otherwise.
        id: the machine-readable id such as ``session_inactive``; empty when there is none.
        reason: one sentence that says what happened and what is allowed.
        details: members of ``error.details``.
        extra: members beside ``error``, such as ``redirect_browser_to``.
        headers: further headers of the answer.
    """

    def __init__(
        self,
        status: int,
        reason: str = "",
        *,
        id: str = "",
        message: str = "",
        code: int = 0,
        details: Mapping[str, Any] | None = None,
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(reason or message)
        self.status = status
        self.reason = reason
        self.id = id
        self.message = message or SENTENCES.get(status, HTTPStatus(status).phrase)
        self.code = code or status
        self.details = dict(details or {})
        self.extra = dict(extra or {})
        self.headers = dict(headers or {})

    def body(self, request_id: str = "") -> dict[str, Any]:
        """The JSON of the answer."""
        error: dict[str, Any] = {"code": self.code, "status": HTTPStatus(self.code).phrase, "message": self.message}
        if self.id:
            error["id"] = self.id
        if request_id:
            error["request"] = request_id
        if self.reason:
            error["reason"] = self.reason
        if self.details:
            error["details"] = self.details
        return {"error": error, **self.extra}


def bad_request(reason: str, **more: Any) -> ApiError:
    """400 with a reason."""
    return ApiError(400, reason, **more)


def not_found(reason: str = "", **more: Any) -> ApiError:
    """404 with a reason."""
    return ApiError(404, reason, **more)


class StorageError(Exception):
    """Anything that goes wrong in storage."""


class Conflict(StorageError):
    """A unique name is taken.

    Attributes:
        constraint: the table, constraint or columns as the database names them.
    """

    def __init__(self, constraint: str) -> None:
        super().__init__(f"{constraint} is taken")
        self.constraint = constraint


class StorageUnavailable(StorageError):
    """The database cannot be reached or does not answer in time; the caller may try again."""


class StorageFull(StorageError):
    """The disk that holds the database is full."""

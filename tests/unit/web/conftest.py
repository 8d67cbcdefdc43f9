"""Requests without a server."""

from collections.abc import Callable

import pytest
from starlette.requests import Request

Make = Callable[..., Request]


@pytest.fixture
def make_request() -> Make:
    """Makes a request of a path with a query, headers and a body."""

    def make(path: str = "/", query: str = "", *, method: str = "GET", body: bytes = b"", **headers: str) -> Request:
        parts = iter([body[:3], body[3:]])

        async def receive() -> dict[str, object]:
            part = next(parts, b"")
            return {"type": "http.request", "body": part, "more_body": part == body[:3] and len(body) > 3}

        raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": raw,
            "path_params": {},
        }
        return Request(scope, receive)

    return make

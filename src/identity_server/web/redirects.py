"""Each listener sends on what belongs to the other, and addresses that say the same in a longer way."""

import posixpath
from collections.abc import Callable, Iterable

from starlette.requests import Request
from starlette.responses import Response

from identity_server.web import responses
from identity_server.web.dispatch import Handler, Route
from identity_server.web.runtime import Runtime

PREFIX = "/admin"
_IDENTITIES = (
    ("GET POST", "/identities"),
    ("GET PUT PATCH DELETE", "/identities/{id}"),
)
#: Paths of the admin API that the public listener knows, with and without their prefix.
_TO_ADMIN = (
    *_IDENTITIES,
    *((methods, PREFIX + path) for methods, path in _IDENTITIES),
    ("DELETE", "/identities/{id}/sessions"),
    ("POST", "/recovery/link"),
    ("POST", "/recovery/code"),
    ("GET", "/admin/courier/messages"),
    ("GET", "/admin/courier/messages/{id}"),
)
_TO_PUBLIC = (
    ("GET", "/schemas"),
    ("GET", "/schemas/{id}"),
    ("GET", "/sessions/whoami"),
    ("DELETE", "/sessions"),
)


def cleaned(path: str) -> str:
    """A path without empty and dot segments; a slash at its end stays."""
    if "//" not in path and "/." not in path:
        return path
    clean = "/" + posixpath.normpath(path).lstrip("/")
    return clean + "/" if path.endswith("/") and clean != "/" else clean


def moved(request: Request, path: str) -> Response:
    """The redirect to the clean form of a path."""
    return responses.see(path + _query(request), 307, page=request.method in ("GET", "HEAD"))


class CrossRoutes:
    """Routes of one listener that lead to the other."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def to_admin(self) -> list[Route]:
        """What the public listener sends on."""
        go = self._handler(lambda path: self._runtime.services.admin_url.rstrip("/") + PREFIX + path)
        return [Route(methods, path, go) for methods, path in _TO_ADMIN]

    def to_public(self, selfservice: Iterable[Route]) -> list[Route]:
        """What the admin listener sends on: sessions, schemas and every flow."""
        go = self._handler(lambda path: self._runtime.services.public_url.rstrip("/") + path)
        shared = [Route(methods, PREFIX + path, go) for methods, path in _TO_PUBLIC]
        return [*shared, *(Route(route.methods, PREFIX + route.path, go) for route in selfservice)]

    @staticmethod
    def _handler(target: Callable[[str], str]) -> Handler:
        async def handle(request: Request) -> Response:
            path = cleaned(request.scope["raw_path"].decode("latin-1").partition("?")[0])
            location = target(path.removeprefix(PREFIX)) + _query(request)
            return responses.see(location, 307, page=request.method in ("GET", "HEAD"))

        return handle


def _query(request: Request) -> str:
    query = request.scope["query_string"].decode("latin-1")
    return f"?{query}" if query else ""

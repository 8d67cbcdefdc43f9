"""Puts the description together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from identity_server.version import VERSION
from identity_server.web.dispatch import ANY, Route
from identity_server.web.openapi import admin_operations, public_operations
from identity_server.web.openapi.admin_operations import Key
from identity_server.web.openapi.components import components
from identity_server.web.openapi.operation import Operation

#: Whatever is asked: the database may be away, and too much may be asked for at once.
_ALWAYS = {503: "Error"}
#: Of the admin listener, once there are keys.
_KEYS = {401: "Error", 403: "Error"}


@dataclass(frozen=True)
class Listener:
    """One listener.

    Attributes:
        url: where it is reached.
        routes: what it does itself; what it sends on to the other one is described there.
        operations: what is known of them.
        answers: of all of them.
    """

    url: str
    routes: Sequence[Route]
    operations: Mapping[Key, Operation]
    answers: Mapping[int, str]


def listeners(
    admin_url: str, admin_routes: Sequence[Route], public_url: str, public_routes: Sequence[Route]
) -> list[Listener]:
    """Both listeners."""
    return [
        Listener(admin_url, admin_routes, admin_operations.OPERATIONS, {**_ALWAYS, **_KEYS}),
        Listener(public_url, public_routes, public_operations.OPERATIONS, _ALWAYS),
    ]


def methods_of(route: Route) -> list[str]:
    """The methods of a route as they are described: one that takes any is read."""
    return ["GET"] if route.methods == ANY else route.methods.split()


def document(both: Iterable[Listener]) -> dict[str, Any]:
    """The whole description.

    Raises:
        KeyError: for a route of which nothing is known.
    """
    paths: dict[str, Any] = {}
    for listener in both:
        for route in listener.routes:
            item = paths.setdefault(route.path, {"servers": [{"url": listener.url.rstrip("/") or "/"}]})
            for method in methods_of(route):
                operation = listener.operations[method, route.path]
                item[method.lower()] = operation.with_answers(listener.answers).shown(route.path)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Identities",
            "version": VERSION,
            "description": "What this server answers: the API of Ory Kratos, and some additions.",
        },
        "paths": paths,
        "components": {
            "schemas": components(),
            "securitySchemes": {"adminKey": {"type": "http", "scheme": "bearer"}},
        },
    }

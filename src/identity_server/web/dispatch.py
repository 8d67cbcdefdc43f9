"""Finds the handler of a path: a dictionary for fixed paths, patterns for the rest."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response

Handler = Callable[[Request], Awaitable[Response]]
ANY = "*"


@dataclass(frozen=True)
class Route:
    """A path with the methods it takes.

    Attributes:
        methods: names of methods separated by spaces, or ``*``.
        path: segments; ``{name}`` stands for any one segment, percent-decoded for the handler.
    """

    methods: str
    path: str
    handler: Handler


@dataclass
class Node:
    """The handlers of one path by method.

    Attributes:
        pattern: the path with all placeholders called alike, for metrics.
    """

    pattern: str = ""
    handlers: dict[str, Handler] = field(default_factory=dict)

    def find(self, method: str) -> Handler | None:
        """The handler of a method; HEAD is answered as GET."""
        found = self.handlers.get(method) or self.handlers.get(ANY)
        return found or (self.handlers.get("GET") if method == "HEAD" else None)


class Dispatcher:
    """All routes of a listener."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._fixed: dict[str, Node] = {}
        self._patterns: dict[int, list[tuple[list[str], Node]]] = {}
        for route in routes:
            node = self._node(route.path)
            for method in route.methods.split():
                node.handlers[method] = route.handler

    def _node(self, path: str) -> Node:
        if "{" not in path:
            return self._fixed.setdefault(path, Node(path))
        segments = path.split("/")
        patterns = self._patterns.setdefault(len(segments), [])
        for known, node in patterns:
            if known == segments:
                return node
        node = Node("/".join("{param}" if part[:1] == "{" else part for part in segments))
        patterns.append((segments, node))
        return node

    def find(self, raw_path: str) -> tuple[Node | None, dict[str, str]]:
        """The node of a path as sent, still percent-encoded, with what its placeholders hold."""
        node = self._fixed.get(raw_path)
        if node is not None:
            return node, {}
        segments = raw_path.split("/")
        for known, node in self._patterns.get(len(segments), ()):
            if all(want == got or (want[:1] == "{" and got) for want, got in zip(known, segments, strict=True)):
                return node, {
                    want[1:-1]: unquote(got) for want, got in zip(known, segments, strict=True) if want[:1] == "{"
                }
        return None, {}

    def paths(self) -> dict[str, list[str]]:
        """Every path with its methods, for the interface's description."""
        shown = {path: sorted(node.handlers) for path, node in self._fixed.items()}
        for patterns in self._patterns.values():
            shown.update({"/".join(segments): sorted(node.handlers) for segments, node in patterns})
        return shown

"""Cross-origin requests on the public side: which pages' scripts may call and read the answers.

An origin that is not on the list is never named in an answer. ``*`` lets every page read what anybody may read, so it
never goes together with credentials, whatever the configuration says: the browser would refuse the pair, and naming
each origin instead would hand every site what the cookie opens.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from identity_server.configuration import Configuration
from identity_server.flows import host_patterns
from identity_server.web.runtime import Runtime

log = structlog.get_logger("cors")
ANY: Final = "*"
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")


@dataclass(frozen=True)
class Policy:
    """What the configuration allows."""

    origins: tuple[str, ...]
    methods: frozenset[str]
    headers: frozenset[str]
    exposed: tuple[str, ...]
    credentials: bool
    max_age: int
    passthrough: bool
    debug: bool

    def names(self, origin: str) -> str:
        """The origin as an answer names it: as sent, ``*``, or nothing."""
        wanted = origin.lower()
        if _ORIGIN.fullmatch(wanted) and any(_is_origin(entry.lower(), wanted) for entry in self.origins):
            return origin
        return ANY if ANY in self.origins else ""

    def allows_method(self, method: str) -> bool:
        """Whether a method may be used; ``OPTIONS`` always may."""
        return method == "OPTIONS" or method in self.methods

    def allows_headers(self, requested: Sequence[str]) -> bool:
        """Whether headers may be sent: browsers ask for them sorted and in lower case, others are no browsers."""
        in_order = list(requested) == sorted(set(requested))
        return in_order and (ANY in self.headers or all(name in self.headers for name in requested))


def _is_origin(entry: str, origin: str) -> bool:
    scheme, _, host = entry.rstrip("/").partition("://")
    given = urlsplit(origin)
    return scheme == given.scheme and host_patterns.matches(host, given.netloc)


def policy_of(configuration: Configuration) -> Policy | None:
    """The policy, when cross-origin requests are enabled."""
    key = "serve.public.cors"
    if not configuration.flag(f"{key}.enabled"):
        return None
    return Policy(
        origins=tuple(configuration.texts(f"{key}.allowed_origins")),
        methods=frozenset(method.upper() for method in configuration.texts(f"{key}.allowed_methods")),
        headers=frozenset(name.lower() for name in (*configuration.texts(f"{key}.allowed_headers"), "origin")),
        exposed=tuple(configuration.texts(f"{key}.exposed_headers")),
        credentials=configuration.flag(f"{key}.allow_credentials"),
        max_age=configuration.integer(f"{key}.max_age"),
        passthrough=configuration.flag(f"{key}.options_passthrough"),
        debug=configuration.flag(f"{key}.debug"),
    )


class CrossOrigin:
    """Middleware that follows the configuration as it changes."""

    def __init__(self, app: ASGIApp, runtime: Runtime) -> None:
        self._app = app
        self._runtime = runtime
        self._known: tuple[Configuration, Policy | None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers preflights, and adds to other answers what lets a listed page read them."""
        policy = self._policy() if scope["type"] == "http" else None
        if policy is None:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if scope["method"] == "OPTIONS" and headers.get("access-control-request-method"):
            added = _preflight(policy, headers)
            if not policy.passthrough:
                await _answer(added, send)
                return
        else:
            added = _actual(policy, scope["method"], headers)
        await self._app(scope, receive, _adding(added, send))

    def _policy(self) -> Policy | None:
        configuration = self._runtime.services.configuration
        if self._known is None or self._known[0] is not configuration:
            self._known = configuration, policy_of(configuration)
        return self._known[1]


def _allowance(policy: Policy, named: str) -> dict[str, str]:
    allowed = {"access-control-allow-origin": named}
    if policy.credentials and named != ANY:
        allowed["access-control-allow-credentials"] = "true"
    return allowed


def _preflight(policy: Policy, headers: Headers) -> dict[str, str]:
    vary = {"vary": "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"}
    origin, method = headers.get("origin", ""), headers["access-control-request-method"]
    requested = [name.strip() for name in headers.get("access-control-request-headers", "").split(",") if name.strip()]
    named = policy.names(origin) if origin else ""
    if not named or not policy.allows_method(method) or not policy.allows_headers(requested):
        _explain(policy, origin, method, requested)
        return vary
    allowed = {**vary, **_allowance(policy, named), "access-control-allow-methods": method}
    if requested:
        allowed["access-control-allow-headers"] = ", ".join(requested)
    if policy.max_age:
        allowed["access-control-max-age"] = str(policy.max_age)
    return allowed


def _actual(policy: Policy, method: str, headers: Headers) -> dict[str, str]:
    vary = {"vary": "Origin"}
    origin = headers.get("origin", "")
    named = policy.names(origin) if origin and policy.allows_method(method) else ""
    if not named:
        if origin:
            _explain(policy, origin, method, [])
        return vary
    allowed = {**vary, **_allowance(policy, named)}
    if policy.exposed:
        allowed["access-control-expose-headers"] = ", ".join(policy.exposed)
    return allowed


def _explain(policy: Policy, origin: str, method: str, requested: Sequence[str]) -> None:
    if policy.debug:
        log.info("cross-origin request not allowed", origin=origin[:200], method=method[:20], headers=requested[:20])


async def _answer(added: dict[str, str], send: Send) -> None:
    headers = [(name.encode(), value.encode("latin-1")) for name, value in added.items()]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def _adding(added: dict[str, str], send: Send) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message["headers"])
            for name, value in added.items():
                headers[name] = value
        await send(message)

    return wrapped

"""Which hooks the configuration names for a flow."""

from collections.abc import Iterator
from typing import Any

import structlog

from identity_server.configuration import Configuration

_log = structlog.get_logger("hooks")
WEB_HOOK = "web_hook"
SESSION = "session"
REVOKE = "revoke_active_sessions"
REQUIRE_VERIFIED = "require_verified_address"
VERIFICATION = "verification"
SHOW_VERIFICATION = "show_verification_ui"
NOTIFY = "notify_previous_addresses"
KNOWN = frozenset((WEB_HOOK, SESSION, REVOKE, REQUIRE_VERIFIED, VERIFICATION, SHOW_VERIFICATION, NOTIFY))

Hook = dict[str, Any]


def before(configuration: Configuration, kind: str) -> list[Hook]:
    """The hooks before a flow of a kind."""
    return _listed(configuration, f"selfservice.flows.{kind}.before.hooks")


def own(configuration: Configuration, kind: str, method: str) -> list[Hook]:
    """The hooks of one method after a flow; only these may change or refuse what is about to be stored."""
    return _listed(configuration, f"selfservice.flows.{kind}.after.{method}.hooks") if method else []


def after(configuration: Configuration, kind: str, method: str = "") -> list[Hook]:
    """The hooks after a flow that ended by a method: the method's own, or the flow's when it has none."""
    found = own(configuration, kind, method)
    return found or _listed(configuration, f"selfservice.flows.{kind}.after.hooks")


def known(hooks: list[Hook]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Names and settings of the hooks that this server has; others are skipped, and the log says so."""
    for hook in hooks:
        name = str(hook.get("hook"))
        if name in KNOWN:
            yield name, hook.get("config") or {}
        else:
            _log.warning("unknown hook skipped", hook=name)


def _listed(configuration: Configuration, key: str) -> list[Hook]:
    return configuration.items(key) if configuration.knows(key) else []

"""Tools that work inside an action only."""

import re
from typing import Any, cast

from juju_sandbox.failures import ToolError
from juju_sandbox.hook_context import HookContext
from juju_sandbox.hook_tools.calls import Call, Tool

_KEY = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
_RESERVED = ("stdout", "stdout-encoding", "stderr", "stderr-encoding", "return-code")


def action_get(context: HookContext, call: Call) -> str:
    _require_action(context)
    value: Any = context.parameters
    for part in call.words[0].split(".") if call.words else ():
        value = cast("dict[str, Any]", value).get(part) if isinstance(value, dict) else None
    return call.answer(value)


def action_set(context: HookContext, call: Call) -> str:
    _require_action(context)
    for key, value in call.pairs().items():
        if key in _RESERVED:
            raise ToolError(f'cannot set reserved action key "{key}"')
        if not _KEY.fullmatch(key):
            raise ToolError(
                f'key "{key}" must start and end with lowercase alphanumeric,'
                " and contain only lowercase alphanumeric, hyphens and periods"
            )
        context.spoken.results[key] = value
    return ""


def action_log(context: HookContext, call: Call) -> str:
    _require_action(context)
    context.spoken.action_log.append(" ".join(call.words))
    return ""


def action_fail(context: HookContext, call: Call) -> str:
    _require_action(context)
    reason = " ".join(call.words)
    context.spoken.failure = reason or "action failed without reason given, check action for errors"
    return ""


def _require_action(context: HookContext) -> None:
    if context.hook.kind != "action":
        raise ToolError("not running an action")


TOOLS: dict[str, Tool] = {
    "action-get": action_get,
    "action-set": action_set,
    "action-log": action_log,
    "action-fail": action_fail,
}

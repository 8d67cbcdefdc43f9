"""Every hook tool by name, and how a call is answered."""

from collections.abc import Mapping
from dataclasses import dataclass

from juju_sandbox.failures import SandboxError, ToolError
from juju_sandbox.hook_context import HookContext
from juju_sandbox.hook_tools import action_tools, relation_tools, secret_tools, unit_tools
from juju_sandbox.hook_tools.calls import Call, Tool

TOOLS: Mapping[str, Tool] = {
    **unit_tools.TOOLS,
    **relation_tools.TOOLS,
    **secret_tools.TOOLS,
    **action_tools.TOOLS,
}


@dataclass(frozen=True)
class Answer:
    """What the tool's process prints and how it ends."""

    stdout: str = ""
    stderr: str = ""
    code: int = 0


def answer(context: HookContext, tool: str, arguments: list[str], stdin: str, files: Mapping[str, str]) -> Answer:
    """Runs one call inside a hook's transaction."""
    if tool not in TOOLS:
        return Answer(stderr=f"ERROR {tool} is no hook tool\n", code=1)
    try:
        return Answer(TOOLS[tool](context, Call.parse(tool, arguments, stdin, files)))
    except (ToolError, SandboxError) as refused:
        return Answer(stderr=f"ERROR {refused}\n", code=1)

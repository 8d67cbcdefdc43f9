"""Form nodes of backup codes."""

from collections.abc import Sequence

from identity_server import times
from identity_server.messages import login, settings
from identity_server.messages.message import Message
from identity_server.methods.lookup_secret_method.credential import BackupCode
from identity_server.ui import nodes
from identity_server.ui.nodes import Node

GROUP = "lookup_secret"
CODE = "lookup_secret"
REVEAL = "lookup_secret_reveal"
REGENERATE = "lookup_secret_regenerate"
CODES = "lookup_secret_codes"
CONFIRM = "lookup_secret_confirm"
DISABLE = "lookup_secret_disable"
#: Everything that the settings show of them.
ALL = (REVEAL, REGENERATE, CODES, CONFIRM, DISABLE)


def sign_in() -> list[Node]:
    """The code and a button."""
    return [
        nodes.input_node(CODE, "text", GROUP, value="", required=True, label=login.backup_code_label()),
        nodes.submit("method", "lookup_secret", GROUP, login.use_backup_code()),
    ]


def reveal() -> Node:
    """The button that shows the codes."""
    return nodes.submit(REVEAL, "true", GROUP, settings.reveal_backup_codes())


def regenerate() -> Node:
    """The button that makes new codes."""
    return nodes.submit(REGENERATE, "true", GROUP, settings.regenerate_backup_codes())


def confirm() -> Node:
    """The button that stores new codes."""
    return nodes.submit(CONFIRM, "true", GROUP, settings.confirm_backup_codes())


def disable() -> Node:
    """The button that removes the codes."""
    return nodes.submit(DISABLE, "true", GROUP, settings.disable_backup_codes())


def listed(codes: Sequence[BackupCode]) -> Node:
    """The codes; of a used one, when that was."""
    shown = settings.backup_codes([_message(each) for each in codes])
    return nodes.text(CODES, GROUP, shown, label=settings.backup_codes_label())


def _message(each: BackupCode) -> Message:
    if each.used_at:
        return settings.backup_code_used(times.parse(each.used_at))
    return settings.backup_code(each.code)

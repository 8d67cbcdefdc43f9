"""What people call their keys."""

from typing import Final

from identity_server.messages.message import Message
from identity_server.messages.validation import message_for
from identity_server.methods.webauthn_method.nodes import DISPLAY_NAME
from identity_server.schema.violation import Violation

_LONGEST: Final = 255


def fault(name: str) -> Message | None:
    """What is wrong with a name."""
    if len(name) <= _LONGEST:
        return None
    return message_for(Violation(DISPLAY_NAME, "maxLength", {"max_length": _LONGEST, "actual_length": len(name)}))

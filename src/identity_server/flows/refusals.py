"""Notes for the audit trail why a form is shown again.

The reason is a message's number and the text that it is made from, never the text itself: that may repeat what
somebody typed.
"""

from collections.abc import Iterable

from identity_server.audit import trail
from identity_server.messages.message import Message
from identity_server.messages.texts import TABLE
from identity_server.ui.container import Container


def note(ui: Container) -> None:
    """Notes what a form says is wrong."""
    if trail.current() is not None:
        said = [*ui.messages, *(message for node in ui.nodes for message in node.messages)]
        _note(message for message in said if message.type == "error")


def note_message(message: Message) -> None:
    """Notes what is said instead."""
    if trail.current() is not None:
        _note([message])


def _note(messages: Iterable[Message]) -> None:
    trail.refused([_reason(message.id) for message in messages])


def _reason(message_id: int) -> str:
    entry = TABLE.get(message_id)
    return f"{message_id} {entry.text}" if entry else str(message_id)

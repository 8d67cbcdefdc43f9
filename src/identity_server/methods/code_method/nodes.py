"""Form nodes of one-time codes."""

from typing import Any

from identity_server.messages import labels, recovery
from identity_server.messages.message import Message
from identity_server.methods.code_method.issue import DIGITS
from identity_server.ui import nodes
from identity_server.ui.nodes import UNSET, Group, Node

GROUP: Group = "code"


def email(value: Any = UNSET) -> Node:
    """The address to send a code to."""
    return nodes.input_node("email", "email", GROUP, value=value, required=True, label=labels.email())


def recovery_address() -> Node:
    """Any address to recover with."""
    return nodes.input_node("recovery_address", "text", GROUP, required=True, label=labels.recovery_address())


def go_on() -> Node:
    """The button."""
    return nodes.submit("method", "code", GROUP, labels.proceed())


def method() -> Node:
    """Names the method when another button than its own sends the form."""
    return nodes.hidden("method", GROUP, value="code")


def recovery_code() -> Node:
    """The code of a recovery."""
    return nodes.input_node(
        "code", "text", GROUP, required=True, pattern="[0-9]+", maxlength=DIGITS, label=labels.recovery_code()
    )


def typed_code(label: Message, value: Any = UNSET) -> Node:
    """The code of any other flow."""
    return nodes.input_node("code", "text", GROUP, value=value, required=True, label=label)


def again(name: str, value: str) -> Node:
    """The button that sends another code."""
    return nodes.submit(name, value, GROUP, labels.resend_code())


def back() -> Node:
    """The button to the screen before."""
    return nodes.submit("screen", "previous", GROUP, recovery.back())

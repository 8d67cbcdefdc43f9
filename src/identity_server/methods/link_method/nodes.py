"""Form nodes of links with a token."""

from typing import Any

from identity_server.messages import labels
from identity_server.ui import nodes
from identity_server.ui.nodes import UNSET, Group, Node

GROUP: Group = "link"


def email(value: Any = UNSET) -> Node:
    """The address to send a link to."""
    return nodes.input_node("email", "email", GROUP, value=value, required=True, label=labels.email())


def go_on() -> Node:
    """The button."""
    return nodes.submit("method", "link", GROUP, labels.proceed())

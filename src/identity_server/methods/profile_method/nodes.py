"""Form nodes of profiles."""

from identity_server.messages import labels, registration
from identity_server.ui import nodes
from identity_server.ui.nodes import Node

GROUP = "profile"


def sign_up() -> Node:
    """The button to the second step of a sign-up."""
    return nodes.submit("method", "profile", GROUP, registration.sign_up())


def back() -> Node:
    """The button back to the first step."""
    return nodes.submit("screen", "previous", GROUP, registration.back())


def save() -> Node:
    """The button that stores a change."""
    return nodes.submit("method", "profile", GROUP, labels.save())

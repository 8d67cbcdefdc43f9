"""Form nodes of one-time codes."""

from typing import Any

from identity_server.messages import labels, login, recovery, registration
from identity_server.messages.message import Message
from identity_server.methods.code_method.issue import DIGITS
from identity_server.schema.identity_schema import IdentitySchema
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


def identifier(schema: IdentitySchema) -> Node:
    """What a person signs in with; its label is the trait's title where there is just one."""
    field = schema.identifier_field
    label = labels.identifier(field.name, field.title) if field else labels.identifier()
    return nodes.input_node("identifier", "text", "default", value="", required=True, label=label)


def known_identifier(value: str) -> Node:
    """The identifier that a code was sent for."""
    return nodes.hidden("identifier", value=value)


def address(channel: str, value: str) -> Node:
    """The button that sends a code to one of several addresses."""
    return nodes.submit("address", value, GROUP, login.send_code_to(value, channel))


def chosen_address(channel: str, value: str) -> Node:
    """The address that a second factor's code was sent to."""
    node = nodes.hidden("identifier", GROUP, value=value)
    node.label = login.send_code_to(value, channel)
    return node


def send_login_code() -> Node:
    """The button of the sign-in."""
    return nodes.submit("method", "code", GROUP, login.send_code())


def send_registration_code() -> Node:
    """The button of the sign-up."""
    return nodes.submit("method", "code", GROUP, registration.send_code())


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

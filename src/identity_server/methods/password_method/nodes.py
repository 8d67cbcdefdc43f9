"""Form nodes of passwords."""

from identity_server.messages import labels, login, registration
from identity_server.schema.identity_schema import IdentitySchema
from identity_server.ui import nodes
from identity_server.ui.nodes import Node

GROUP = "password"


def identifier(schema: IdentitySchema, value: str = "") -> Node:
    """What a person signs in with; its label is the trait's title where there is just one."""
    field = schema.identifier_field
    label = labels.identifier(field.name, field.title) if field and field.title else labels.identifier()
    return nodes.input_node("identifier", "text", "default", value=value, required=True, label=label)


def fixed_identifier(value: str) -> Node:
    """The identifier of a person who is known already."""
    return nodes.hidden("identifier", value=value)


def current_password() -> Node:
    """The password to sign in with."""
    return nodes.input_node(
        "password", "password", GROUP, required=True, autocomplete="current-password", label=labels.password()
    )


def sign_in(*, confirm: bool) -> Node:
    """The button."""
    return nodes.submit("method", "password", GROUP, login.sign_in() if confirm else login.use_password())


def new_password() -> Node:
    """The password to sign in with from now on."""
    return nodes.input_node(
        "password", "password", GROUP, required=True, autocomplete="new-password", label=labels.password()
    )


def sign_up() -> Node:
    """The button of a sign-up."""
    return nodes.submit("method", "password", GROUP, registration.sign_up())


def save() -> Node:
    """The button of the settings."""
    return nodes.submit("method", "password", GROUP, labels.save())

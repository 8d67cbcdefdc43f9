"""Form nodes that both methods show."""

from typing import Any

import orjson

from identity_server import randomness
from identity_server.messages import labels
from identity_server.methods.interface import StepContext
from identity_server.methods.security_keys.script import PATH, script
from identity_server.ui import nodes
from identity_server.ui.container import Container
from identity_server.ui.nodes import Node

IDENTIFIER = "identifier"
#: The page's content security policy may allow scripts by it.
_NONCE_LENGTH = 43


def script_node(public_url: str) -> Node:
    """The script without which no button works."""
    return nodes.script(
        "webauthn_script",
        "webauthn",
        public_url.rstrip("/") + PATH,
        integrity=script().integrity,
        nonce=randomness.token(_NONCE_LENGTH),
    )


def identifier(context: StepContext) -> Node:
    """What a person signs in with; browsers offer passkeys beside the names that they know."""
    schemas = context.services.schemas
    field = schemas.get(context.flow.identity_schema or schemas.default_id).identifier_field
    return nodes.input_node(
        IDENTIFIER,
        "text",
        value="",
        required=True,
        autocomplete="username webauthn",
        label=labels.identifier(field.name, field.title) if field and field.title else labels.identifier(),
    )


def known_identifier(value: str, *, required: bool = False) -> Node:
    """The name of a person who is known already."""
    return nodes.hidden(IDENTIFIER, value=value, required=required)


def put(ui: Container, node: Node) -> None:
    """Puts a node in the place of the one with its name and group, whatever its value, or at the end."""
    for place, known in enumerate(ui.nodes):
        if known.name == node.name and known.group == node.group:
            ui.nodes[place] = node
            return
    ui.append(node)


def json(value: Any) -> str:
    """Options as scripts read them."""
    return orjson.dumps(value).decode()

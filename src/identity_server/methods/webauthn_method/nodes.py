"""Form nodes of security keys."""

from typing import Any, Final

from identity_server import times
from identity_server.messages import settings
from identity_server.messages.message import Message
from identity_server.methods.security_keys.nodes import json
from identity_server.methods.security_keys.stored_keys import StoredKey
from identity_server.ui import nodes
from identity_server.ui.nodes import Node

GROUP: Final = "webauthn"
REGISTER: Final = "webauthn_register"
DISPLAY_NAME: Final = "webauthn_register_displayname"
REMOVE: Final = "webauthn_remove"
LOGIN: Final = "webauthn_login"


def sign_in(label: Message) -> Node:
    """The button that leads to the key."""
    return nodes.submit("method", "webauthn", GROUP, label)


def login_input() -> Node:
    """Where the script puts the key's answer."""
    return nodes.hidden(LOGIN, GROUP, value="")


def login_trigger(options: dict[str, Any], label: Message) -> Node:
    """The button that starts the browser's dialogue."""
    text = json(options)
    return nodes.input_node(
        "webauthn_login_trigger",
        "button",
        GROUP,
        value=text,
        label=label,
        onclick=f"window.oryWebAuthnLogin({text})",
        onclick_trigger="oryWebAuthnLogin",
    )


def display_name() -> Node:
    """What the owner calls the key."""
    return nodes.input_node(DISPLAY_NAME, "text", GROUP, value="", label=settings.security_key_name())


def register_input() -> Node:
    """Where the script puts the new key."""
    return nodes.hidden(REGISTER, GROUP, value="")


def register_trigger(options: dict[str, Any], label: Message) -> Node:
    """The button that starts the browser's dialogue."""
    text = json(options)
    return nodes.input_node(
        "webauthn_register_trigger",
        "button",
        GROUP,
        value=text,
        label=label,
        onclick=f"window.oryWebAuthnRegistration({text})",
        onclick_trigger="oryWebAuthnRegistration",
    )


def remove(key: StoredKey, *, disabled: bool) -> Node:
    """The button that removes one key."""
    label = settings.remove_security_key(key.name, times.parse(key.added_at))
    return nodes.submit(REMOVE, key.hex_id, GROUP, label, disabled=disabled)

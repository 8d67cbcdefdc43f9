"""Form nodes of passkeys."""

from typing import Any, Final

from identity_server import times
from identity_server.messages import login, registration, settings
from identity_server.methods.security_keys.nodes import json
from identity_server.methods.security_keys.stored_keys import StoredKey
from identity_server.ui import nodes
from identity_server.ui.nodes import Node

GROUP: Final = "passkey"
LOGIN: Final = "passkey_login"
REGISTER: Final = "passkey_register"
SETTINGS_REGISTER: Final = "passkey_settings_register"
REMOVE: Final = "passkey_remove"


def challenge(options: dict[str, Any]) -> Node:
    """What the script asks the browser for."""
    return nodes.hidden("passkey_challenge", GROUP, value=json(options))


def login_input(*, offers: bool) -> Node:
    """Where the script puts the answer.

    Args:
        offers: let the browser offer passkeys beside the field of the identifier.
    """
    if not offers:
        return nodes.hidden(LOGIN, GROUP)
    return nodes.input_node(
        LOGIN,
        "hidden",
        GROUP,
        onload="window.oryPasskeyLoginAutocompleteInit()",
        onload_trigger="oryPasskeyLoginAutocompleteInit",
    )


def login_trigger() -> Node:
    """The button that starts the browser's dialogue."""
    return nodes.input_node(
        "passkey_login_trigger",
        "button",
        GROUP,
        value="",
        label=login.use_passkey(),
        onclick="window.oryPasskeyLogin()",
        onclick_trigger="oryPasskeyLogin",
    )


def create_data(options: dict[str, Any]) -> Node:
    """What the script asks the browser for."""
    return nodes.hidden("passkey_create_data", GROUP, value=json(options))


def register_input() -> Node:
    """Where the script puts the new passkey, at sign-up."""
    return nodes.hidden(REGISTER, GROUP)


def register_trigger() -> Node:
    """The button that starts the browser's dialogue, at sign-up."""
    return nodes.input_node(
        "passkey_register_trigger",
        "button",
        GROUP,
        label=registration.sign_up_with_passkey(),
        onclick="window.oryPasskeyRegistration()",
        onclick_trigger="oryPasskeyRegistration",
    )


def settings_input() -> Node:
    """Where the script puts the new passkey, in the settings."""
    return nodes.hidden(SETTINGS_REGISTER, GROUP)


def settings_trigger() -> Node:
    """The button that starts the browser's dialogue, in the settings."""
    return nodes.input_node(
        "passkey_register_trigger",
        "button",
        GROUP,
        value="",
        label=settings.add_passkey(),
        onclick="window.oryPasskeySettingsRegistration()",
        onclick_trigger="oryPasskeySettingsRegistration",
    )


def remove(key: StoredKey, *, disabled: bool) -> Node:
    """The button that removes one passkey."""
    label = settings.remove_passkey(key.name, times.parse(key.added_at))
    return nodes.submit(REMOVE, key.hex_id, GROUP, label, disabled=disabled)

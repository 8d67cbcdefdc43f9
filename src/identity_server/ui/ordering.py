"""The order of nodes, so that every page shows the same form.

Groups first, by the flow's list; inside a group by name; its ``method`` button last. Recovery and verification keep
the order in which their nodes were added, and so do forms that only ask for a code that was sent: they are not sorted.
"""

from collections.abc import Sequence
from typing import Final, Literal

from .nodes import Node

FlowKind = Literal["login", "registration", "settings", "recovery", "verification"]

_GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "login": ("oidc", "default", "webauthn", "passkey", "code", "password", "totp", "lookup_secret"),
    "registration": ("oidc", "saml", "default", "webauthn", "passkey", "code", "password", "captcha", "profile"),
    "settings": ("default", "profile", "password", "oidc", "lookup_secret", "webauthn", "passkey", "totp"),
}
_AFTER_TRAITS: Final[dict[str, tuple[str, ...]]] = {
    "registration": ("webauthn_remove", "webauthn_register_displayname", "webauthn_register"),
    "settings": (
        "lookup_secret_reveal",
        "lookup_secret_regenerate",
        "lookup_secret_codes",
        "lookup_secret_confirm",
        "webauthn_remove",
        "webauthn_register_displayname",
        "webauthn_register",
        "passkey_remove",
        "passkey_register",
        "totp_qr",
        "totp_secret_key",
        "totp_unlink",
        "totp_code",
    ),
}


def key_order(kind: FlowKind, traits: Sequence[str] = ()) -> tuple[str, ...]:
    """Names of nodes in their order; the traits are those of the schema, in its order."""
    match kind:
        case "login":
            return ("csrf_token", "identifier", "password")
        case "registration":
            return ("csrf_token", *traits[:1], "password", *traits[1:], *_AFTER_TRAITS[kind])
        case "settings":
            return (*traits, *_AFTER_TRAITS[kind])
        case _:
            return ()


def ordered(nodes: Sequence[Node], kind: FlowKind, traits: Sequence[str] = ()) -> list[Node]:
    """The nodes in the order of their flow. Equal ones keep their places."""
    if kind not in _GROUPS:
        return list(nodes)
    groups = _group_ranks(nodes, kind)
    keys = key_order(kind, traits)

    def rank(node: Node) -> tuple[int, int, str]:
        # A group that the flow does not list comes first.
        return groups.get(node.group, -1), _position(node.name, keys), _value_text(node)

    return sorted(nodes, key=rank)


def _group_ranks(nodes: Sequence[Node], kind: FlowKind) -> dict[str, int]:
    groups = {group: rank for rank, group in enumerate(_GROUPS[kind])}
    between = range(groups["default"] + 1, groups["password"])
    if kind == "registration" and not any(groups.get(node.group) in between for node in nodes):
        # The password stands among the traits, after the first, unless other methods come between.
        groups["password"] = groups["default"]
    return groups


def _position(name: str, keys: tuple[str, ...]) -> int:
    if name == "method":
        return len(keys) + 1
    if name in keys:
        return keys.index(name)
    return next((at for at, key in enumerate(keys) if name.startswith(key)), len(keys))


#: Kratos compares values as Go prints them; a missing one stands behind digits and before letters.
_NO_VALUE: Final = "<nil>"


def _value_text(node: Node) -> str:
    if node.name == "csrf_token":
        return ""  # a random value decides nothing
    return _NO_VALUE if node.value is None else str(node.value)

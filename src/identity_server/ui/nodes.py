"""Nodes: the parts of a form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from identity_server.messages.message import Message

Group = Literal[
    "default",
    "password",
    "oidc",
    "saml",
    "profile",
    "link",
    "code",
    "totp",
    "lookup_secret",
    "webauthn",
    "passkey",
    "identifier_first",
    "captcha",
]
InputType = Literal[
    "text",
    "password",
    "number",
    "checkbox",
    "hidden",
    "email",
    "tel",
    "submit",
    "button",
    "datetime-local",
    "date",
    "url",
]
Trigger = Literal[
    "oryWebAuthnRegistration",
    "oryWebAuthnLogin",
    "oryPasskeyLogin",
    "oryPasskeyLoginAutocompleteInit",
    "oryPasskeyRegistration",
    "oryPasskeySettingsRegistration",
]

#: The value of an input that has none; null is a value.
UNSET: Final = object()


@dataclass(slots=True)
class Node:
    """One part of a form.

    Attributes:
        type: input, text, img, a, script or div.
        group: the method it belongs to.
        attributes: as the API shows them; ``node_type`` repeats the type.
        label: what stands beside it.
        messages: what is wrong with it.
    """

    type: str
    group: str
    attributes: dict[str, Any]
    label: Message | None = None
    messages: list[Message] = field(default_factory=list[Message])

    @property
    def name(self) -> str:
        """An input's name, any other node's id."""
        return self.attributes["name"] if self.type == "input" else self.attributes.get("id", "")

    @property
    def value(self) -> Any:
        """An input's value; None when it has none."""
        return self.attributes.get("value")

    @property
    def is_button(self) -> bool:
        """Whether several inputs of this name may stand beside each other, told apart by their values."""
        return self.attributes.get("type") in ("submit", "button")

    def set_value(self, value: Any) -> None:
        """Gives an input a value; UNSET takes it away."""
        if value is UNSET:
            self.attributes.pop("value", None)
        else:
            self.attributes["value"] = value

    def to_json(self) -> dict[str, Any]:
        """As the API shows it."""
        return {
            "type": self.type,
            "group": self.group,
            "attributes": self.attributes,
            "messages": [message.to_json() for message in self.messages],
            "meta": {} if self.label is None else {"label": self.label.to_json()},
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Node":
        """A node as it was stored."""
        label = value["meta"].get("label")
        return cls(
            type=value["type"],
            group=value["group"],
            attributes=dict(value["attributes"]),
            label=None if label is None else Message.from_json(label),
            messages=[Message.from_json(message) for message in value["messages"]],
        )


def input_node(
    name: str,
    type: InputType,
    group: Group = "default",
    *,
    value: Any = UNSET,
    label: Message | None = None,
    required: bool = False,
    disabled: bool = False,
    autocomplete: str = "",
    pattern: str = "",
    maxlength: int = 0,
    onclick: str = "",
    onclick_trigger: Trigger | None = None,
    onload: str = "",
    onload_trigger: Trigger | None = None,
) -> Node:
    """A field or a button. What is empty is left out, ``disabled`` never."""
    attributes: dict[str, Any] = {"node_type": "input", "name": name, "type": type, "disabled": disabled}
    if value is not UNSET:
        attributes["value"] = value
    if required:
        attributes["required"] = True
    optional = (
        ("autocomplete", autocomplete),
        ("pattern", pattern),
        ("maxlength", maxlength),
        ("onclick", onclick),
        ("onclickTrigger", onclick_trigger),
        ("onload", onload),
        ("onloadTrigger", onload_trigger),
    )
    attributes.update({key: given for key, given in optional if given})
    return Node("input", group, attributes, label)


def submit(
    name: str, value: str, group: Group, label: Message, *, disabled: bool = False, required: bool = False
) -> Node:
    """A button that sends the form with its name and value."""
    return input_node(name, "submit", group, value=value, label=label, disabled=disabled, required=required)


def hidden(name: str, group: Group = "default", *, value: Any = UNSET, required: bool = False) -> Node:
    """A value that nobody sees."""
    return input_node(name, "hidden", group, value=value, required=required)


def csrf(token: str) -> Node:
    """The token against forged submissions; empty in native flows."""
    return hidden("csrf_token", value=token, required=True)


def text(node_id: str, group: Group, shown: Message, *, label: Message | None = None) -> Node:
    """Words to read."""
    return Node("text", group, {"node_type": "text", "id": node_id, "text": shown.to_json()}, label)


def img(node_id: str, group: Group, src: str, *, width: int, height: int, label: Message | None = None) -> Node:
    """A picture; the source is a data URL."""
    attributes = {"node_type": "img", "id": node_id, "src": src, "width": width, "height": height}
    return Node("img", group, attributes, label)


def a(node_id: str, group: Group, href: str, title: Message, *, label: Message | None = None) -> Node:
    """A link."""
    return Node("a", group, {"node_type": "a", "id": node_id, "href": href, "title": title.to_json()}, label)


def script(node_id: str, group: Group, src: str, *, integrity: str, nonce: str) -> Node:
    """A script of ours; the integrity is that of its exact bytes (Subresource Integrity)."""
    attributes = {
        "node_type": "script",
        "id": node_id,
        "src": src,
        "async": True,
        "referrerpolicy": "no-referrer",
        "crossorigin": "anonymous",
        "integrity": integrity,
        "type": "text/javascript",
        "nonce": nonce,
    }
    return Node("script", group, attributes)


def div(node_id: str, group: Group, *, classes: str = "", data: Mapping[str, str] | None = None) -> Node:
    """A place for a script to fill."""
    attributes: dict[str, Any] = {"node_type": "div", "id": node_id}
    if classes:
        attributes["class"] = classes
    if data:
        attributes["data"] = dict(data)
    return Node("div", group, attributes)


def find(nodes: Sequence[Node], name: str, group: str | None = None) -> Node | None:
    """The first node of a name, in any group or in one."""
    return next((node for node in nodes if node.name == name and group in (None, node.group)), None)

"""The form of a flow."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from identity_server.messages.message import Message

from .nodes import UNSET, Group, InputType, Node, csrf, find, input_node
from .ordering import FlowKind, ordered


class Container:
    """Where a form is sent, what it holds and what is said about it.

    Attributes:
        action: the URL.
        method: POST, or GET once there is nothing to send.
        nodes: the parts, in the order they are shown.
        messages: about the whole form.
    """

    __slots__ = ("action", "messages", "method", "nodes")

    def __init__(
        self, action: str, method: str = "POST", nodes: Iterable[Node] = (), messages: Iterable[Message] = ()
    ) -> None:
        self.action = action
        self.method = method
        self.nodes = list(nodes)
        self.messages = list(messages)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Container) and self.to_json() == other.to_json()

    __hash__ = None  # type: ignore[assignment]

    def find(self, name: str, group: str | None = None) -> Node | None:
        """The first node of a name, in any group or in one."""
        return find(self.nodes, name, group)

    def append(self, *nodes: Node) -> None:
        """Adds nodes at the end, whether their names are there or not."""
        self.nodes.extend(nodes)

    def upsert(self, *nodes: Node) -> None:
        """Puts each node in the place of the one with its name and group, or at the end.

        Buttons are the same only when their values are, too: several providers share a name.
        """
        for node in nodes:
            place = next((at for at, known in enumerate(self.nodes) if _same(known, node)), None)
            if place is None:
                self.nodes.append(node)
            else:
                self.nodes[place] = node

    def remove(self, *names: str, group: str | None = None) -> None:
        """Takes away all nodes of these names, in any group or in one."""
        self.nodes = [node for node in self.nodes if node.name not in names or group not in (None, node.group)]

    def remove_groups(self, *groups: str) -> None:
        """Takes away all nodes of these groups."""
        self.nodes = [node for node in self.nodes if node.group not in groups]

    def set_value(self, name: str, value: Any) -> None:
        """Gives the first input of a name a value; nothing happens when there is none."""
        node = self.find(name)
        if node is not None and node.type == "input":
            node.set_value(value)

    def set_values(self, values: Mapping[str, Any], *, group: Group | None = None) -> None:
        """Gives inputs their values by dotted names, as ``flatten`` makes them.

        Args:
            values: by name of the input.
            group: where values without an input get a new one; None drops them.
        """
        for name, value in values.items():
            node = self.find(name)
            if node is not None:
                node.set_value(value)
            elif group is not None:
                self.nodes.append(input_node(name, _type_of(value), group, value=value))

    def clear_values(self, prefix: str) -> None:
        """Takes the values of all fields whose names start so; buttons keep theirs."""
        for node in self.nodes:
            if node.type == "input" and not node.is_button and node.name.startswith(prefix):
                node.set_value(UNSET)

    def set_csrf(self, token: str) -> None:
        """Puts the token in its field, which is added when it is missing."""
        node = self.find("csrf_token")
        if node is None:
            self.nodes.append(csrf(token))
        else:
            node.set_value(token)

    def add_message(self, message: Message, pointer: str | None = None) -> None:
        """Says something about the form, or about one field.

        Args:
            message: what is said.
            pointer: the field's name; one that is unknown gets a text field of its own, so that nothing is lost.
        """
        if not pointer:
            self.messages.append(message)
            return
        node = self.find(pointer)
        if node is None:
            node = input_node(pointer, "text", "default")
            self.nodes.append(node)
        node.messages.append(message)

    def clear_messages(self) -> None:
        """Takes all messages, those of fields included."""
        self.messages = []
        for node in self.nodes:
            node.messages = []

    def reset(self, *keep: str) -> None:
        """Makes the form ready for another submission: without messages, and without what was typed.

        Args:
            keep: names whose values stay; buttons and hidden fields keep theirs anyway.
        """
        self.clear_messages()
        for node in self.nodes:
            typed = node.type == "input" and not node.is_button and node.attributes["type"] != "hidden"
            if typed and node.name not in keep:
                node.set_value(UNSET)

    def sort(self, kind: FlowKind, traits: Sequence[str] = ()) -> None:
        """Brings the nodes in the order of their flow; the traits are those of the schema, in its order."""
        self.nodes = ordered(self.nodes, kind, traits)

    @property
    def has_errors(self) -> bool:
        """Whether anything is wrong."""
        said = [*self.messages, *(message for node in self.nodes for message in node.messages)]
        return any(message.type == "error" for message in said)

    def to_json(self) -> dict[str, Any]:
        """As the API shows it: no nodes are null, no messages are left out."""
        shown: dict[str, Any] = {
            "action": self.action,
            "method": self.method,
            "nodes": [node.to_json() for node in self.nodes] or None,
        }
        if self.messages:
            shown["messages"] = [message.to_json() for message in self.messages]
        return shown

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Container":
        """A form as it was stored."""
        return cls(
            action=value["action"],
            method=value["method"],
            nodes=[Node.from_json(node) for node in value["nodes"] or ()],
            messages=[Message.from_json(message) for message in value.get("messages", ())],
        )


def _same(known: Node, node: Node) -> bool:
    if known.name != node.name or known.group != node.group:
        return False
    return known.value == node.value if known.is_button and node.is_button else True


def flatten(value: Any, name: str = "") -> dict[str, Any]:
    """Values by dotted names: ``{"name": {"first": "Ada"}}`` under ``traits`` is ``{"traits.name.first": "Ada"}``.

    Items of lists are numbered. Null is no value.
    """
    flat: dict[str, Any] = {}
    _flatten(value, name, flat)
    return flat


def _flatten(value: Any, name: str, flat: dict[str, Any]) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            part = str(key).replace(".", "\\.")
            _flatten(item, f"{name}.{part}" if name else part, flat)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _flatten(item, f"{name}.{index}" if name else str(index), flat)
    elif value is not None:
        flat[name] = value


def _type_of(value: Any) -> InputType:
    match value:
        case bool():
            return "checkbox"
        case int() | float():
            return "number"
        case _:
            return "text"

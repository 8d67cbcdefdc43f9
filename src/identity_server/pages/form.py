"""A flow's nodes as the parts of a page: nothing here knows a method, so a new one needs no new page."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from identity_server.flows.model import Flow
from identity_server.ui.nodes import Node

#: Groups whose buttons lead elsewhere: a field of another method must not keep anybody from pressing them.
_APART = ("oidc", "saml")


@dataclass
class Part:
    """One form.

    Attributes:
        group: names the part; ``default`` for the main one.
        hidden: fields that nobody sees.
        nodes: what is shown, in order.
        implied: the button that the Enter key presses.
    """

    group: str
    hidden: list[Node] = field(default_factory=list[Node])
    nodes: list[Node] = field(default_factory=list[Node])

    @property
    def implied(self) -> Node | None:
        """The button of the first thing that can be typed, else the first button."""
        typed = [node.group for node in self.nodes if _is_typed(node) and node.group != "default"]
        buttons = [node for node in self.nodes if node.is_button and node.attributes.get("type") == "submit"]
        wanted = "password" if "password" in typed else (typed[0] if typed else "")
        return next((button for button in buttons if button.group == wanted), buttons[0] if buttons else None)


def _is_typed(node: Node) -> bool:
    return node.type == "input" and not node.is_button and node.attributes.get("type") != "hidden"


def _is_hidden(node: Node) -> bool:
    return node.type == "input" and node.attributes.get("type") == "hidden"


def parts(flow: Flow) -> list[Part]:
    """The forms of a page: settings have one a group, other flows a main one and one for each way elsewhere."""
    nodes = flow.ui.nodes
    shared = [node for node in nodes if _is_hidden(node) and node.group == "default"]
    apart = _settings_groups(nodes) if flow.kind == "settings" else [group for group in _APART if _has(nodes, group)]
    made = [_part(group, [node for node in nodes if node.group == group], shared) for group in apart]
    rest = [node for node in nodes if node.group not in apart and node not in shared]
    main = [_part("default", rest, shared)] if any(not _is_hidden(node) for node in rest) else []
    return main + made


def _has(nodes: Sequence[Node], group: str) -> bool:
    return any(node.group == group for node in nodes)


def _settings_groups(nodes: Sequence[Node]) -> list[str]:
    return [group for group in dict.fromkeys(node.group for node in nodes) if group != "default"]


def _part(group: str, nodes: Sequence[Node], shared: Sequence[Node]) -> Part:
    hidden = [*shared, *(node for node in nodes if _is_hidden(node))]
    return Part(group, hidden, [node for node in nodes if not _is_hidden(node)])

"""A flow's nodes as the parts of a page: nothing here knows a method, so a new one needs no new page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from identity_server.flows.model import Flow
from identity_server.ui.nodes import Node

#: Groups whose buttons lead elsewhere: a field of another method must not keep anybody from pressing them.
_APART = ("oidc", "saml")
#: What people look for first in their settings; groups that are not named here follow in their own order.
_SETTINGS = ("profile", "password", "passkey", "webauthn", "totp", "lookup_secret", "code", "oidc", "saml")
_SHARED = "default"
#: In names of buttons that take something away.
_REMOVAL = ("remove", "unlink", "disable")


@dataclass
class Part:
    """One form.

    Attributes:
        group: names the part; ``default`` for the main one.
        hidden: fields that nobody sees.
        nodes: fields, and the buttons of methods that ask for something.
        ways: buttons of methods that ask for nothing, which stand below as other ways.
        back: buttons to the screen before.
    """

    group: str
    hidden: list[Node] = field(default_factory=list[Node])
    nodes: list[Node] = field(default_factory=list[Node])
    ways: list[Node] = field(default_factory=list[Node])
    back: list[Node] = field(default_factory=list[Node])

    @property
    def asks(self) -> bool:
        """Whether there is something to fill in."""
        return any(_is_typed(node) for node in self.nodes)

    @property
    def implied(self) -> Node | None:
        """The button that the Enter key presses, one of the method whose field is typed into; never a removal."""
        buttons = [node for node in (*self.nodes, *self.ways) if _is_submit(node) and not is_removal(node)]
        typed = [node.group for node in self.nodes if _is_typed(node) and node.group != _SHARED]
        wanted = "password" if "password" in typed else (typed[0] if typed else "")
        return next((button for button in buttons if button.group == wanted), buttons[0] if buttons else None)

    @property
    def primary(self) -> Node | None:
        """The button that stands out; ways elsewhere have none."""
        return None if self.group in _APART and not self.asks else self.implied


def is_removal(node: Node) -> bool:
    """Whether a button takes something away."""
    return node.is_button and any(word in node.name for word in _REMOVAL)


def parts(flow: Flow) -> list[Part]:
    """The forms of a page.

    Settings have one a group. Other flows have a main one and one for each way elsewhere; methods that ask for
    something have one each where they share no field that is typed into.
    """
    nodes = [node for node in flow.ui.nodes if node.type != "script"]
    shared = [node for node in nodes if _is_hidden(node) and node.group == _SHARED]
    apart = _settings_groups(nodes) if flow.kind == "settings" else _groups_apart(nodes)
    rest = [node for node in nodes if node.group not in apart and node not in shared]
    main = [_part(_SHARED, rest, shared)] if any(not _is_hidden(node) for node in rest) else []
    made = [*main, *(_part(group, [node for node in nodes if node.group == group], shared) for group in apart)]
    if flow.kind != "settings":
        return sorted(made, key=lambda part: not part.asks)
    for part in made:
        part.nodes, part.ways = [*part.nodes, *part.ways], []
    return made


def scripts(flow: Flow) -> list[Node]:
    """The scripts that a page loads once, whichever parts need them."""
    return [node for node in flow.ui.nodes if node.type == "script"]


def _is_typed(node: Node) -> bool:
    return node.type == "input" and not node.is_button and node.attributes.get("type") != "hidden"


def _is_hidden(node: Node) -> bool:
    return node.type == "input" and node.attributes.get("type") == "hidden"


def _is_submit(node: Node) -> bool:
    return node.is_button and node.attributes.get("type") == "submit"


def _is_back(node: Node) -> bool:
    return node.is_button and node.name == "screen"


def _distinct(groups: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(groups))


def _settings_groups(nodes: Sequence[Node]) -> list[str]:
    found = _distinct(node.group for node in nodes if node.group != _SHARED)
    return sorted(found, key=lambda group: _SETTINGS.index(group) if group in _SETTINGS else len(_SETTINGS))


def _groups_apart(nodes: Sequence[Node]) -> list[str]:
    elsewhere = [group for group in _APART if any(node.group == group for node in nodes)]
    others = [node for node in nodes if node.group not in elsewhere]
    if any(_is_typed(node) for node in others) and not any(node.is_button for node in others):
        elsewhere = []  # the provider did not tell everything, and its button sends the rest
    typed = _distinct(node.group for node in nodes if _is_typed(node) and node.group not in _APART)
    # Enter presses one button of a form: it has to be the one beside the field.
    return [*(typed if len(typed) > 1 and _SHARED not in typed else ()), *elsewhere]


def _part(group: str, nodes: Sequence[Node], shared: Sequence[Node]) -> Part:
    part = Part(group, [*shared, *(node for node in nodes if _is_hidden(node))])
    shown = [node for node in nodes if not _is_hidden(node)]
    asking = {node.group for node in shown if not node.is_button}
    for node in sorted(shown, key=lambda node: node.group != _SHARED):
        place = part.back if _is_back(node) else part.nodes if _stays(node, asking) else part.ways
        place.append(node)
    if not part.nodes:
        part.nodes, part.ways = part.ways, []
    return part


def _stays(node: Node, asking: set[str]) -> bool:
    return node.group in asking if node.group != _SHARED else True

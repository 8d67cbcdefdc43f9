"""Gives every action of an HTML template the escapers that its place asks for, when the template is compiled."""

from dataclasses import replace
from typing import NoReturn

from identity_server.courier.go_templates.html_states import Place, Unreadable, advance, join
from identity_server.courier.go_templates.lexer import Source
from identity_server.courier.go_templates.nodes import Action, Body, Branch, Call, Include, Jump, Loop, Node, Text
from identity_server.courier.go_templates.parser import MAIN, Program


def escaped(program: Program) -> Program:
    """The program with escapers in its actions.

    A template that is included in several places is kept once for each.

    Raises:
        TemplateSyntaxError: for data in a place where nothing makes it safe, or branches that end in different places.
    """
    return _Escaping(program).whole()


class _Escaping:
    def __init__(self, program: Program) -> None:
        self.bodies = program.bodies
        self.source: Source = program.source
        self.done = Program(program.source)
        self.ends: dict[tuple[str, Place], Place] = {}
        self.loops: list[Place] = []

    def whole(self) -> Program:
        self.done.bodies[MAIN], end = self.body(self.bodies[MAIN], Place())
        if end.state != "text":
            self.refuse(max(0, len(self.source.text) - 1), "the document ends within a tag, a comment or an element")
        return self.done

    def refuse(self, at: int, reason: str) -> NoReturn:
        self.source.refuse(at, reason)

    # -- nodes ----------------------------------------------------------------------------------------

    def body(self, body: Body, place: Place) -> tuple[Body, Place]:
        nodes: list[Node] = []
        for node in body:
            new, place = self.node(node, place)
            nodes.append(new)
        return tuple(nodes), place

    def node(self, node: Node, place: Place) -> tuple[Node, Place]:
        match node:
            case Text():
                return self.text(node, place)
            case Action():
                return self.action(node, place)
            case Branch():
                return self.branch(node, place)
            case Loop():
                return self.loop(node, place)
            case Include():
                return self.include(node, place)
            case Jump():
                if place != self.loops[-1]:
                    self.refuse(node.at, f"{{{{{node.word}}}}} leaves a tag open")
                return node, place

    def text(self, node: Text, place: Place) -> tuple[Node, Place]:
        try:
            place, shown = advance(place, node.text)
        except Unreadable as error:
            self.refuse(node.at + error.offset, str(error))
        return replace(node, text=shown), place

    def action(self, node: Action, place: Place) -> tuple[Node, Place]:
        if node.pipe.variables:
            return node, place
        if place.state == "before value":
            place = replace(place, state="value", quote="")
        escapers = self.escapers(node.at, place)
        *commands, last = node.pipe.commands
        if isinstance(last[0], Call) and last[0].function == "urlquery" and escapers[0] == "query":
            escapers = escapers[1:]
        if isinstance(last[0], Call) and last[0].function == "html" and len(last) + bool(commands) == 2:
            # The place's own escapers do the same, and more: escaping twice would show the entities.
            commands = [*commands, last[1:]] if len(last) == 2 else commands
            return replace(node, escapers=escapers, pipe=replace(node.pipe, commands=tuple(commands))), place
        return replace(node, escapers=escapers), place

    def escapers(self, at: int, place: Place) -> tuple[str, ...]:
        if place.state == "text":
            return ("html",)
        if place.state == "comment":
            return ("drop",)
        if place.state == "raw":
            return self.raw(at, place)
        if place.state != "value":
            self.refuse(at, "data cannot be the name of an element or an attribute; it may stand in text and in values")
        return self.value(at, place)

    def raw(self, at: int, place: Place) -> tuple[str, ...]:
        if place.element == "script":
            self.refuse(at, "data cannot stand in a script; mails run none")
        return ("style",) if place.element == "style" else ("html",)

    def value(self, at: int, place: Place) -> tuple[str, ...]:
        last = "html" if place.quote else "unquoted"
        match place.attribute:
            case "refused":
                self.refuse(at, f"data cannot stand in the attribute {place.name}")
            case "style":
                return ("style", last)
            case "plain":
                return (last,)
            case "url":
                return (*self.url(at, place), last)

    def url(self, at: int, place: Place) -> tuple[str, ...]:
        match place.url:
            case "start":
                return "url filter", "url"
            case "path":
                return ("url",)
            case "query":
                return ("query",)
            case "unknown":
                self.refuse(at, "it depends on a condition in which part of an address this stands")

    # -- control --------------------------------------------------------------------------------------

    def branch(self, node: Branch, place: Place) -> tuple[Node, Place]:
        body, one = self.body(node.body, place)
        otherwise, other = self.body(node.otherwise, place)
        return replace(node, body=body, otherwise=otherwise), self.joined(node.at, one, other)

    def loop(self, node: Loop, place: Place) -> tuple[Node, Place]:
        otherwise, other = self.body(node.otherwise, place)
        # The second turn starts where the first one ends; two are enough to see whether that is the same place.
        start = place
        for _ in range(2):
            self.loops.append(start)
            body, end = self.body(node.body, start)
            self.loops.pop()
            again = self.joined(node.at, start, end)
            if again == start:
                return replace(node, body=body, otherwise=otherwise), self.joined(node.at, start, other)
            start = again
        self.refuse(node.at, "a turn of the range ends in another place of the document than it starts")

    def joined(self, at: int, one: Place, other: Place) -> Place:
        found = join(one, other)
        if found is None:
            self.refuse(at, "the branches end in different places of the document, such as within a tag and outside")
        return found

    def include(self, node: Include, place: Place) -> tuple[Node, Place]:
        name = f"{node.name} in {place}"
        if (node.name, place) not in self.ends:
            # A template that includes itself is taken to end where it starts; a wrong guess is found below.
            self.ends[node.name, place] = place
            self.done.bodies[name], end = self.body(self.bodies[node.name], place)
            if end != place and self.includes_itself(node.name, set()):
                self.refuse(node.at, "a template that includes itself must end where it starts")
            self.ends[node.name, place] = end
        return replace(node, name=name), self.ends[node.name, place]

    def includes_itself(self, name: str, seen: set[str], within: Body | None = None) -> bool:
        for child in self.bodies[name] if within is None else within:
            if isinstance(child, Branch | Loop):
                if self.includes_itself(name, seen, child.body) or self.includes_itself(name, seen, child.otherwise):
                    return True
            elif isinstance(child, Include):
                if child.name == name:
                    return True
                if child.name not in seen:
                    seen.add(child.name)
                    if self.includes_itself(name, seen, self.bodies[child.name]):
                        return True
        return False

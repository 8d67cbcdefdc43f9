"""Finds fields that a template's data never has, such as a misspelt ``.RecoverCode``, when it is compiled."""

from collections.abc import Collection

from identity_server.courier.go_templates.nodes import (
    Action,
    Body,
    Branch,
    Dot,
    Include,
    Loop,
    Nested,
    Operand,
    Pipe,
    Variable,
)
from identity_server.courier.go_templates.parser import MAIN, Program


def check_fields(program: Program, names: Collection[str]) -> None:
    """Refuses a field of the data as a whole that is not among the names; deeper fields are free.

    Raises:
        TemplateSyntaxError: with the position of the field.
    """
    _Check(program, names).template(MAIN, root=True)


class _Check:
    def __init__(self, program: Program, names: Collection[str]) -> None:
        self.program = program
        self.names = names
        self.seen: set[tuple[str, bool]] = set()

    def template(self, name: str, *, root: bool) -> None:
        if (name, root) not in self.seen:
            self.seen.add((name, root))
            self.body(self.program.bodies[name], dot=root, whole=root)

    def body(self, body: Body, *, dot: bool, whole: bool) -> None:
        """``dot`` and ``whole`` tell whether ``.`` and ``$`` are the data as a whole here."""
        for node in body:
            match node:
                case Action():
                    self.pipe(node.pipe, dot, whole)
                case Branch():
                    self.pipe(node.pipe, dot, whole)
                    self.body(node.body, dot=dot and node.word == "if", whole=whole)
                    self.body(node.otherwise, dot=dot, whole=whole)
                case Loop():
                    self.pipe(node.pipe, dot, whole)
                    self.body(node.body, dot=False, whole=whole)
                    self.body(node.otherwise, dot=dot, whole=whole)
                case Include():
                    self.include(node, dot, whole)
                case _:
                    pass

    def include(self, node: Include, dot: bool, whole: bool) -> None:
        root = False
        if node.pipe:
            self.pipe(node.pipe, dot, whole)
            match node.pipe.commands:
                case ((Dot(fields=()),),):
                    root = dot
                case ((Variable(name="$", fields=()),),):
                    root = whole
                case _:
                    pass
        self.template(node.name, root=root)

    def pipe(self, pipe: Pipe, dot: bool, whole: bool) -> None:
        for command in pipe.commands:
            for operand in command:
                self.operand(operand, dot, whole)

    def operand(self, operand: Operand, dot: bool, whole: bool) -> None:
        if isinstance(operand, Nested):
            self.pipe(operand.pipe, dot, whole)
        known = (isinstance(operand, Dot) and dot) or (isinstance(operand, Variable) and operand.name == "$" and whole)
        if known and isinstance(operand, Dot | Variable) and operand.fields and operand.fields[0] not in self.names:
            allowed = ", ".join(f".{name}" for name in sorted(self.names))
            self.program.source.refuse(operand.at, f"there is no field .{operand.fields[0]} here; there are {allowed}")

"""Reads tokens into a tree and refuses what the engine does not have, before anything is rendered."""

from dataclasses import dataclass, field
from typing import NoReturn

from identity_server.courier.go_templates import limits
from identity_server.courier.go_templates.expressions import Expressions, Tokens
from identity_server.courier.go_templates.functions import Table
from identity_server.courier.go_templates.lexer import Source, Token, tokens
from identity_server.courier.go_templates.nodes import Action, Body, Branch, Include, Jump, Loop, Node, Pipe, Text

#: The name of the template that a source is as a whole.
MAIN = ""
_ENDS = ("end", "else")


@dataclass(slots=True)
class Program:
    """A parsed source: its own body under ``MAIN`` and the templates that it defines."""

    source: Source
    bodies: dict[str, Body] = field(default_factory=dict[str, Body])


def parse(source: Source, functions: Table) -> Program:
    """The tree of a source.

    Raises:
        TemplateSyntaxError: with the position of what is wrong or not supported.
    """
    program = Program(source)
    parser = _Parser(program, functions)
    program.bodies[MAIN] = parser.whole()
    parser.check_includes()
    return program


class _Parser:
    def __init__(self, program: Program, functions: Table) -> None:
        self.program = program
        self.stream = Tokens(program.source, list(tokens(program.source)))
        self.expressions = Expressions(self.stream, functions)
        self.includes: list[Include] = []
        self.loops = 0
        self.depth = 0

    def whole(self) -> Body:
        body, ended_by = self.body()
        if ended_by:
            self.refuse(ended_by, f"{{{{{ended_by.text}}}}} has nothing to end")
        return body

    def check_includes(self) -> None:
        for include in self.includes:
            if include.name not in self.program.bodies:
                self.program.source.refuse(include.at, f"no template is defined as {include.name!r}")

    def refuse(self, token: Token, reason: str) -> NoReturn:
        self.program.source.refuse(token.at, reason)

    # -- bodies ---------------------------------------------------------------------------------------

    def body(self) -> tuple[Body, Token | None]:
        """Nodes up to the end of the source or to ``end`` or ``else``, whose word is returned as well."""
        nodes: list[Node] = []
        while token := self.stream.take_any():
            if token.kind == "text":
                # A comment or a definition between two texts shall not hide a tag from the HTML rules.
                before = nodes[-1] if nodes else None
                if isinstance(before, Text):
                    nodes[-1] = Text(before.text + token.text, before.at)
                else:
                    nodes.append(Text(token.text, token.at))
                continue
            word = self.stream.peek()
            if word.kind == "word" and word.text in _ENDS:
                return tuple(nodes), self.stream.take()
            node = self.action(word)
            if node:
                nodes.append(node)
        return tuple(nodes), None

    def action(self, first: Token) -> Node | None:
        statement = {
            "if": self.branch,
            "with": self.branch,
            "range": self.loop,
            "template": self.include,
            "define": self.define,
            "block": self.block,
            "break": self.jump,
            "continue": self.jump,
        }.get(first.text if first.kind == "word" else "")
        if statement:
            return statement(self.stream.take())
        pipe = self.expressions.pipeline(first)
        self.stream.close()
        return Action(pipe, first.at)

    def nested_body(self, opener: Token) -> tuple[Body, Token]:
        self.depth += 1
        if self.depth > limits.DEPTH:
            self.refuse(opener, f"blocks may be nested {limits.DEPTH} deep")
        body, ended_by = self.body()
        self.depth -= 1
        if ended_by is None:
            self.refuse(opener, f"{{{{{opener.text}}}}} is not ended; {{{{end}}}} is missing")
        return body, ended_by

    # -- control --------------------------------------------------------------------------------------

    def branch(self, word: Token) -> Node:
        known = self.expressions.mark()
        pipe = self.expressions.pipeline(word)
        self.stream.close()
        inner = self.expressions.mark()
        body, ended_by = self.nested_body(word)
        self.expressions.forget(inner)
        otherwise = self.otherwise(word, ended_by)
        self.expressions.forget(known)
        return Branch(word.text, pipe, body, otherwise, word.at)

    def otherwise(self, opener: Token, ended_by: Token) -> Body:
        """What stands between ``else`` and ``end``; ``else if`` is an ``if`` that shares the ``end``."""
        if ended_by.text == "end":
            self.stream.close()
            return ()
        following = self.stream.peek()
        if following.kind == "word" and following.text in ("if", "with"):
            self.depth += 1
            if self.depth > limits.DEPTH:
                self.refuse(following, f"blocks may be nested {limits.DEPTH} deep")
            node = self.branch(self.stream.take())
            self.depth -= 1
            return (node,)
        self.stream.close()
        known = self.expressions.mark()
        body, last = self.nested_body(opener)
        self.expressions.forget(known)
        if last.text != "end":
            self.refuse(last, "only one {{else}} is allowed")
        self.stream.close()
        return body

    def loop(self, word: Token) -> Node:
        known = self.expressions.mark()
        pipe = self.expressions.pipeline(word, most_variables=2)
        self.stream.close()
        self.loops += 1
        inner = self.expressions.mark()
        body, ended_by = self.nested_body(word)
        self.expressions.forget(inner)
        self.loops -= 1
        if ended_by.text == "else" and self.stream.peek().kind == "word":
            self.refuse(self.stream.peek(), "{{else}} of a range takes nothing")
        otherwise = self.otherwise(word, ended_by)
        self.expressions.forget(known)
        return Loop(pipe, body, otherwise, word.at)

    def jump(self, word: Token) -> Node:
        self.stream.close()
        if not self.loops:
            self.refuse(word, f"{{{{{word.text}}}}} stands outside of a range")
        return Jump(word.text, word.at)

    # -- templates ------------------------------------------------------------------------------------

    def include(self, word: Token) -> Node:
        name = self.stream.name()
        node = Include(name, self.argument(word), word.at)
        self.includes.append(node)
        return node

    def argument(self, word: Token) -> Pipe | None:
        pipe = None if self.stream.peek().kind == "close" else self.expressions.pipeline(word)
        self.stream.close()
        return pipe

    def define(self, word: Token) -> None:
        if self.depth:
            self.refuse(word, "a template is defined at the top, not within a block")
        name = self.stream.name()
        self.stream.close()
        self.template(word, name)

    def block(self, word: Token) -> Node:
        name = self.stream.name()
        node = Include(name, self.argument(word), word.at)
        self.includes.append(node)
        self.template(word, name)
        return node

    def template(self, word: Token, name: str) -> None:
        if not name:
            self.refuse(word, "a template needs a name")
        if name in self.program.bodies:
            self.refuse(word, f"the template {name!r} is defined twice")
        outer, loops, self.loops = self.expressions.enter_template(), self.loops, 0
        body, ended_by = self.nested_body(word)
        if ended_by.text != "end":
            self.refuse(ended_by, "a definition has no {{else}}")
        self.stream.close()
        self.loops = loops
        self.expressions.leave_template(outer)
        self.program.bodies[name] = body

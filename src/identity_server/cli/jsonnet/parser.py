"""Tokens to a tree (the grammar of Jsonnet's specification)."""

import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias

from identity_server.cli.jsonnet.tokens import JsonnetError, Token, tokenize

#: How strongly an operator binds; ``in`` stands among the comparisons.
_STRENGTHS = (
    ("*", "/", "%"),
    ("+", "-"),
    ("<<", ">>"),
    ("<", "<=", ">", ">=", "in"),
    ("==", "!="),
    ("&",),
    ("^",),
    ("|",),
    ("&&",),
    ("||",),
)
_STRENGTH = {name: len(_STRENGTHS) - at for at, names in enumerate(_STRENGTHS) for name in names}
_FIELD_SIGNS = {":", "::", ":::", "+:", "+::", "+:::"}
_DEEPEST = 200
#: Calls that a tree of that depth needs, and operators that may follow each other.
_CALLS = 6000


@dataclass
class Node:
    """A part of the program; in order, its parts are all of its tokens.

    Kinds of expressions: value, name, self, super, unary, binary, paren, object, array, index, member, call, extend,
    local, if, function, error, import, assert. Kinds of parts: bind, params, param, args, arg, field, fieldname, for,
    condition, slice.
    """

    kind: str
    parts: "list[Part]"

    def tokens(self) -> Iterator[Token]:
        """Every token, in order."""
        for part in self.parts:
            if isinstance(part, Token):
                yield part
            else:
                yield from part.tokens()

    def first(self) -> Token:
        """The first token."""
        return next(self.tokens())

    def nodes(self, kind: str | None = None) -> "list[Node]":
        """The parts that are nodes, of one kind or of all."""
        return [part for part in self.parts if isinstance(part, Node) and kind in (None, part.kind)]

    def has(self, text: str) -> bool:
        """Whether one of its own tokens is this."""
        return any(isinstance(part, Token) and part.text == text for part in self.parts)


Part: TypeAlias = Node | Token


@contextmanager
def deep() -> Generator[None]:
    """Room for deep trees; what is deeper still is refused instead of ending the program."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _CALLS))
    try:
        yield
    except RecursionError:
        raise JsonnetError("too many operators follow each other", 1, 1) from None
    finally:
        sys.setrecursionlimit(before)


def parse(text: str) -> tuple[Node, Token]:
    """The program's expression, and the end with the comments before it.

    Raises:
        JsonnetError: at the first token that does not fit.
    """
    reader = _Parser(tokenize(text))
    return reader.expression(), reader.expect("")


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def peek(self, ahead: int = 0) -> Token:
        return self._tokens[min(self._at + ahead, len(self._tokens) - 1)]

    def is_next(self, *texts: str) -> bool:
        token = self.peek()
        return token.kind != "string" and token.text in texts

    def take(self) -> Token:
        token = self.peek()
        self._at += 1
        return token

    def expect(self, *texts: str) -> Token:
        if not self.is_next(*texts):
            wanted = " or ".join(repr(text) if text else "the end" for text in texts)
            raise self.error(f"expected {wanted}, found {self._found()}")
        return self.take()

    def error(self, what: str) -> JsonnetError:
        return JsonnetError(what, self.peek().line, self.peek().column)

    def _found(self) -> str:
        return repr(self.peek().text[:40]) if self.peek().kind != "end" else "the end"

    def name(self) -> Token:
        if self.peek().kind != "name":
            raise self.error(f"expected a name, found {self._found()}")
        return self.take()

    def expression(self, strength: int = 0) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self.error(f"nested more than {_DEEPEST} levels deep")
        try:
            return self._prefixed() or self._operation(strength)
        finally:
            self._depth -= 1

    def _prefixed(self) -> Node | None:
        """Expressions that start with a keyword and reach as far as they can."""
        text = self.peek().text if self.peek().kind == "keyword" else ""
        reader: dict[str, Callable[[], Node]] = {
            "local": self._local,
            "if": self._if,
            "function": lambda: Node("function", [self.take(), self._params(), self.expression()]),
            "error": lambda: Node("error", [self.take(), self.expression()]),
            "assert": self._assert,
        }
        if text in ("import", "importstr", "importbin"):
            return Node("import", [self.take(), self._string()])
        return reader[text]() if text in reader else None

    def _string(self) -> Token:
        if self.peek().kind != "string":
            raise self.error(f"expected a text, found {self._found()}")
        return self.take()

    def _local(self) -> Node:
        parts: list[Part] = [self.take(), self._bind()]
        while self.is_next(","):
            parts += [self.take(), self._bind()]
        return Node("local", [*parts, self.expect(";"), self.expression()])

    def _bind(self) -> Node:
        parts: list[Part] = [self.name()]
        if self.is_next("("):
            parts.append(self._params())
        return Node("bind", [*parts, self.expect("="), self.expression()])

    def _if(self) -> Node:
        parts: list[Part] = [self.take(), self.expression(), self.expect("then"), self.expression()]
        if self.is_next("else"):
            parts += [self.take(), self.expression()]
        return Node("if", parts)

    def _condition(self) -> Node:
        parts: list[Part] = [self.expect("assert"), self.expression()]
        if self.is_next(":"):
            parts += [self.take(), self.expression()]
        return Node("condition", parts)

    def _assert(self) -> Node:
        return Node("assert", [self._condition(), self.expect(";"), self.expression()])

    def _params(self) -> Node:
        return Node("params", self._listed("(", ")", self._param))

    def _param(self) -> Node:
        parts: list[Part] = [self.name()]
        if self.is_next("="):
            parts += [self.take(), self.expression()]
        return Node("param", parts)

    def _arg(self) -> Node:
        if self.peek().kind == "name" and self.peek(1).kind == "operator" and self.peek(1).text == "=":
            return Node("arg", [self.take(), self.take(), self.expression()])
        return Node("arg", [self.expression()])

    def _listed(self, opening: str, closing: str, item: Callable[[], Node]) -> list[Part]:
        parts: list[Part] = [self.expect(opening)]
        while not self.is_next(closing):
            parts.append(item())
            if not self.is_next(closing):
                parts.append(self.expect(",", closing))
        return [*parts, self.take()]

    def _operation(self, strength: int) -> Node:
        left = self._unary()
        while (own := self._next_strength()) > strength:
            operator = self.take()
            # "x in super" asks for a field of the parent; there super stands alone.
            if operator.text == "in" and self.is_next("super") and self.peek(1).text not in (".", "["):
                right = Node("super", [self.take()])
            else:
                right = self.expression(own)
            left = Node("binary", [left, operator, right])
        return left

    def _next_strength(self) -> int:
        token = self.peek()
        return _STRENGTH.get(token.text, 0) if token.kind in ("operator", "keyword") else 0

    def _unary(self) -> Node:
        if self.peek().kind == "operator" and self.peek().text in ("-", "+", "!", "~"):
            return Node("unary", [self.take(), self.expression(max(_STRENGTH.values()))])
        return self._postfix(self._primary())

    def _postfix(self, node: Node) -> Node:
        while True:
            if self.is_next("."):
                node = Node("member", [node, self.take(), self.name()])
            elif self.is_next("["):
                node = self._index(node)
            elif self.is_next("("):
                node = Node("call", [node, Node("args", self._listed("(", ")", self._arg))])
                if self.is_next("tailstrict"):
                    node.parts.append(self.take())
            elif self.is_next("{"):
                node = Node("extend", [node, self._object()])
            else:
                return node

    def _index(self, node: Node) -> Node:
        opening = self.take()
        parts: list[Part] = []
        while not self.is_next("]"):
            if self.is_next(":", "::"):
                parts.append(self.take())
            elif parts and isinstance(parts[-1], Node):
                raise self.error(f"expected ']', found {self._found()}")
            else:
                parts.append(self.expression())
        if not parts:
            raise self.error("expected an expression, found ']'")
        kind = "index" if len(parts) == 1 and isinstance(parts[0], Node) else "slice"
        return Node(kind, [node, opening, *parts, self.take()])

    def _primary(self) -> Node:
        token = self.peek()
        if token.kind in ("number", "string") or token.text in ("null", "true", "false"):
            return Node("value", [self.take()])
        if token.kind == "name":
            return Node("name", [self.take()])
        if token.text in ("self", "$"):
            return Node("self", [self.take()])
        if token.text == "super":
            return self._super()
        if token.text == "(":
            return Node("paren", [self.take(), self.expression(), self.expect(")")])
        if token.text == "[":
            return self._array()
        if token.text == "{":
            return self._object()
        raise self.error(f"expected an expression, found {self._found()}")

    def _super(self) -> Node:
        node = Node("super", [self.take()])
        if not self.is_next(".", "["):
            raise self.error(f"expected '.' or '[' after super, found {self._found()}")
        return node

    def _array(self) -> Node:
        parts: list[Part] = [self.take()]
        while not self.is_next("]"):
            parts.append(self.expression())
            comma = [self.take()] if self.is_next(",") else []
            parts += comma
            if self.is_next("for"):
                parts += self._loops()
                break
            if not comma and not self.is_next("]"):
                raise self.error(f"expected ',' or ']', found {self._found()}")
        return Node("array", [*parts, self.expect("]")])

    def _loops(self) -> list[Node]:
        loops: list[Node] = []
        while self.is_next("for", "if"):
            if self.is_next("for"):
                loops.append(Node("for", [self.take(), self.name(), self.expect("in"), self.expression()]))
            else:
                loops.append(Node("for", [self.take(), self.expression()]))
        return loops

    def _object(self) -> Node:
        parts: list[Part] = [self.take()]
        while not self.is_next("}"):
            parts.append(self._object_member())
            comma = [self.take()] if self.is_next(",") else []
            parts += comma
            if self.is_next("for"):
                parts += self._loops()
                break
            if not comma and not self.is_next("}"):
                raise self.error(f"expected ',' or '}}', found {self._found()}")
        return Node("object", [*parts, self.expect("}")])

    def _object_member(self) -> Node:
        if self.is_next("local"):
            return Node("locals", [self.take(), self._bind()])
        if self.is_next("assert"):
            return self._condition()
        parts: list[Part] = [self._field_name()]
        if self.is_next("("):
            parts.append(self._params())
        return Node("field", [*parts, self.expect(*sorted(_FIELD_SIGNS)), self.expression()])

    def _field_name(self) -> Node:
        if self.peek().kind in ("name", "string"):
            return Node("fieldname", [self.take()])
        if self.is_next("["):
            return Node("fieldname", [self.take(), self.expression(), self.expect("]")])
        raise self.error(f"expected a field's name, found {self._found()}")

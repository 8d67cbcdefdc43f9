"""What is wrong with a program although it can be read: names that are unknown, unused, or there twice."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from identity_server.cli.jsonnet.parser import Node, deep, parse
from identity_server.cli.jsonnet.tokens import JsonnetError, Token


@dataclass(frozen=True)
class Finding:
    """One thing to mend."""

    line: int
    column: int
    what: str

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.what}"


@dataclass
class _Scope:
    """Names that can be seen; the outer ones too."""

    outer: "_Scope | None" = None
    names: dict[str, Token] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    in_object: bool = False

    def use(self, name: str) -> bool:
        scope: _Scope | None = self
        while scope is not None:
            if name in scope.names:
                scope.used.add(name)
                return True
            scope = scope.outer
        return name == "std"

    def inner(self, *, in_object: bool = False) -> "_Scope":
        return _Scope(self, in_object=in_object or self.in_object)


def lint(text: str) -> list[Finding]:
    """Everything to mend, in the order of the text; a program that cannot be read has one finding."""
    try:
        with deep():
            tree, _ = parse(text)
            found = set(_visit(tree, _Scope()))
    except JsonnetError as error:
        return [Finding(error.line, error.column, str(error).partition(": ")[2])]
    return sorted(found, key=lambda finding: (finding.line, finding.column))


def _at(token: Token, what: str) -> Finding:
    return Finding(token.line, token.column, what)


def _visit(node: Node, scope: _Scope) -> Iterator[Finding]:
    if node.kind == "name":
        token = node.first()
        if not scope.use(token.text):
            yield _at(token, f"unknown variable {token.text}")
    elif node.kind in ("self", "super"):
        if not scope.in_object:
            yield _at(node.first(), f"{node.first().text} outside of an object")
    elif node.kind == "local":
        inner = scope.inner()
        yield from _binds(node.nodes("bind"), inner)
        yield from _visit(node.nodes()[-1], inner)
        yield from _unused(inner)
    elif node.kind == "function":
        yield from _function(node.nodes("params")[0], node.nodes()[-1], scope)
    elif node.kind in ("object", "array") and node.nodes("for"):
        yield from _comprehension(node, scope)
    elif node.kind == "object":
        yield from _object(node, scope)
    else:
        for child in node.nodes():
            yield from _visit(child, scope)


def _declare(scope: _Scope, token: Token) -> Iterator[Finding]:
    if token.text in scope.names:
        yield _at(token, f"{token.text} is there twice")
    scope.names[token.text] = token


def _unused(scope: _Scope) -> Iterator[Finding]:
    for name, token in scope.names.items():
        if name not in scope.used and not name.startswith("_"):
            yield _at(token, f"unused variable {name}")


def _binds(binds: list[Node], scope: _Scope) -> Iterator[Finding]:
    """Local variables see each other, whatever their order."""
    for bind in binds:
        yield from _declare(scope, bind.first())
    for bind in binds:
        params, value = bind.nodes("params"), bind.nodes()[-1]
        yield from _function(params[0], value, scope) if params else _visit(value, scope)


def _function(params: Node, body: Node, scope: _Scope) -> Iterator[Finding]:
    """Parameters may go unused: whoever calls decides on them."""
    inner = scope.inner()
    for param in params.nodes("param"):
        yield from _declare(inner, param.first())
    for param in params.nodes("param"):
        for default in param.nodes():
            yield from _visit(default, inner)
    yield from _visit(body, inner)


def _object(node: Node, scope: _Scope) -> Iterator[Finding]:
    inner = scope.inner(in_object=True)
    fields: set[str] = set()
    for member in node.nodes("field"):
        name = member.nodes("fieldname")[0]
        for computed in name.nodes():
            yield from _visit(computed, scope)
        token = name.first()
        text = token.text.strip("'\"") if len(name.parts) == 1 else ""
        if text and text in fields:
            yield _at(token, f"the field {text} is there twice")
        fields.add(text)
    yield from _binds([member.nodes("bind")[0] for member in node.nodes("locals")], inner)
    for member in (*node.nodes("field"), *node.nodes("condition")):
        yield from _body(member, inner)
    yield from _unused(inner)


def _body(member: Node, scope: _Scope) -> Iterator[Finding]:
    if member.kind == "condition":
        for part in member.nodes():
            yield from _visit(part, scope)
        return
    params, value = member.nodes("params"), member.nodes()[-1]
    yield from _function(params[0], value, scope) if params else _visit(value, scope)


def _comprehension(node: Node, scope: _Scope) -> Iterator[Finding]:
    """Each ``for`` sees the names of those before it; what is made sees them all."""
    loops = scope
    made: list[_Scope] = []
    for loop in node.nodes("for"):
        yield from _visit(loop.nodes()[0], loops)
        names = [part for part in loop.parts if isinstance(part, Token) and part.kind == "name"]
        if names:
            loops = loops.inner()
            loops.names[names[0].text] = names[0]
            made.append(loops)
    items = [child for child in node.nodes() if child.kind != "for"]
    if node.kind == "object":
        yield from _object(Node("object", list(items)), loops)
    else:
        for item in items:
            yield from _visit(item, loops)
    for inner in made:
        yield from _unused(inner)

"""A program back to text, in one style.

Two blanks a level, apostrophes around texts, ``//`` before comments, blanks inside braces and around operators, no
comma before a bracket that closes on the same line and one before a brace or bracket on a line of its own. Where the
author broke a line it stays broken; an object, a list or arguments broken somewhere are broken everywhere.
"""

import re
from collections.abc import Sequence

from identity_server.cli.jsonnet.parser import Node, Part, deep, parse
from identity_server.cli.jsonnet.tokens import KEYWORDS, Token

_STEP = 2
_MOST_BREAKS = 3
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BRACKETED = {"object", "array", "params", "args", "paren"}


def format_text(text: str) -> str:
    """The program in our style; what it means stays the same.

    Raises:
        JsonnetError: when the text is no Jsonnet.
    """
    with deep():
        tree, end = parse(text)
        printer = _Printer()
        printer.part(tree, 0)
        printer.comments(end, 0)
    return printer.text()


class _Printer:
    """Writes tokens; knows where lines break and how far they are indented."""

    def __init__(self) -> None:
        self._out: list[str] = []
        self._in_line_comment = False

    def text(self) -> str:
        return "".join(self._out).strip("\n") + "\n"

    def token(self, token: Token, indent: int, gap: str = " ", *, broken: bool | None = None) -> None:
        """A token after ``gap``, or on a new line.

        Args:
            broken: true or false when the place decides; None when the author did.
        """
        had_comments = self.comments(token, indent)
        breaks = token.breaks
        if broken is False and not had_comments:
            breaks = 0
        elif broken and not had_comments:
            breaks = max(breaks, 1)
        breaks = max(breaks, self._in_line_comment)
        if breaks and self._out:
            self._break(breaks, indent)
        elif self._out and not self._out[-1].endswith((" ", "\n")):
            self._out.append(" " if had_comments else gap)
        self._out.append(_spelled(token))

    def comments(self, token: Token, indent: int) -> bool:
        """The comments before a token; whether there were any."""
        for comment in token.comments:
            if (breaks := max(comment.breaks, self._in_line_comment)) and self._out:
                self._break(breaks, indent)
            elif self._out:
                self._out.append("  " if comment.text.startswith(("//", "#")) else " ")
            is_interpreter = not self._out and comment.text.startswith("#!")
            self._out.append(comment.text if is_interpreter else re.sub(r"^#+", "//", comment.text))
            self._in_line_comment = not comment.text.startswith("/*")
        return bool(token.comments)

    def _break(self, breaks: int, indent: int) -> None:
        self._out.append("\n" * min(breaks, _MOST_BREAKS) + " " * indent)
        self._in_line_comment = False

    def part(self, part: Part, indent: int, gap: str = " ", *, broken: bool | None = None) -> None:
        """A token or a whole part; ``gap`` and ``broken`` are about its first token."""
        if isinstance(part, Token):
            self.token(part, indent, gap, broken=broken)
        elif part.kind in _BRACKETED:
            self._bracketed(part, indent, gap, broken)
        else:
            self._plain(part, indent, gap, broken)

    def _plain(self, node: Node, indent: int, gap: str, broken: bool | None) -> None:
        for position, part in enumerate(_simplified(node)):
            if position == 0:
                self.part(part, indent, gap, broken=broken)
                continue
            starts_line = (part if isinstance(part, Token) else part.first()).starts_line
            own = indent + _STEP if starts_line and _is_indented(node, position) else indent
            self.part(part, own, _gap(node, position, part))

    def _bracketed(self, node: Node, indent: int, gap: str, broken: bool | None) -> None:
        opening, *inner, closing = node.parts
        assert isinstance(opening, Token) and isinstance(closing, Token)
        self.token(opening, indent, gap, broken=broken)
        if inner and isinstance(comma := inner[-1], Token):
            closing = _with_comments(closing, comma)
            inner.pop()
        spread = _is_spread(inner, closing) and bool(inner or closing.comments)
        padding = " " if node.kind == "object" and inner else ""
        for position, part in enumerate(inner):
            if isinstance(part, Token):
                self.token(part, indent + _STEP, "", broken=False)
            else:
                self.part(part, indent + _STEP, " " if position else padding, broken=spread)
        if spread and inner and node.kind in ("object", "array") and not node.nodes("for"):
            self._out.append(",")
        self.token(closing, indent, padding, broken=spread)


def _with_comments(closing: Token, comma: Token) -> Token:
    """The closing bracket with the comments of the comma before it, which is written anew."""
    comments, breaks = comma.comments + closing.comments, max(comma.breaks, closing.breaks)
    return Token(closing.kind, closing.text, closing.line, closing.column, comments, breaks)


def _is_spread(inner: Sequence[Part], closing: Token) -> bool:
    """Whether each element stands on a line of its own: when its author broke the line before any of them."""
    firsts = [part.first() for part in inner if isinstance(part, Node)]
    return any(token.starts_line for token in (*firsts, closing))


def _simplified(node: Node) -> list[Part]:
    """Its parts, with ``a['b']`` and ``['b']:`` in their plain form."""
    if node.kind == "index":
        name = _plain_name(node.parts[2])
        if name and not any(token.comments for token in node.tokens()):
            return [node.parts[0], Token("symbol", "."), Token("name", name)]
    if node.kind == "fieldname":
        inner = node.parts[1] if len(node.parts) == 3 else node.parts[0]
        name = _plain_name(inner)
        first = node.first()
        if name and not any(token.comments for token in list(node.tokens())[1:]):
            return [Token("name", name, first.line, first.column, first.comments, first.breaks)]
    return node.parts


def _plain_name(part: Part) -> str:
    """The name that a text spells, where it can stand without apostrophes."""
    token = part if isinstance(part, Token) else part.first() if part.kind == "value" else None
    if token is None or token.kind != "string" or token.text[0] not in "'\"":
        return ""
    name = token.text[1:-1]
    return name if _PLAIN.fullmatch(name) and name not in KEYWORDS else ""


def _is_indented(node: Node, position: int) -> bool:
    """Whether a part that starts a line stands further in than its node."""
    kind, part = node.kind, node.parts[position] if position < len(node.parts) else None
    if kind in (
        "bind",
        "field",
        "param",
        "arg",
        "condition",
        "error",
        "for",
        "member",
        "call",
        "index",
        "slice",
        "unary",
    ):
        return True
    if kind == "function":
        return position == 2
    if kind == "if":
        return isinstance(part, Node)
    return kind == "local" and position != len(node.parts) - 1


def _gap(node: Node, position: int, part: Part) -> str:
    """What stands between a part and the one before it on the same line."""
    text = part.text if isinstance(part, Token) else ""
    if node.kind in ("member", "index", "call", "slice", "unary", "fieldname"):
        return " " if text == "tailstrict" else ""
    if isinstance(part, Node) and part.kind == "params":
        return ""
    if node.kind in ("param", "arg"):
        return ""
    if text in (",", ";") or (node.kind == "field" and isinstance(part, Token)):
        return ""
    return " "


def _spelled(token: Token) -> str:
    return _quoted(token.text) if token.kind == "string" and token.text[0] in "'\"" else token.text


def _quoted(text: str) -> str:
    """The text within apostrophes, unless it has some and no quotation marks."""
    inner = re.sub(r"\\(['\"])", r"\1", text[1:-1]) if "\\\\" not in text else None
    if inner is None:
        return text
    mark = '"' if "'" in inner and '"' not in inner else "'"
    return mark + inner.replace(mark, "\\" + mark) + mark

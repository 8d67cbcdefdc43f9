"""Splits a template's source into text and the tokens of its actions (https://pkg.go.dev/text/template)."""

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Literal, NoReturn

from identity_server.courier.go_templates import limits
from identity_server.courier.go_templates.errors import TemplateSyntaxError

Kind = Literal[
    "text",
    "open",
    "close",
    "word",
    "field",
    "variable",
    "dot",
    "string",
    "char",
    "number",
    "(",
    ")",
    "|",
    ":=",
    "=",
    ",",
]

OPEN, CLOSE = "{{", "}}"
BLANK = " \t\r\n"
_TOKENS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("string", re.compile(r'"(?:[^"\\\n]|\\.)*"|`[^`]*`')),
    ("char", re.compile(r"'(?:[^'\\\n]|\\.[^'\n]*)'")),
    (
        "number",
        re.compile(
            r"[+-]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|[0-9][0-9_]*(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?)(?![\w.])"
        ),
    ),
    ("field", re.compile(r"\.[^\W\d]\w*")),
    ("dot", re.compile(r"\.(?![\w.])")),
    ("variable", re.compile(r"\$\w*")),
    ("word", re.compile(r"[^\W\d]\w*")),
    (":=", re.compile(r":=")),
    ("=", re.compile(r"=")),
    ("|", re.compile(r"\|")),
    (",", re.compile(r",")),
    ("(", re.compile(r"\(")),
    (")", re.compile(r"\)")),
)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of source; ``spaced`` tells whether white space stands before it, which separates arguments."""

    kind: Kind
    text: str
    at: int
    spaced: bool = False


class Source:
    """A template's text, with the means to say where something is."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        if len(text) > limits.SOURCE:
            self.refuse(0, f"a template may have {limits.SOURCE} characters")

    def position(self, at: int) -> tuple[int, int]:
        """Line and column of an offset, both from 1."""
        before = self.text[:at]
        return before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1

    def refuse(self, at: int, reason: str) -> NoReturn:
        """Raises TemplateSyntaxError for an offset."""
        line, column = self.position(at)
        raise TemplateSyntaxError(self.name, line, column, reason)


def tokens(source: Source) -> Iterator[Token]:
    """The tokens of a template: ``text``, and for each action ``open``, its tokens and ``close``.

    Raises:
        TemplateSyntaxError: when an action does not end or holds what is no token.
    """
    text, at, trim = source.text, 0, False
    while True:
        start = text.find(OPEN, at)
        piece = text[at:] if start < 0 else text[at:start]
        trims_left = start >= 0 and text[start + 2 : start + 3] == "-" and text[start + 3 : start + 4] in tuple(BLANK)
        shown = piece.lstrip(BLANK) if trim else piece
        shown = shown.rstrip(BLANK) if trims_left else shown
        if shown:
            yield Token("text", shown, at)
        if start < 0:
            return
        inner = start + (4 if trims_left else 2)
        if text.startswith("/*", inner):
            at, trim = _after_comment(source, start, inner)
            continue
        yield Token("open", OPEN, start)
        at, trim = yield from _action(source, start, inner)


def _after_comment(source: Source, start: int, inner: int) -> tuple[int, bool]:
    end = source.text.find("*/", inner)
    if end < 0:
        source.refuse(start, "the comment does not end; */}} closes it")
    end += 2
    if source.text.startswith(CLOSE, end):
        return end + 2, False
    if source.text[end : end + 1] in tuple(BLANK) and source.text.startswith("-}}", end + 1):
        return end + 4, True
    source.refuse(end, "a comment must fill its action: {{/* … */}}")


def _action(source: Source, start: int, at: int) -> Generator[Token, None, tuple[int, bool]]:
    text = source.text
    while True:
        spaced = at < len(text) and text[at] in BLANK
        while at < len(text) and text[at] in BLANK:
            at += 1
        if spaced and text.startswith("-}}", at):
            yield Token("close", CLOSE, at)
            return at + 3, True
        if text.startswith(CLOSE, at):
            yield Token("close", CLOSE, at)
            return at + 2, False
        if at >= len(text):
            source.refuse(start, "the action does not end; }} closes it")
        token = _token(source, at, spaced)
        yield token
        at += len(token.text)


def _token(source: Source, at: int, spaced: bool) -> Token:
    for kind, pattern in _TOKENS:
        found = pattern.match(source.text, at)
        if found:
            return Token(kind, found[0], at, spaced)
    char = source.text[at]
    if char in "\"'`":
        source.refuse(at, "the quoted text does not end")
    source.refuse(at, f"unexpected {char!r} in an action")

"""Characters to tokens (the lexical part of Jsonnet's specification)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

KEYWORDS = frozenset(
    """assert else error false for function if import importstr importbin in local null self super tailstrict then true
    """.split()  # noqa: SIM905 - a list of that many short words reads worse
)
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBER = re.compile(r"(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
#: No operator has more than four characters; a longer run would be read again for each of its tokens.
_OPERATOR = re.compile(r"[!$:~+\-&|^=<>*/%]{1,8}")
_QUOTED = {
    '"': re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL),
    "'": re.compile(r"'(?:[^'\\]|\\.)*'", re.DOTALL),
    '@"': re.compile(r'@"(?:[^"]|"")*"', re.DOTALL),
    "@'": re.compile(r"@'(?:[^']|'')*'", re.DOTALL),
}
_ESCAPES = re.compile(r"\\(?![\"'\\/bfnrt]|u[0-9A-Fa-f]{4})")
_BLOCK = re.compile(r"\|\|\|-?[ \t]*\n(?P<blank>\n*)(?P<indent>[ \t]+)")


class JsonnetError(ValueError):
    """Text that is no Jsonnet."""

    def __init__(self, what: str, line: int, column: int) -> None:
        super().__init__(f"line {line}, column {column}: {what}")
        self.line = line
        self.column = column


@dataclass(frozen=True)
class Comment:
    """A comment, and how many line breaks stand before it."""

    text: str
    breaks: int


@dataclass
class Token:
    """One token.

    Attributes:
        kind: ``name``, ``keyword``, ``number``, ``string``, ``operator``, ``symbol`` or ``end``.
        text: as it is written.
        comments: the comments before it.
        breaks: line breaks between the last of those, or the token before, and this one.
    """

    kind: str
    text: str
    line: int = 0
    column: int = 0
    comments: list[Comment] = field(default_factory=list)
    breaks: int = 0

    @property
    def starts_line(self) -> bool:
        """Whether its author broke the line somewhere before it."""
        return self.breaks > 0 or any(comment.breaks for comment in self.comments)


def tokenize(text: str) -> list[Token]:
    """All tokens; the last one is the end, which holds the comments after everything.

    Raises:
        JsonnetError: at the first character that starts no token.
    """
    return list(_Reader(text.replace("\r\n", "\n")).tokens())


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._line = 1
        self._line_start = 0

    def tokens(self) -> Iterator[Token]:
        while True:
            comments, breaks = self._skip()
            line, column = self._line, self._position - self._line_start + 1
            if self._position >= len(self._text):
                yield Token("end", "", line, column, comments, breaks)
                return
            kind, text = self._next()
            self._advance(len(text))
            yield Token(kind, text, line, column, comments, breaks)

    def _skip(self) -> tuple[list[Comment], int]:
        comments: list[Comment] = []
        breaks = 0
        while self._position < len(self._text):
            letter = self._text[self._position]
            if letter in " \t\r\n":
                breaks += letter == "\n"
                self._advance(1)
            elif letter == "#" or self._text.startswith(("//", "/*"), self._position):
                comment = self._comment(letter)
                comments.append(Comment(comment.rstrip(), breaks))
                self._advance(len(comment))
                breaks = 0
            else:
                break
        return comments, breaks

    def _comment(self, letter: str) -> str:
        closing, start = ("*/", self._position + 2) if self._text.startswith("/*", self._position) else ("\n", 0)
        end = self._text.find(closing, max(start, self._position))
        if end < 0 and closing == "*/":
            raise self._error("this comment never ends")
        return self._text[self._position : (end + len(closing) if closing == "*/" else end) if end >= 0 else None]

    def _next(self) -> tuple[str, str]:
        text, position = self._text, self._position
        if match := _IDENTIFIER.match(text, position):
            return ("keyword" if match[0] in KEYWORDS else "name"), match[0]
        if match := _NUMBER.match(text, position):
            return "number", match[0]
        letter = text[position]
        if letter in "{}[](),.;":
            return "symbol", letter
        if text.startswith("|||", position):
            return "string", self._block()
        for opening, pattern in _QUOTED.items():
            if text.startswith(opening, position):
                return "string", self._quoted(opening, pattern)
        if match := _OPERATOR.match(text, position):
            return self._operator(match[0])
        raise self._error(f"{letter!r} starts nothing that Jsonnet knows")

    def _quoted(self, opening: str, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._position)
        if not match:
            raise self._error("this text never ends")
        if "@" not in opening and _ESCAPES.search(match[0].replace("\\\\", "")):
            raise self._error("this text has an unknown escape; allowed: \\\" \\' \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX")
        return match[0]

    def _block(self) -> str:
        match = _BLOCK.match(self._text, self._position)
        if not match:
            raise self._error("a text block starts with ||| and a line break, and its lines are indented")
        indent, position = match["indent"], match.start("indent")
        while True:
            end = self._text.find("\n", position)
            line = self._text[position : end if end >= 0 else None]
            if line and not line.startswith(indent):
                break
            if end < 0:
                raise self._error("this text block never ends")
            position = end + 1
        stripped = line.lstrip(" \t")
        if not stripped.startswith("|||"):
            raise self._error("this text block ends without |||")
        return self._text[self._position : position + len(line) - len(stripped) + 3]

    def _operator(self, run: str) -> tuple[str, str]:
        """As much of a run of operator characters as makes one operator."""
        for stop in ("//", "/*", "|||"):
            if run.find(stop, 1) > 0:
                run = run[: run.find(stop, 1)]
        run = run.rstrip("+-~!$") or run[0]
        return ("symbol" if run == "$" else "operator"), run

    def _advance(self, count: int) -> None:
        passed = self._text[self._position : self._position + count]
        self._position += count
        if "\n" in passed:
            self._line += passed.count("\n")
            self._line_start = self._position - len(passed) + passed.rfind("\n") + 1

    def _error(self, what: str) -> JsonnetError:
        return JsonnetError(what, self._line, self._position - self._line_start + 1)

"""The tree of a template; ``at`` is an offset into its source."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Literal:
    value: Any
    at: int


@dataclass(frozen=True, slots=True)
class Dot:
    """``.`` and the fields after it."""

    fields: tuple[str, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Variable:
    """``$name`` and the fields after it; ``$`` is the data of the whole template."""

    name: str
    fields: tuple[str, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function without its arguments, which stand beside it in the command."""

    function: str
    at: int


@dataclass(frozen=True, slots=True)
class Nested:
    """A pipeline in parentheses and the fields after it."""

    pipe: "Pipe"
    fields: tuple[str, ...]
    at: int


Operand = Literal | Dot | Variable | Call | Nested
Command = tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class Pipe:
    """Commands, each given the value of the one before, and the variables that get the last value."""

    commands: tuple[Command, ...]
    at: int
    variables: tuple[str, ...] = ()
    declares: bool = True


@dataclass(frozen=True, slots=True)
class Text:
    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Action:
    """Prints a pipeline's value after the named escapers."""

    pipe: Pipe
    at: int
    escapers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Branch:
    """``if`` or ``with``."""

    word: str
    pipe: Pipe
    body: "Body"
    otherwise: "Body"
    at: int


@dataclass(frozen=True, slots=True)
class Loop:
    """``range``."""

    pipe: Pipe
    body: "Body"
    otherwise: "Body"
    at: int


@dataclass(frozen=True, slots=True)
class Include:
    """``template`` and the use of a ``block``."""

    name: str
    pipe: Pipe | None
    at: int


@dataclass(frozen=True, slots=True)
class Jump:
    """``break`` or ``continue``."""

    word: str
    at: int


Node = Text | Action | Branch | Loop | Include | Jump
Body = tuple[Node, ...]

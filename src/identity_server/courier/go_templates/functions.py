"""What a function of the template language is, and the table of all of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

#: For functions that take any number of arguments.
ANY = 1000


@dataclass(frozen=True, slots=True)
class Function:
    """A function; it raises FunctionError (or ValueError, TypeError) for arguments that it cannot work with.

    Attributes:
        call: gets plain JSON values only, the piped one last.
        least: the number of arguments that it needs.
        most: the number of arguments that it takes.
    """

    call: Callable[..., Any]
    least: int
    most: int


Table = Mapping[str, Function]

"""What is wrong with a configuration, said without telling its secrets."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One key that is missing, unknown or has a value that is not allowed.

    Attributes:
        key: dotted path; empty for the document as a whole.
        what: what is wrong.
        allowed: what would be right; may be empty.
        source: where the value came from; empty when there is no value.
    """

    key: str
    what: str
    allowed: str = ""
    source: str = ""

    def __str__(self) -> str:
        text = f"{self.key}: {self.what}" if self.key else self.what
        if self.allowed:
            text += f"; allowed: {self.allowed}"
        return f"{text} (from {self.source})" if self.source else text


class ConfigurationError(Exception):
    """A configuration that cannot be used; ``problems`` holds every reason."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(str(problem) for problem in self.problems))

    def lines(self) -> list[str]:
        """One line a problem, for a terminal."""
        return [str(problem) for problem in self.problems]

"""What may be wrong with a new password, with the evidence for its message."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class TooShort:
    """Message 4000032. Lengths in bytes."""

    min_length: int
    actual_length: int


@dataclass(frozen=True)
class TooLong:
    """Message 4000033. Lengths in bytes."""

    max_length: int
    actual_length: int


@dataclass(frozen=True)
class TooSimilar:
    """Message 4000031: too much like one of the account's identifiers."""


@dataclass(frozen=True)
class Breached:
    """Message 4000034. ``breaches`` counts how often it was seen; 1 for one of the common passwords."""

    breaches: int


Violation: TypeAlias = TooShort | TooLong | TooSimilar | Breached

"""One rule of a schema that traits break."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


def dotted(path: Iterable[str | int]) -> str:
    """A path into a document as nodes are named: ``traits.name.first``; a dot inside a key becomes ``\\.``."""
    return ".".join(str(part).replace(".", "\\.") for part in path)


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken rule.

    Attributes:
        pointer: the trait it is about, dotted: ``traits.email``; for a missing one, where it should be.
        keyword: the JSON Schema keyword (``minLength``), or ``identifier`` for a value that cannot identify anybody.
        details: the evidence, named as in the contexts of messages: ``min_length`` and ``actual_length``,
            ``minimum`` and ``actual``, ``allowed_types`` and ``actual_type``, …; a format has ``format`` and ``value``.
    """

    pointer: str
    keyword: str
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])

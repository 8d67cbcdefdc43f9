"""What the related database holds, as the server finds it: relations come and go, the tables stay."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Contents:
    """What is in the database before it is migrated.

    Attributes:
        tables: ``none``, ``ours``, or ``kratos`` for those of Ory Kratos.
        pending: migrations that are not applied.
        set_aside: ``none``; ``waiting`` where tables of Ory Kratos were moved whose identities are not all ours yet.
        problem: why nothing could be found out.
    """

    tables: str = ""
    pending: int = 0
    set_aside: str = "none"
    problem: str = ""

    @classmethod
    def parse(cls, text: str) -> "Contents":
        """What the server printed.

        Raises:
            ValueError: when it is something else.
        """
        found: Any = json.loads(text)
        try:
            return cls(str(found["tables"]), int(found["pending"]), str(found["set_aside"]))
        except (KeyError, TypeError):
            raise ValueError("the server does not say what is in the database") from None

    @property
    def foreign(self) -> bool:
        """Whether the tables of another server stand where ours would go."""
        return self.tables == "kratos"

    @property
    def harmless(self) -> bool:
        """Whether a migration changes nothing that somebody could want to keep a copy of."""
        return self.tables == "none" or (self.tables == "ours" and not self.pending)

    @property
    def has_more(self) -> bool:
        """Whether identities wait in tables of Ory Kratos, moved or about to be."""
        return self.foreign or self.set_aside == "waiting"


Look = Callable[[], Contents]

"""One thing that was looked at."""

from dataclasses import dataclass
from typing import Literal

#: ``warning`` works, and should be changed; ``wrong`` does not work or is not safe; ``skipped`` could not be looked at.
State = Literal["ok", "warning", "wrong", "skipped"]


@dataclass(frozen=True)
class Finding:
    """What was found.

    Attributes:
        check: what was looked at.
        detail: one sentence; where something is wrong it says what to do.
    """

    check: str
    state: State
    detail: str

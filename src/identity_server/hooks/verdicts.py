"""What hooks decide about a flow."""

from dataclasses import dataclass, field
from typing import Any

from identity_server.errors import ApiError
from identity_server.messages.message import Message


@dataclass(frozen=True)
class Proceed:
    """All hooks are content.

    Attributes:
        continue_with: what a client is told to do next, in this order.
        page: where a browser goes instead of the return address; empty for no change.
    """

    continue_with: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    page: str = ""


@dataclass(frozen=True)
class Interrupted:
    """A hook refuses what was typed: the form is shown again.

    Attributes:
        messages: each with the dotted name of its field; an empty name is the form itself.
    """

    messages: list[tuple[str, Message]]


@dataclass(frozen=True)
class Refused:
    """A hook ends the flow.

    Attributes:
        error: what scripts and apps are answered.
        page: where a browser goes; empty for the error page.
    """

    error: ApiError
    page: str = ""


Verdict = Proceed | Interrupted | Refused

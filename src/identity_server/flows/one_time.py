"""One-time codes and link tokens as they are kept: digests, never the secrets themselves."""

from dataclasses import dataclass

from identity_server.times import Timestamp


@dataclass(frozen=True)
class StoredCode:
    """A code as stored: its digest and what it is for.

    Attributes:
        kind: the flow's kind.
        via: ``email`` or ``sms``.
    """

    id: str
    kind: str
    flow_id: str
    code_hash: str
    address: str
    via: str
    identity_id: str | None
    address_id: str | None
    issued_at: Timestamp
    expires_at: Timestamp
    used_at: Timestamp | None = None


@dataclass(frozen=True)
class StoredToken:
    """A link's token as stored."""

    id: str
    kind: str
    token_hash: str
    flow_id: str | None
    identity_id: str | None
    address_id: str | None
    address: str | None
    issued_at: Timestamp
    expires_at: Timestamp
    used_at: Timestamp | None = None


@dataclass(frozen=True)
class Guesses:
    """How many codes may be typed.

    Attributes:
        per_flow: in one flow, whatever becomes of them.
        per_subject: wrong ones for one address in all flows together since ``since``; 0 for no limit.
    """

    per_flow: int
    per_subject: int = 0
    since: Timestamp = ""


@dataclass(frozen=True)
class Attempt:
    """A submission that was counted.

    Attributes:
        too_many: it is not to be looked at.
        blocked_since: the oldest of the wrong ones that are too many for an address; empty when the flow's are.
    """

    id: str = ""
    too_many: bool = False
    blocked_since: Timestamp = ""

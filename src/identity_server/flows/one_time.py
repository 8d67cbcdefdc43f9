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

"""A session, the ways it was authenticated, and the level it reached."""

from dataclasses import dataclass, field
from typing import Any

from identity_server.times import Timestamp

AAL0, AAL1, AAL2 = "aal0", "aal1", "aal2"
#: A device that is shown but not stored has no id of its own.
UNSTORED = "00000000-0000-0000-0000-000000000000"


@dataclass
class Authentication:
    """One successful proof, an entry of ``authentication_methods``.

    Attributes:
        method: Kratos' name of the method, such as ``password`` or ``code_recovery``.
        aal: the level that the proof counts for.
        provider: the OIDC provider's id.
    """

    method: str
    aal: str
    completed_at: Timestamp
    provider: str | None = None
    organization: str | None = None
    upstream_acr: str | None = None
    upstream_amr: list[str] | None = None

    def to_json(self) -> dict[str, Any]:
        """Kratos' JSON."""
        shown: dict[str, Any] = {"method": self.method, "aal": self.aal, "completed_at": self.completed_at}
        for name in ("provider", "organization", "upstream_acr", "upstream_amr"):
            value = getattr(self, name)
            if value:
                shown[name] = value
        return shown

    @classmethod
    def from_json(cls, shown: dict[str, Any]) -> "Authentication":
        """The entry behind its JSON."""
        return cls(**shown)


@dataclass
class Device:
    """From where a session was used.

    Attributes:
        ip_address: as reported by proxies or, without any, the peer's address with its port.
    """

    id: str
    ip_address: str
    user_agent: str
    location: str = ""

    def to_json(self) -> dict[str, Any]:
        """Kratos' JSON."""
        return {
            "id": self.id,
            "ip_address": self.ip_address,
            "user_agent": self.user_agent,
            "location": self.location,
        }


@dataclass
class Session:
    """What a token or cookie stands for.

    Attributes:
        active: the stored flag; a session also ends by time and with its identity.
        token: the secret itself, known only while it is issued or was just presented; never stored.
    """

    id: str
    identity_id: str
    issued_at: Timestamp
    authenticated_at: Timestamp
    expires_at: Timestamp
    created_at: Timestamp
    updated_at: Timestamp
    active: bool = True
    methods: list[Authentication] = field(default_factory=list)
    devices: list[Device] = field(default_factory=list)
    token: str = field(default="", repr=False)

    @property
    def aal(self) -> str:
        """The level reached."""
        return reached(self.methods)

    def is_alive(self, now: Timestamp) -> bool:
        """Whether flag and time let it be used; the identity's state is the caller's to check."""
        return self.active and self.expires_at > now


#: Methods that an identity provider stands behind; their own level may count twice.
_UPSTREAM = ("oidc", "saml")


#: What somebody proves by reading a mailbox or a telephone: however often, it is one factor.
MAILED = ("code", "code_recovery", "link_recovery")


def reached(methods: list[Authentication]) -> str:
    """The level that proofs reach together: two only when both a first and a second one are among them."""
    if methods and all(entry.method in MAILED for entry in methods):
        return AAL1
    first = any(entry.aal == AAL1 or (entry.aal == AAL2 and entry.method in _UPSTREAM) for entry in methods)
    second = any(entry.aal == AAL2 for entry in methods)
    if first and second:
        return AAL2
    return AAL1 if first or second else AAL0

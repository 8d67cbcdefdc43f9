"""A flow: what a person is going through, kept between requests."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from identity_server import randomness, times
from identity_server.times import Timestamp
from identity_server.ui.container import Container

Kind = Literal["login", "registration", "settings", "recovery", "verification"]
KINDS: tuple[Kind, ...] = ("login", "registration", "settings", "recovery", "verification")

BROWSER = "browser"
NATIVE = "api"

CHOOSE_METHOD = "choose_method"
SENT_EMAIL = "sent_email"
PASSED_CHALLENGE = "passed_challenge"
SHOW_FORM = "show_form"
SUCCESS = "success"


@dataclass
class Flow:
    """One run of a self-service flow.

    Attributes:
        type: ``browser`` or ``api``.
        ui: the form as it stands.
        request_url: the address that started it.
        csrf_token: the anti-forgery secret it was started with; empty for native flows.
        active: the method that was submitted last and got as far as its own checks.
        internal: what methods remember between steps; never shown.
        refresh, requested_aal: only of login flows.
        identity_id: whose flow it is, for settings, and whom a recovery or verification is about.
        oauth2_login_challenge: the OAuth2 server's challenge that this flow answers.
        return_session_token_exchange_code: shown once, in the answer that starts the flow.
        version: counts saved changes; two submissions at once cannot both be the next.
        confidential: the form shows a secret, so that it is stored sealed.
        transient_payload, continue_with, identity: of the running request only, never stored; ``identity`` is what
            settings show of the person.
    """

    id: str
    kind: Kind
    type: str
    state: str
    ui: Container
    request_url: str
    issued_at: Timestamp
    expires_at: Timestamp
    created_at: Timestamp
    updated_at: Timestamp
    return_to: str = ""
    csrf_token: str = field(default="", repr=False)
    active: str = ""
    internal: dict[str, Any] = field(default_factory=dict, repr=False)
    refresh: bool = False
    requested_aal: str = "aal1"
    identity_id: str = ""
    organization_id: str | None = None
    identity_schema: str = ""
    oauth2_login_challenge: str = ""
    oauth2_login_request: Any = None
    skip_csrf_check: bool = False
    submit_count: int = 0
    version: int = 0
    transient_payload: dict[str, Any] | None = field(default=None, repr=False)
    continue_with: list[dict[str, Any]] | None = None
    session_token_exchange_code: str = field(default="", repr=False)
    identity: Any = field(default=None, repr=False)
    confidential: bool = False

    @property
    def is_native(self) -> bool:
        """Whether an app, not a browser, runs it."""
        return self.type == NATIVE

    def is_expired(self, now: Timestamp) -> bool:
        """Whether its time is over."""
        return self.expires_at <= now

    def to_json(self) -> dict[str, Any]:
        """Kratos' JSON of the flow."""
        shown: dict[str, Any] = {
            "id": self.id,
            "type": self.type,
            "expires_at": self.expires_at,
            "issued_at": self.issued_at,
            "request_url": self.request_url,
            "ui": self.ui.to_json(),
            "state": self.state,
        }
        optional = {
            "return_to": self.return_to,
            "active": self.active,
            "identity_schema": self.identity_schema,
            "oauth2_login_challenge": self.oauth2_login_challenge,
            "oauth2_login_request": self.oauth2_login_request,
            "session_token_exchange_code": self.session_token_exchange_code,
        }
        shown.update({name: value for name, value in optional.items() if value})
        if self.transient_payload is not None:
            shown["transient_payload"] = self.transient_payload
        if self.kind in ("login", "registration"):
            shown["organization_id"] = self.organization_id
        if self.kind == "login":
            shown |= {
                "created_at": self.created_at,
                "updated_at": self.updated_at,
                "refresh": self.refresh,
                "requested_aal": self.requested_aal,
            }
        if self.kind == "settings":
            shown["identity"] = self.identity
        if self.continue_with is not None:
            shown["continue_with"] = self.continue_with
        return shown

    _UNSTORED = (
        "ui",
        "transient_payload",
        "continue_with",
        "session_token_exchange_code",
        "identity",
        "confidential",
        "version",
    )

    def document(self) -> dict[str, Any]:
        """All that is stored of it."""
        stored = {name: value for name, value in self.__dict__.items() if name not in self._UNSTORED}
        stored["ui"] = self.ui.to_json()
        return stored

    @classmethod
    def from_document(cls, stored: dict[str, Any], version: int) -> "Flow":
        """The flow behind its stored form."""
        fields: dict[str, Any] = {**stored, "ui": Container.from_json(stored["ui"])}
        return cls(**fields, version=version)


def new_flow(kind: Kind, flow_type: str, *, action: str, request_url: str, now: Timestamp, lifespan: timedelta) -> Flow:
    """A flow at its beginning.

    Args:
        action: where its form is sent, without the query.
    """
    flow_id = randomness.new_id()
    return Flow(
        id=flow_id,
        kind=kind,
        type=flow_type,
        state=SHOW_FORM if kind == "settings" else CHOOSE_METHOD,
        ui=Container(action=f"{action}?flow={flow_id}", method="POST"),
        request_url=request_url,
        issued_at=now,
        expires_at=times.after(now, lifespan),
        created_at=now,
        updated_at=now,
    )

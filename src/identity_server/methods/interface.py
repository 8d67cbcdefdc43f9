"""What a sign-in method is to the engine: steps that fill a form and answer a submission with a value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol

from identity_server.flows.answer import Cookie
from identity_server.flows.caller import Caller
from identity_server.flows.model import Flow, Kind
from identity_server.identity.model import Address, Identity
from identity_server.messages.message import Message
from identity_server.services import Services
from identity_server.session.model import Authentication, Session
from identity_server.times import Timestamp

Form = dict[str, Any]

#: Which screen a form shows: everything at once, or the first (who one is) and the second (how to prove it) of two.
Screen = Literal["whole", "first", "second"]

#: The methods that have a part in each kind of flow, whether or not the configuration lets them take it.
TAKES_PART: Final[Mapping[Kind, frozenset[str]]] = {
    "login": frozenset(("password", "oidc", "totp", "lookup_secret", "webauthn", "passkey", "code")),
    "registration": frozenset(("password", "oidc", "webauthn", "passkey", "code", "profile")),
    "settings": frozenset(("profile", "password", "oidc", "totp", "lookup_secret", "webauthn", "passkey")),
    "recovery": frozenset(("link", "code")),
    "verification": frozenset(("link", "code")),
}


@dataclass
class StepContext:
    """What a step may see.

    Attributes:
        flow: the flow; steps change its form, state and ``internal``.
        identity: whose flow it is, where that is known: settings, refresh, second factor.
        session: the caller's session, if there is one.
        guard: refuses a submission that another site may have sent; a step calls it once it knows itself meant.
        linked: what earlier steps of the same request left for later ones.
        screen: what ``fill`` is to show. In a login's second screen ``identity`` is whom the identifier names, if any.
        identifier: what was typed in the first screen of a login.
        offered: a step that fills the second screen of a login sets it when the identity can sign in by it; nodes that
            it adds count as well.
        resumed: the submission passed its guard earlier and was interrupted to confirm the sign-in.
    """

    services: Services
    flow: Flow
    caller: Caller
    identity: Identity | None = None
    session: Session | None = None
    guard: Callable[[Form], None] = field(default=lambda form: None)
    linked: dict[str, Any] = field(default_factory=dict)
    screen: Screen = "whole"
    identifier: str = ""
    resumed: bool = False
    offered: bool = False

    @property
    def enabled_mitigation(self) -> bool:
        """Whether answers must not tell which accounts exist."""
        return self.services.configuration.flag("security.account_enumeration.mitigate")


@dataclass(frozen=True)
class NotMine:
    """The submission is for another method."""


@dataclass(frozen=True)
class Stay:
    """The form is shown again; the step has put messages or new nodes into it.

    Attributes:
        status: what a JSON client is answered.
        moved: whether the flow moved to a next step rather than failing.
        retry_after: seconds after which the client may try again; 0 when it need not wait.
    """

    status: int = 400
    moved: bool = False
    retry_after: int = 0


@dataclass(frozen=True)
class Authenticated:
    """Somebody proved who they are.

    Attributes:
        identity: complete with its credentials.
        proof: how.
        changed: whether the step changed the identity, so that it has to be stored.
    """

    identity: Identity
    proof: Authentication
    changed: bool = False


@dataclass(frozen=True)
class Registered:
    """A new identity, not stored yet, with the credential that it signs up with."""

    identity: Identity
    proof: Authentication


@dataclass(frozen=True)
class Changed:
    """A changed identity, not stored yet.

    Attributes:
        privileged: whether the change needs a fresh session.
        proof: a factor that was enrolled and counts for the session at once.
    """

    identity: Identity
    privileged: bool = True
    proof: Authentication | None = None


@dataclass(frozen=True)
class Recovered:
    """Somebody proved to own a recovery address."""

    identity: Identity
    proof: Authentication


@dataclass(frozen=True)
class Verified:
    """An address was proved; it is stored already."""

    identity: Identity
    address_id: str


@dataclass(frozen=True)
class Advance:
    """The form goes on to another of its screens; every method fills it anew.

    Attributes:
        identity: whom the typed identifier names, in logins.
        identifier: what was typed.
    """

    screen: Screen
    identity: Identity | None = None
    identifier: str = ""


@dataclass(frozen=True)
class Redirect:
    """The browser has to go elsewhere first.

    Attributes:
        cookies: what it takes along to be known again.
    """

    url: str
    cookies: tuple[Cookie, ...] = ()


@dataclass(frozen=True)
class Vouched:
    """Somebody else says who it is; whether that signs in or signs up is decided by who is known.

    Attributes:
        word: what was said, as the method itself understands it.
        traits: what the person typed about themselves.
    """

    word: object
    traits: Any = None


@dataclass(frozen=True)
class Restart:
    """The flow cannot go on; a new one takes its place and says why.

    Attributes:
        message: what the new one says.
        expired_at: when that ran out which was submitted; empty when it did not run out.
        renew: whether the browser gets a new anti-forgery secret, so that forms of the old flow are of no use.
    """

    message: Message
    expired_at: Timestamp = ""
    renew: bool = True


@dataclass(frozen=True)
class Prefilled:
    """A link in a mail filled the form in; nothing was submitted yet, and whoever opened it goes on."""


Outcome = (
    NotMine
    | Stay
    | Advance
    | Authenticated
    | Registered
    | Changed
    | Recovered
    | Verified
    | Redirect
    | Vouched
    | Restart
    | Prefilled
)


class Step(Protocol):
    """A method's part in one kind of flow."""

    async def fill(self, context: StepContext) -> None:
        """Puts the method's nodes into the form; nothing when it has nothing to offer."""
        ...

    async def submit(self, context: StepContext, form: Form) -> Outcome:
        """Handles a submission, or says that it is for another method.

        Raises:
            ApiError: when the request itself is at fault, not what a person typed.
        """
        ...


class Announcing(Step, Protocol):
    """A method's part in the verification of addresses, which may also begin without anybody asking."""

    async def announce(self, context: StepContext, identity: Identity, address: Address) -> bool:
        """Sends what proves the address and puts the form into the flow, as if its owner had asked.

        Returns:
            False when nothing was sent, because the address has had too many messages lately.
        """
        ...


class Method(Protocol):
    """A room.

    Attributes:
        id: the method's name in requests and configuration.
        group: the group of its nodes.
    """

    id: str
    group: str

    def steps(self, services: Services) -> Mapping[Kind, Step]:
        """Its part in each kind of flow that the configuration lets it take part in."""
        ...

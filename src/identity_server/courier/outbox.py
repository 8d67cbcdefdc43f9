"""Where flows put messages: one method a kind, each renders and stores.

Every method returns whether the message was stored. False means that the recipient has had too many lately; the flow
answers as if it had been sent, so that nobody learns how often somebody else's address was used.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from identity_server import times
from identity_server.courier.addresses import one_line
from identity_server.courier.message import EMAIL, SMS, Message, MessageType, check_recipient
from identity_server.courier.ports import Limit, MessageStore
from identity_server.courier.rendering import Renderer
from identity_server.courier.template_types import TYPES, Name
from identity_server.times import Clock

#: Mail bombs and pumped SMS: what one address gets at most, by however many flows; and as many notices.
HOUR, PER_HOUR = timedelta(hours=1), 20
LIMITS: Sequence[Limit] = (Limit(5, timedelta(minutes=10)), Limit(PER_HOUR, HOUR))

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Occasion:
    """The request that causes a message.

    Attributes:
        request_url: of the flow.
        transient_payload: what the client sent along.
        headers: of the request, already reduced to those that an HTTP service may see.
        domain: the site that an SMS is bound to, when a browser runs the flow: browsers alone fill in such codes
            (https://wicg.github.io/sms-one-time-codes/), and they do so there; empty for none.
        oauth2_login_request: of the flow, if there is one.
    """

    request_url: str = ""
    transient_payload: Json = field(default_factory=dict[str, Any])
    headers: Json = field(default_factory=dict[str, Any])
    domain: str = ""
    oauth2_login_request: Json | None = None

    def data(self) -> dict[str, Any]:
        """The members that this adds to a message's data."""
        return {"request_url": self.request_url, "transient_payload": dict(self.transient_payload)}


class Outbox:
    """Renders and stores messages.

    Args:
        limits: what one recipient may get; empty for no limit.
    """

    def __init__(self, store: MessageStore, renderer: Renderer, clock: Clock, limits: Sequence[Limit] = LIMITS) -> None:
        self._store = store
        self._renderer = renderer
        self._clock = clock
        self._limits = limits

    # -- codes ------------------------------------------------------------------------------------------

    async def send_recovery_code(
        self, to: str, code: str, identity: Json, occasion: Occasion, *, minutes: int, channel: str = EMAIL
    ) -> bool:
        """A code that lets a person back into their account. An SMS keeps it as ``verification_code``."""
        name = "recovery_code" if channel == EMAIL else "verification_code"
        data = {name: code, "identity": identity, "expires_in_minutes": minutes}
        return await self._queue("recovery_code_valid", to, data, occasion, channel)

    async def send_verification_code(
        self,
        to: str,
        code: str,
        url: str,
        identity: Json,
        occasion: Occasion,
        *,
        minutes: int,
        channel: str = EMAIL,
    ) -> bool:
        """A code, and a link that fills it in, by which a person confirms an address."""
        data = {"verification_url": url, "verification_code": code, "identity": identity, "expires_in_minutes": minutes}
        return await self._queue("verification_code_valid", to, data, occasion, channel)

    async def send_login_code(
        self, to: str, code: str, identity: Json, occasion: Occasion, *, minutes: int, channel: str = EMAIL
    ) -> bool:
        """A code to sign in with, as the first or the second factor."""
        data = {"login_code": code, "identity": identity, "expires_in_minutes": minutes}
        return await self._queue("login_code_valid", to, data, occasion, channel)

    async def send_registration_code(
        self, to: str, code: str, traits: Any, occasion: Occasion, *, minutes: int, channel: str = EMAIL
    ) -> bool:
        """A code to finish signing up with; there is no identity yet, only traits."""
        who = {"traits": traits} if channel == EMAIL else {"identity": {"traits": traits}}
        data = {"registration_code": code, **who, "expires_in_minutes": minutes}
        return await self._queue("registration_code_valid", to, data, occasion, channel)

    # -- links ------------------------------------------------------------------------------------------

    async def send_recovery_link(self, to: str, url: str, identity: Json, occasion: Occasion, *, minutes: int) -> bool:
        """A link that lets a person back into their account."""
        data = {"recovery_url": url, "identity": identity, "expires_in_minutes": minutes}
        return await self._queue("recovery_valid", to, data, occasion)

    async def send_verification_link(
        self, to: str, url: str, identity: Json, occasion: Occasion, *, minutes: int
    ) -> bool:
        """A link that confirms an address."""
        data = {"verification_url": url, "identity": identity, "expires_in_minutes": minutes}
        return await self._queue("verification_valid", to, data, occasion)

    # -- addresses that nobody has ------------------------------------------------------------------------

    async def send_recovery_code_unknown(self, to: str, occasion: Occasion) -> bool:
        """Tells an address that somebody tried to recover an account with it, by code."""
        return await self._queue("recovery_code_invalid", to, {}, occasion)

    async def send_recovery_link_unknown(self, to: str, occasion: Occasion) -> bool:
        """Tells an address that somebody tried to recover an account with it, by link."""
        return await self._queue("recovery_invalid", to, {}, occasion)

    async def send_verification_code_unknown(self, to: str, occasion: Occasion) -> bool:
        """Tells an address that somebody tried to confirm it, by code."""
        return await self._queue("verification_code_invalid", to, {}, occasion)

    async def send_verification_link_unknown(self, to: str, occasion: Occasion) -> bool:
        """Tells an address that somebody tried to confirm it, by link."""
        return await self._queue("verification_invalid", to, {}, occasion)

    # -- others -----------------------------------------------------------------------------------------

    async def send_address_changed(
        self, to: str, identity: Json, changed_at: str, occasion: Occasion, *, channel: str = EMAIL
    ) -> bool:
        """Tells the old address that the account has another one now."""
        data = {"identity": identity, "changed_at": changed_at}
        return await self._queue("verifiable_address_changed", to, data, occasion, channel)

    async def send_test(self, to: str, subject: str, body: str, *, channel: str = EMAIL) -> bool:
        """A message with texts of the caller's, to try the way out."""
        data = {"subject": subject, "body": body, "html_body": body}
        return await self._queue("stub", to, data, Occasion(), channel)

    # -- making them ------------------------------------------------------------------------------------

    async def _queue(self, name: Name, to: str, data: Json, occasion: Occasion, channel: str = EMAIL) -> bool:
        message = self.compose(name, to, data, occasion, channel)
        return (await self._store.enqueue([message], self._limits))[0]

    def compose(self, name: Name, to: str, data: Json, occasion: Occasion, channel: str = EMAIL) -> Message:
        """A message that is not stored yet, for callers who store it together with something else.

        Raises:
            InvalidRecipient: when ``to`` is not one address of the channel's kind.
        """
        kind: MessageType = EMAIL if channel == EMAIL else SMS
        check_recipient(kind, to)
        whole = self._data(name, to, data, occasion, kind)
        now = times.text(self._clock())
        return Message(
            type=kind,
            recipient=to,
            template_type=name,
            subject=one_line(self._renderer.text(name, "subject", whole)) if kind == EMAIL else "",
            body=self._renderer.text(name, "plaintext" if kind == EMAIL else "sms", whole),
            html_body=self._renderer.text(name, "html", whole) if kind == EMAIL else "",
            template_data=whole,
            channel=channel,
            request_headers=dict(occasion.headers),
            created_at=now,
            updated_at=now,
        )

    def _data(self, name: Name, to: str, data: Json, occasion: Occasion, kind: MessageType) -> dict[str, Any]:
        known = TYPES[name].data
        whole = {"to": to, **data}
        whole |= {key: value for key, value in occasion.data().items() if key in known}
        if occasion.oauth2_login_request and "oauth2_login_request" in known:
            whole["oauth2_login_request"] = dict(occasion.oauth2_login_request)
        if kind == SMS and "request_url" in known:
            whole["request_url_domain"] = occasion.domain
        return whole

"""What a form asks a key to sign: bound to the flow, good for ten minutes, and for one answer."""

import base64
import binascii
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from identity_server import times
from identity_server.flows.model import Flow
from identity_server.services import Services
from identity_server.times import Timestamp

#: Longer than a dialogue takes, shorter than somebody needs who wants to use a leaked form.
LIFESPAN: Final = timedelta(minutes=10)
#: WebAuthn §13.4.3 asks for at least 16.
_BYTES: Final = 32


@dataclass(frozen=True)
class Challenge:
    """A challenge, and for whom.

    Attributes:
        user: the user handle that a new key is made for; empty when an existing key is to answer.
    """

    value: bytes = field(repr=False)
    expires_at: Timestamp
    user: bytes = b""

    def is_expired(self, now: Timestamp) -> bool:
        """Whether its time is over."""
        return self.expires_at <= now


def begin(flow: Flow, method: str, now: Timestamp, user: bytes = b"") -> Challenge:
    """A new challenge in the place of the flow's last one."""
    challenge = Challenge(secrets.token_bytes(_BYTES), times.after(now, LIFESPAN), user)
    flow.internal[method] = {
        "challenge": encoded(challenge.value),
        "expires_at": challenge.expires_at,
        "user": encoded(user),
    }
    return challenge


def pending(flow: Flow, method: str) -> Challenge | None:
    """The flow's challenge, expired or not; None when it asks for no key."""
    kept = flow.internal.get(method)
    if not kept:
        return None
    return Challenge(decoded(kept["challenge"]), kept["expires_at"], decoded(kept["user"]))


def pending_or_new(flow: Flow, method: str, now: Timestamp, user: bytes) -> Challenge:
    """The flow's challenge while it is good, so that a form shown again can still be answered; else a new one."""
    known = pending(flow, method)
    if known is None:
        return begin(flow, method, now, user)
    return begin(flow, method, now, known.user) if known.is_expired(now) else known


async def spend(services: Services, challenge: Challenge) -> bool:
    """Whether nobody has answered it before, in whatever copy of the form."""
    return await services.once.spend(challenge.value, challenge.expires_at)


def encoded(octets: bytes) -> str:
    """Bytes as browsers and keys write them: base64url without padding."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """The bytes behind the text; padding may be there or not.

    Raises:
        ValueError: when it is none, or not spelled as ``encoded`` would: no two texts stand for the same bytes.
    """
    bare = text.rstrip("=")
    try:
        octets = base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("not base64url") from error
    if encoded(octets) != bare:
        raise ValueError("not base64url")
    return octets

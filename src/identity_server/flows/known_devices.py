"""Devices that a person signed in on before, so that a stranger's guesses do not lock them out there.

A mark in a cookie names the account, the password that it had and, once a second factor was completed there, the second
factors that it had: with a new password no mark that somebody may have got by the old one is worth anything. Marks are
free to whoever can sign in, so the devices of an account share a fixed number of counters.
"""

import hashlib
from dataclasses import dataclass

from identity_server import randomness
from identity_server.ciphers.errors import BadToken
from identity_server.ciphers.signing import seal, unseal
from identity_server.flows import protection, session_access
from identity_server.flows.answer import Cookie
from identity_server.flows.caller import Caller
from identity_server.identity.model import Identity
from identity_server.methods.interface import StepContext
from identity_server.services import Services
from identity_server.session.model import AAL1, AAL2

COOKIE = "kratos_known_device"
SECONDS = 365 * 24 * 3600
#: With ten free attempts each and ten of strangers, sixty guesses at a password are looked at before all have to wait.
COUNTERS = 5
_PURPOSE = "known-device"
#: What is guessed as a second factor; keys and mailed codes are not kept in an account's secrets.
_GUESSABLE = ("totp", "lookup_secret")


@dataclass(frozen=True)
class _Mark:
    """What a cookie holds.

    Attributes:
        counter: which of the account's counters the device has.
        password: what the account's password was.
        factors: what its second factors were; empty when none was completed on the device.
    """

    owner: str
    counter: str
    password: str
    factors: str = ""

    def is_good(self, identity: Identity, level: str) -> bool:
        """Whether it stands for a device on which this level was reached, with the credentials of today."""
        if (self.owner, self.password) != (identity.id, _password(identity)):
            return False
        return level == AAL1 or self.factors == _factors(identity)


async def budget(context: StepContext, identity_id: str | None) -> str:
    """For whom a typed code counts: nothing for strangers, else all known devices of the account and level together.

    One budget for all of them, since a code is short: each further one would make a guess as much likelier.
    """
    mark = _brought(context.caller, context.services)
    if mark is None or identity_id is None or mark.owner != identity_id:
        return ""
    identity = await context.services.identities.by_id(identity_id)
    level = AAL2 if context.flow.requested_aal == AAL2 else AAL1
    return f"\nknown:{level}" if identity is not None and mark.is_good(identity, level) else ""


def counter(caller: Caller, identity: Identity | None, services: Services, level: str) -> str:
    """The counter of a device on which somebody reached a level; nothing for a device that is unknown."""
    mark = _brought(caller, services)
    if mark is None or identity is None or not mark.is_good(identity, level):
        return ""
    return "\n".join((mark.counter, mark.password, mark.factors if level == AAL2 else ""))


def cookies(context: StepContext, identity: Identity, level: str) -> list[Cookie]:
    """The cookie that makes this browser a known device of a level, unless it is one."""
    services = context.services
    if not protection.is_on(services.configuration) or counter(context.caller, identity, services, level):
        return []
    factors = _factors(identity) if level == AAL2 else ""
    mark = _Mark(identity.id, str(randomness.below(COUNTERS)), _password(identity), factors)
    payload = "\n".join((mark.owner, mark.counter, mark.password, mark.factors)).encode()
    sealed = seal(_PURPOSE, payload, services.cookie_keys)
    return [Cookie(COOKIE, sealed, SECONDS, **session_access.cookie_attributes(services))]


def _brought(caller: Caller, services: Services) -> _Mark | None:
    sealed = caller.cookies.get(COOKIE, "")
    if not sealed:
        return None
    try:
        parts = unseal(_PURPOSE, sealed, services.cookie_keys, SECONDS).decode().split("\n")
    except (BadToken, UnicodeDecodeError):
        return None
    return _Mark(*parts) if len(parts) == 4 else None  # an earlier release wrote fewer


def _password(identity: Identity) -> str:
    held = identity.credential("password")
    return _digest(str(held.config.get("hashed_password") or "") if held else "")


def _factors(identity: Identity) -> str:
    held = ((kind, identity.credential(kind)) for kind in _GUESSABLE)
    return _digest("\n".join(f"{kind} {each.created_at}" for kind, each in held if each is not None))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]

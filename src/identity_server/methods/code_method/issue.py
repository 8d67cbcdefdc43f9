"""Making one-time codes, and telling whether one was typed."""

from dataclasses import replace
from datetime import timedelta

from identity_server import randomness, times
from identity_server.ciphers.signing import is_signed, sign
from identity_server.flows.model import Flow
from identity_server.flows.one_time import StoredCode
from identity_server.identity.model import Address
from identity_server.services import Services

PURPOSE = "code"
DIGITS = 6
LIFESPAN = "selfservice.methods.code.config.lifespan"


def digest(services: Services, flow_id: str, code: str) -> str:
    """What is stored of a code. The flow goes into it, so that a code is worth nothing in another."""
    return sign(PURPOSE, f"{flow_id}:{code}", services.cookie_keys)


def matches(services: Services, stored: StoredCode, code: str) -> bool:
    """Whether a stored code is this one, in constant time, also when it was made before the secrets rotated."""
    return is_signed(PURPOSE, f"{stored.flow_id}:{code}", stored.code_hash, services.cookie_keys)


def new_code(
    services: Services,
    flow: Flow,
    *,
    identity_id: str | None,
    address: Address | None = None,
    lifespan: timedelta | None = None,
) -> tuple[str, StoredCode]:
    """A code for a flow, and what is to be stored of it.

    Args:
        identity_id: whose code it is.
        address: where it is sent; None when nobody sends it.
        lifespan: how long it counts; as configured when not given.
    """
    code = randomness.numeric_code(DIGITS)
    stored = _stored(services, flow, code, lifespan, address.value if address else "", address.via if address else "")
    stored = replace(stored, identity_id=identity_id, address_id=address.id if address else None)
    return code, stored


def decoy(services: Services, flow: Flow, address: str, via: str) -> tuple[str, StoredCode]:
    """A code for an address that nobody has: what is stored is that of no code, so nobody can type it."""
    secret = randomness.token()
    return randomness.numeric_code(DIGITS), _stored(services, flow, secret, None, address, via)


def _stored(
    services: Services, flow: Flow, secret: str, lifespan: timedelta | None, address: str, via: str
) -> StoredCode:
    now = services.now()
    return StoredCode(
        id=randomness.new_id(),
        kind=flow.kind,
        flow_id=flow.id,
        code_hash=digest(services, flow.id, secret),
        address=address,
        via=via,
        identity_id=None,
        address_id=None,
        issued_at=now,
        expires_at=times.after(now, lifespan or services.configuration.span(LIFESPAN)),
    )

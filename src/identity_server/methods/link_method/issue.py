"""Making links with a token, and finding the token of one again."""

import hashlib
from datetime import timedelta

from identity_server import randomness, times
from identity_server.flows import mailing
from identity_server.flows.model import Flow
from identity_server.flows.one_time import StoredToken
from identity_server.identity.model import Address
from identity_server.services import Services

LIFESPAN = "selfservice.methods.link.config.lifespan"


def token_hash(token: str) -> str:
    """What is stored of a token, and looked up."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def new_token(
    services: Services,
    flow: Flow,
    *,
    identity_id: str | None,
    address: Address | None = None,
    lifespan: timedelta | None = None,
) -> tuple[str, StoredToken]:
    """A token for a flow, and what is to be stored of it.

    Args:
        identity_id: whom the link lets in; None for a token that lets nobody in.
        address: where it is sent; None when nobody sends it.
        lifespan: how long it counts; as configured when not given.
    """
    token = randomness.token()
    now = services.now()
    stored = StoredToken(
        id=randomness.new_id(),
        kind=flow.kind,
        token_hash=token_hash(token),
        flow_id=flow.id,
        identity_id=identity_id,
        address_id=address.id if address else None,
        address=address.value if address else None,
        issued_at=now,
        expires_at=times.after(now, lifespan or services.configuration.span(LIFESPAN)),
    )
    return token, stored


def link(services: Services, flow: Flow, token: str) -> str:
    """The address that uses a token."""
    return mailing.url(services, flow, token=token)

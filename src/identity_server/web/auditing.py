"""Begins and ends the audit trail of a request."""

from starlette.requests import Request

from identity_server import randomness
from identity_server.audit import trail
from identity_server.audit.record import Origin
from identity_server.audit.trail import Trail
from identity_server.errors import ApiError
from identity_server.services import Services
from identity_server.web.requests import believed_headers, client_address

#: Callers choose these texts; longer ones would only fill the trail.
MOST_AGENT, MOST_REQUEST_ID = 512, 128


def begin(request: Request, services: Services, api: str) -> Trail | None:
    """The trail of a request; None while none is kept."""
    if services.recorder is None:
        return None
    headers = believed_headers(request, services.configuration.texts("serve.public.trusted_proxies"))
    peer = request.client.host if request.client else ""
    origin = Origin(
        api=api,
        ip=client_address(headers, peer) or peer,
        user_agent=headers.get("user-agent", "")[:MOST_AGENT],
        request_id=headers.get("x-request-id", "")[:MOST_REQUEST_ID] or randomness.new_id(),
    )
    begun = Trail(origin, services.clock)
    trail.follow(begun)
    return begun


async def end(begun: Trail | None, services: Services) -> None:
    """Keeps what was refused."""
    if begun is None:
        return
    trail.follow(None)
    if services.recorder is not None:
        await services.recorder.finish(begun)


def note(error: ApiError) -> None:
    """Notes why a submission was refused; an error's text may repeat what was sent, its status and id do not."""
    trail.refused([f"{error.status} {error.id}".strip()])

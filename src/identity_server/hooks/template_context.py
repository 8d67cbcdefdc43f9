"""What the template of a web hook's body sees as ``ctx``."""

from typing import Any

from identity_server.flows import session_access
from identity_server.identity import document
from identity_server.identity.model import Identity
from identity_server.methods.interface import StepContext
from identity_server.services import Services
from identity_server.session.model import Session

ALLOWED = "clients.web_hook.header_allowlist"


def template_context(
    context: StepContext, identity: Identity | None = None, session: Session | None = None
) -> dict[str, Any]:
    """The values; they do not change when the flow goes on.

    Args:
        identity: shown without credentials and without what only administrators see.
        session: shown with its identity, without its secret.
    """
    services, caller = context.services, context.caller
    shown: dict[str, Any] = {
        "flow": context.flow.to_json(),
        "request_headers": request_headers(services, caller.headers),
        "request_method": caller.method,
        "request_url": caller.url,
        "request_cookies": dict(caller.cookies),
    }
    if identity is not None:
        shown["identity"] = document.public_json(identity, services.public_url)
    if session is not None:
        shown["session"] = session_access.session_json(session, services, identity)
    return shown


def request_headers(services: Services, headers: Any) -> dict[str, list[str]]:
    """The headers that the configuration lets others see, under their customary names."""
    allowed = {name.lower() for name in services.configuration.texts(ALLOWED)}
    return {_customary(name): [value] for name, value in headers.items() if name.lower() in allowed}


def _customary(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-"))

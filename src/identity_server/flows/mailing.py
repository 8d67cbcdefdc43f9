"""What a flow gives along with a message to a person."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from identity_server.courier.outbox import Occasion
from identity_server.flows.model import Flow, Kind
from identity_server.identity import document
from identity_server.identity.model import Identity
from identity_server.methods.interface import StepContext
from identity_server.randomness import new_id
from identity_server.services import Services


def occasion(context: StepContext, *, bound: bool = False) -> Occasion:
    """The request that causes a message, as templates and HTTP channels see it.

    Args:
        bound: whether an SMS names the site even when an app asked for it.
    """
    flow, caller = context.flow, context.caller
    allowed = {name.lower() for name in context.services.configuration.texts("clients.web_hook.header_allowlist")}
    shown = {_canonical(name): [value] for name, value in caller.headers.items() if name in allowed}
    return Occasion(
        request_url=flow.request_url,
        transient_payload=flow.transient_payload or {},
        headers=shown,
        browser=bound or not flow.is_native,
        oauth2_login_request=flow.oauth2_login_request,
    )


def _canonical(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-"))


def who(services: Services, identity: Identity | None, address: str) -> dict[str, Any]:
    """A person as templates see them; for an address that nobody has somebody made up, whose message nobody gets."""
    if identity is None:
        return {"id": new_id(), "traits": {"email": address}, "schema_id": services.schemas.default_id}
    return document.public_json(identity, services.public_url)


def minutes(span: timedelta) -> int:
    """A lifespan as messages tell it."""
    return int(span.total_seconds() // 60)


def url(services: Services, flow: Flow, **secret: str) -> str:
    """The address in a mail that goes on with a flow; ``methods.link.config.base_url`` moves it to another host."""
    return url_of(services, flow.kind, flow=flow.id, **secret)


def url_of(services: Services, kind: Kind, **query: str) -> str:
    """The same by its parts."""
    base = services.configuration.text("selfservice.methods.link.config.base_url") or services.public_url
    return f"{base.rstrip('/')}/self-service/{kind}?{urlencode(sorted(query.items()))}"

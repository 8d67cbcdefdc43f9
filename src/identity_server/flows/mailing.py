"""What a flow gives along with a message to a person."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from identity_server.courier.outbox import Occasion
from identity_server.flows import host_patterns
from identity_server.flows.model import KINDS, Flow, Kind
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
        domain=site(context.services, flow.request_url) if bound or not flow.is_native else "",
        oauth2_login_request=flow.oauth2_login_request,
    )


def site(services: Services, called: str) -> str:
    """The host that an address was called on, as far as the configuration knows it as ours, else that of the base URL.

    Clients choose the host that they name; telephones fill a code in on the site that its message names.
    """
    own, host = _host(services.public_url), _host(called)
    return host if host and any(host_patterns.matches(known, host) for known in _hosts(services)) else own


def _hosts(services: Services) -> Iterator[str]:
    configuration = services.configuration
    yield _host(services.public_url)
    yield _host(configuration.text("selfservice.default_browser_return_url") or "")
    for page in (f"selfservice.flows.{kind}.ui_url" for kind in KINDS):
        if configuration.configured(page):
            yield _host(configuration.text(page) or "")
    for url in configuration.texts("selfservice.allowed_return_urls"):
        yield _host(url)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


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

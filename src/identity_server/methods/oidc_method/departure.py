"""Sends a browser to a provider, and keeps what it will need when it comes back."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from identity_server.errors import bad_request
from identity_server.flows.answer import Cookie
from identity_server.flows.continuity import Continuity
from identity_server.methods.interface import Form, Redirect, StepContext
from identity_server.methods.oidc_method import state_token, upstream
from identity_server.methods.oidc_method.provider_set import ProviderSet
from identity_server.methods.oidc_method.providers.provider import Journey, Provider
from identity_server.methods.oidc_method.state_token import State

#: The interrupted sign-in of a browser, in its continuity cookie.
NAME: Final = "oidc"
LIFESPAN: Final = timedelta(minutes=30)


async def depart(
    context: StepContext, form: Form, providers: ProviderSet, provider: Provider, traits: Any = None
) -> Redirect:
    """The way to a provider.

    Args:
        traits: what the person typed so far.

    Raises:
        ApiError: 400 when a parameter for the provider is none, 502 when the provider cannot be reached.
    """
    flow, keys = context.flow, context.services.default_keys
    draft = Journey(providers.redirect_uri(provider), refresh=flow.refresh, upstream=upstream.parameters(form))
    ready = await provider.prepare(draft)
    state = State(flow.id, flow.kind, provider.settings.id, ready.verifier, ready.nonce)
    journey = replace(ready, state=state_token.write(state, keys))
    url = await provider.authorization_url(journey)
    return Redirect(url, (await _kept(context, form, journey.state, traits),))


async def _kept(context: StepContext, form: Form, state: str, traits: Any) -> Cookie:
    payload = {
        "flow": context.flow.id,
        "state": state,
        "traits": traits,
        "transient_payload": form.get("transient_payload"),
    }
    continuity = Continuity(context.services)
    owner = context.flow.identity_id or None
    cookie = await continuity.pause(NAME, payload, context.caller, identity_id=owner, lifespan=LIFESPAN)
    if cookie is None:
        raise bad_request("The traits and the transient_payload are too large to be kept during the sign-in.")
    return cookie

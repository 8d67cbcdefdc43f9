"""Where providers send browsers back to."""

from typing import Final
from urllib.parse import unquote, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from identity_server.flows import forms
from identity_server.flows.answer import Answer
from identity_server.flows.caller import Caller
from identity_server.flows.selfservice import SelfService
from identity_server.web import requests, responses
from identity_server.web.dispatch import Route
from identity_server.web.routes_selfservice import SelfServiceRoutes
from identity_server.web.runtime import Runtime

_BASE: Final = "/self-service/methods/oidc/callback"
#: Where bridges to SAML are configured to send browsers.
_SAML: Final = "/self-service/methods/saml/callback/{provider}"
#: What providers send in a form; nothing else is carried into the address.
_CARRIED: Final = ("code", "state", "error", "error_description", "iss", "user", "authCode", "id_token")


class OidcRoutes:
    """The callbacks.

    Args:
        flows: whose error handling they share.
    """

    def __init__(self, runtime: Runtime, flows: SelfServiceRoutes) -> None:
        self._runtime = runtime
        self._flows = flows

    def routes(self) -> list[Route]:
        """One address a provider, and one that all share."""
        arrive = self._flows.page(self._arrive)
        return [
            Route("GET", f"{_BASE}/{{provider}}", arrive),
            Route("POST", f"{_BASE}/{{provider}}", self._hop),
            Route("GET", _SAML, arrive),
            Route("GET", _BASE, arrive),
            Route("POST", _BASE, self._hop),
        ]

    @staticmethod
    async def _arrive(flows: SelfService, caller: Caller) -> Answer:
        last = unquote(urlsplit(caller.url).path.rstrip("/").rpartition("/")[2])
        return await flows.oidc.arrive(caller, "" if last == "callback" else last)

    async def _hop(self, request: Request) -> Response:
        """A form from another site comes without our cookies (SameSite=Lax); coming back by GET brings them."""
        caller = await requests.caller_of(request, self._runtime.services)
        try:
            sent = forms.read(caller)
        except forms.UnreadableForm:
            sent = {}
        carried = {name: value for name in _CARRIED if (value := forms.text_of(sent, name))}
        path = request.scope["raw_path"].decode("latin-1").partition("?")[0]
        return responses.see(f"{path}?{urlencode(carried)}", 302, page=False)

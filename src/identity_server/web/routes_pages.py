"""Public routes of our own pages, below ``/ui``."""

from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from identity_server.errors import ApiError, bad_request, not_found
from identity_server.flows import csrf, forms, session_access
from identity_server.flows.caller import Caller
from identity_server.flows.engine import with_query
from identity_server.flows.model import KINDS, Flow, Kind
from identity_server.identity.model import Identity
from identity_server.pages import form, rendering
from identity_server.pages.brand import Brand, brand_of
from identity_server.pages.devices import described, host_of
from identity_server.pages.texts import Words
from identity_server.session.model import Session
from identity_server.web import requests, responses
from identity_server.web.dispatch import Handler, Route
from identity_server.web.runtime import Runtime

Link = dict[str, str]
_SHOWN_SESSIONS = 50
#: Credentials whose identifiers are names that people know.
_NAMING = ("password", "code", "webauthn")


class PageRoutes:
    """A page for every flow, for errors, and a home for who is signed in."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def routes(self) -> list[Route]:
        """The routes."""
        return [
            *(Route("GET", f"/ui/{kind}", self._flow(kind)) for kind in KINDS),
            Route("GET", "/ui/error", self.error),
            Route("GET", "/ui", self.home),
            Route("GET", "/ui/", self.home),
            Route("POST", "/ui/sessions/revoke", self.revoke),
            Route("GET", "/ui/assets/brand.css", self.brand),
            Route("GET", "/ui/assets/{name}", self.asset),
        ]

    @property
    def _base(self) -> str:
        return self._runtime.services.public_url

    def _brand(self) -> Brand:
        return brand_of(self._runtime.services.configuration)

    async def _caller(self, request: Request) -> Caller:
        caller = await requests.caller_of(request, self._runtime.services)
        caller.csrf_secret = request.state.csrf_secret
        return caller

    def _words(self) -> Words:
        return self._brand().words

    def _page(self, template: str, status: int = 200, **values: Any) -> Response:
        brand = self._brand()
        html = rendering.page(template, brand, base=self._base, **values)
        return Response(html, status, rendering.headers(brand), media_type="text/html; charset=utf-8")

    def _start(self, kind: str, **parameters: str) -> str:
        query = f"?{urlencode(parameters)}" if parameters else ""
        return f"{self._base}self-service/{kind}/browser{query}"

    def _link(self, key: str, href: str) -> Link:
        return {"text": self._words()(f"link.{key}"), "href": href}

    # -- flows -----------------------------------------------------------------

    def _flow(self, kind: Kind) -> Handler:
        async def show(request: Request) -> Response:
            caller = await self._caller(request)
            flow_id = caller.parameter("flow")
            if not flow_id:
                return responses.see(await self._beginning(kind, caller), 303)
            caller.query = {"id": [flow_id]}
            try:
                flow = await self._runtime.selfservice.page(kind, caller)
            except ApiError as error:
                return responses.see(self._elsewhere(error, kind, flow_id), 303)
            return self._page(
                "flow",
                title=self._words()(_title(flow)),
                flow=flow,
                parts=form.parts(flow),
                scripts=form.scripts(flow),
                links=await self._links(flow, caller),
            )

        return show

    def _elsewhere(self, error: ApiError, kind: Kind, flow_id: str) -> str:
        """Where somebody goes who may not see a flow: to sign in, to a second factor, or to a flow of their own.

        Raises:
            ApiError: the error, when it is about none of these.
        """
        if error.status == 401:
            return self._start("login", return_to=with_query(f"{self._base}ui/{kind}", flow=flow_id))
        if "redirect_browser_to" in error.extra:
            return str(error.extra["redirect_browser_to"])
        if error.status in (400, 403, 404, 410):
            return self._start(kind)
        raise error

    async def _beginning(self, kind: Kind, caller: Caller) -> str:
        """Where a page without a flow begins; strangers sign in before they come to the settings."""
        if kind == "settings" and await session_access.active_row(caller, self._runtime.services) is None:
            return self._start("login", return_to=f"{self._base}ui/settings")
        return self._start(kind)

    async def _links(self, flow: Flow, caller: Caller) -> list[Link]:
        configuration = self._runtime.services.configuration
        home = [self._link("home", f"{self._base}ui/")]
        if flow.kind == "settings":
            return home
        if flow.kind == "verification" and await session_access.active_row(caller, self._runtime.services):
            return home
        passed = {"return_to": flow.return_to} if flow.return_to else {}
        if flow.oauth2_login_challenge:
            passed["login_challenge"] = flow.oauth2_login_challenge
        if flow.kind != "login":
            return [self._link("login", self._start("login", **passed))]
        if flow.requested_aal == "aal2":
            return [self._link("logout", await self._logout(caller))]
        if flow.refresh:
            return home
        links: list[Link] = []
        if configuration.flag("selfservice.flows.registration.enabled"):
            links.append(self._link("registration", self._start("registration", **passed)))
        if configuration.flag("selfservice.flows.recovery.enabled"):
            links.append(self._link("recovery", self._start("recovery")))
        return links

    async def _logout(self, caller: Caller) -> str:
        """Where somebody gets out; home when nobody is signed in any more."""
        try:
            return str((await self._runtime.selfservice.logout.link(caller)).json["logout_url"])
        except ApiError:
            return f"{self._base}ui/"

    async def error(self, request: Request) -> Response:
        """What went wrong, in words."""
        services = self._runtime.services
        found = await services.errors.see(request.query_params.get("id", ""), services.now())
        error: dict[str, Any] = found[0] if found else ApiError(404, "There is no such error.").body()["error"]
        shown = {name: error.get(name, "") for name in ("reason", "message", "code", "id")}
        links = [self._link("again", self._start("login"))]
        title = self._words()("error.title")
        return self._page("error", 200 if found else 404, title=title, error=shown, links=links)

    # -- home ------------------------------------------------------------------

    async def home(self, request: Request) -> Response:
        """Who is signed in, where else, and what they can do about it."""
        services = self._runtime.services
        caller = await self._caller(request)
        row = await session_access.active_row(caller, services)
        if row is None:
            return responses.see(self._start("login", return_to=f"{self._base}ui/"), 303)
        if (onward := self._step_up(row)) is not None:
            return onward
        session = session_access.session_of(row)
        identity = await services.identities.by_id(session.identity_id)
        if identity is None:
            return responses.see(self._start("login"), 303)
        words = self._words()
        links = [
            self._link("settings", self._start("settings")),
            self._link("logout", await self._logout(caller)),
        ]
        return self._page(
            "home",
            title=words("home.title"),
            name=_name(identity),
            methods=list(dict.fromkeys(words.method(proof.method) for proof in session.methods)),
            level=session.aal.upper(),
            sessions=[_shown(other, words) for other in await self._others(session)],
            csrf_token=csrf.masked(caller.csrf_secret),
            links=links,
        )

    def _step_up(self, row: Any) -> Response | None:
        """Sends whoever has not given a second factor to do so: a password alone neither shows nor ends sessions."""
        try:
            session_access.check_level(row, self._runtime.services)
        except ApiError:
            return responses.see(self._start("login", aal="aal2", return_to=f"{self._base}ui/"), 303, page=False)
        return None

    async def _others(self, session: Session) -> list[Session]:
        services = self._runtime.services
        rows, _ = await services.sessions.page_of(
            session.identity_id, active=True, limit=_SHOWN_SESSIONS, offset=0, now=services.now()
        )
        return [other for row in rows if (other := session_access.session_of(row)).id != session.id]

    async def revoke(self, request: Request) -> Response:
        """Ends one other session of the person, or all others."""
        services = self._runtime.services
        caller = await self._caller(request)
        try:
            fields = forms.read(caller)
        except forms.UnreadableForm as error:
            raise bad_request(str(error)) from None
        if not csrf.matches(caller.csrf_secret, forms.text_of(fields, "csrf_token")):
            raise csrf.violation(caller, secret=caller.csrf_secret)
        row = await session_access.active_row(caller, services)
        if row is None:
            raise session_access.unauthorized()
        if (onward := self._step_up(row)) is not None:
            return onward
        session = session_access.session_of(row)
        wanted = forms.text_of(fields, "session")
        if wanted == "others":
            await services.sessions.deactivate_others(session.identity_id, session.id, services.now())
        elif wanted in {other.id for other in await self._others(session)}:
            await services.sessions.deactivate(wanted, services.now())
        else:
            raise not_found("There is no such session of yours.")
        return responses.see(f"{self._base}ui/", 303, page=False)

    # -- assets ----------------------------------------------------------------

    async def asset(self, request: Request) -> Response:
        """A file of the pages."""
        name = request.path_params["name"]
        try:
            return Response(rendering.asset(name), media_type=rendering.ASSETS[name])
        except KeyError:
            raise not_found() from None

    async def brand(self, request: Request) -> Response:
        """The operator's colours."""
        del request
        return Response(self._brand().style(), media_type="text/css; charset=utf-8")


def _title(flow: Flow) -> str:
    if flow.kind == "login" and flow.requested_aal == "aal2":
        return "login.aal2"
    if flow.kind == "login" and flow.refresh:
        return "login.refresh"
    return f"{flow.kind}.title"


def _name(identity: Identity) -> str:
    """What the account is known by: what its owner signs in with, an address, or its id."""
    known = [name for kind in _NAMING if (found := identity.credential(kind)) for name in found.identifiers]
    addresses = [address.value for address in identity.verifiable_addresses]
    return next(iter([*known, *addresses]), identity.id)


def _shown(session: Session, words: Words) -> dict[str, str]:
    device = session.devices[0] if session.devices else None
    return {
        "id": session.id,
        "since": session.authenticated_at,
        "shown": f"{session.authenticated_at[:16].replace('T', ' ')} UTC",
        "device": described(device.user_agent, words("home.browser_on")) if device else "",
        "address": host_of(device.ip_address) if device else "",
    }

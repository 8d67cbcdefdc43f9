"""Public routes of our own pages, below ``/ui``."""

from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from identity_server.errors import ApiError, not_found
from identity_server.flows import csrf, forms, session_access
from identity_server.flows.caller import Caller
from identity_server.flows.model import KINDS, Flow, Kind
from identity_server.pages import form, rendering
from identity_server.pages.brand import Brand, brand_of
from identity_server.pages.texts import words
from identity_server.session.model import Session
from identity_server.web import requests, responses
from identity_server.web.dispatch import Handler, Route
from identity_server.web.runtime import Runtime

Link = dict[str, str]
_SHOWN_SESSIONS = 50


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

    def _page(self, template: str, status: int = 200, **values: Any) -> Response:
        brand = self._brand()
        html = rendering.page(template, brand, base=self._base, **values)
        return Response(html, status, rendering.headers(brand), media_type="text/html; charset=utf-8")

    def _start(self, kind: str, **parameters: str) -> str:
        query = f"?{urlencode(parameters)}" if parameters else ""
        return f"{self._base}self-service/{kind}/browser{query}"

    # -- flows -----------------------------------------------------------------

    def _flow(self, kind: Kind) -> Handler:
        async def show(request: Request) -> Response:
            caller = await self._caller(request)
            flow_id = caller.parameter("flow")
            if not flow_id:
                return responses.see(self._start(kind), 303)
            caller.query = {"id": [flow_id]}
            try:
                flow = await self._runtime.selfservice.engine.fetch(kind, caller)
            except ApiError as error:
                if error.status in (403, 404, 410):
                    return responses.see(self._start(kind), 303)
                raise
            return self._page(
                "flow", title=_title(flow), flow=flow, parts=form.parts(flow), links=self._links(flow, caller)
            )

        return show

    def _links(self, flow: Flow, caller: Caller) -> list[Link]:
        configuration = self._runtime.services.configuration
        home = _link("home", f"{self._base}ui/")
        if flow.kind == "settings":
            return [home]
        passed = {"return_to": flow.return_to} if flow.return_to else {}
        if flow.oauth2_login_challenge:
            passed["login_challenge"] = flow.oauth2_login_challenge
        links = []
        if flow.kind != "login":
            links.append(_link("login", self._start("login", **passed)))
        if flow.kind == "login" and (flow.refresh or flow.requested_aal == "aal2"):
            return [home]
        if flow.kind == "login" and configuration.flag("selfservice.flows.registration.enabled"):
            links.append(_link("registration", self._start("registration", **passed)))
        if flow.kind == "login" and configuration.flag("selfservice.flows.recovery.enabled"):
            links.append(_link("recovery", self._start("recovery")))
        del caller
        return links

    async def error(self, request: Request) -> Response:
        """What went wrong, in words."""
        services = self._runtime.services
        found = await services.errors.see(request.query_params.get("id", ""), services.now())
        error: dict[str, Any] = found[0] if found else ApiError(404, "There is no such error.").body()["error"]
        shown = {name: error.get(name, "") for name in ("reason", "message", "code", "id")}
        links = [_link("again", self._start("login"))]
        return self._page("error", 200 if found else 404, title=words("error.title"), error=shown, links=links)

    # -- home ------------------------------------------------------------------

    async def home(self, request: Request) -> Response:
        """Who is signed in, where else, and what they can do about it."""
        services = self._runtime.services
        caller = await self._caller(request)
        row = await session_access.active_row(caller, services)
        if row is None:
            return responses.see(self._start("login", return_to=f"{self._base}ui/"), 303)
        session = session_access.session_of(row)
        identity = await services.identities.by_id(session.identity_id)
        if identity is None:
            return responses.see(self._start("login"), 303)
        required = services.configuration.text("session.whoami.required_aal") or ""
        if not session_access.level_is_enough(required, session.aal, identity.available_aal):
            return responses.see(self._start("login", aal="aal2", return_to=f"{self._base}ui/"), 303)
        logout = await self._runtime.selfservice.logout.link(caller)
        links = [_link("settings", self._start("settings")), _link("logout", logout.json["logout_url"])]
        password = identity.credential("password")
        return self._page(
            "home",
            title=words("home.title"),
            name=password.identifiers[0] if password and password.identifiers else identity.id,
            methods=list(dict.fromkeys(proof.method for proof in session.methods)),
            level=session.aal,
            sessions=await self._others(session),
            csrf_token=csrf.masked(caller.csrf_secret),
            links=links,
        )

    async def _others(self, session: Session) -> list[dict[str, str]]:
        services = self._runtime.services
        rows, _ = await services.sessions.page_of(
            session.identity_id, active=True, limit=_SHOWN_SESSIONS, offset=0, now=services.now()
        )
        others = [session_access.session_of(row) for row in rows]
        return [
            {
                "id": other.id,
                "since": other.authenticated_at[:16].replace("T", " "),
                "agent": other.devices[0].user_agent if other.devices else "",
                "address": other.devices[0].ip_address if other.devices else "",
            }
            for other in others
            if other.id != session.id
        ]

    async def revoke(self, request: Request) -> Response:
        """Ends one other session of the person, or all others."""
        services = self._runtime.services
        caller = await self._caller(request)
        fields = forms.read(caller)
        if not csrf.matches(caller.csrf_secret, forms.text_of(fields, "csrf_token")):
            raise csrf.violation(caller, secret=caller.csrf_secret)
        session = await session_access.active_session(caller, services)
        if session is None:
            raise session_access.unauthorized()
        wanted = forms.text_of(fields, "session")
        if wanted == "others":
            await services.sessions.deactivate_others(session.identity_id, session.id, services.now())
        elif wanted in {other["id"] for other in await self._others(session)}:
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


def _link(key: str, href: str) -> Link:
    return {"text": words(f"link.{key}"), "href": href}


def _title(flow: Flow) -> str:
    if flow.kind == "login" and flow.refresh:
        return words("login.refresh")
    if flow.kind == "login" and flow.requested_aal == "aal2":
        return words("login.aal2")
    return words(f"{flow.kind}.title")

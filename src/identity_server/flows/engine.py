"""The one engine behind every flow: start, fetch, submit, and the loop over methods."""

import contextlib
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from identity_server import randomness, times
from identity_server.audit import trail
from identity_server.ciphers.comparison import compare
from identity_server.errors import ApiError, bad_request, not_found
from identity_server.flows import csrf, forms, refusals, return_to
from identity_server.flows.answer import Answer, Cookie, failed, redirect
from identity_server.flows.caller import Caller
from identity_server.flows.guards import FromBrowser, check_native
from identity_server.flows.model import BROWSER, NATIVE, Flow, Kind, new_flow
from identity_server.messages import errors as error_messages
from identity_server.methods.interface import (
    TAKES_PART,
    Form,
    Method,
    NotMine,
    Outcome,
    Screen,
    Stay,
    Step,
    StepContext,
)
from identity_server.services import Services
from identity_server.storage.flows import StaleFlow


class Engine:
    """What all kinds of flows share.

    Args:
        services: the parts of the server.
        rooms: the methods in the order in which they are asked.
    """

    def __init__(self, services: Services, rooms: Sequence[Method]) -> None:
        self.services = services
        self.rooms = list(rooms)

    def steps(self, kind: Kind) -> list[tuple[Method, Step]]:
        """The methods that take part in a kind of flow, with their steps."""
        found: list[tuple[Method, Step]] = []
        closed = kind == "registration" and not self.anybody_signs_up
        for room in self.rooms:
            # A flow that a provider began to sign somebody up must not let another method end it.
            if closed and room.id != "oidc":
                continue
            step = room.steps(self.services).get(kind)
            if step is not None:
                found.append((room, step))
        return found

    @property
    def anybody_signs_up(self) -> bool:
        """Whether registration is switched on, whatever the method."""
        return self.services.configuration.flag("selfservice.flows.registration.enabled")

    # -- addresses -------------------------------------------------------------

    def ui_url(self, kind: str) -> str:
        """The page that shows a kind of flow: the configured one, else our own."""
        configured = self.services.configuration
        if configured.configured(f"selfservice.flows.{kind}.ui_url"):
            return configured.text(f"selfservice.flows.{kind}.ui_url") or ""
        return f"{self.services.public_url}ui/{kind}"

    def page_of(self, flow: Flow) -> str:
        """The page of one flow."""
        return with_query(self.ui_url(flow.kind), flow=flow.id)

    def return_url(self, requested: str, kind: str = "", method: str = "", *, default: str = "") -> str:
        """Where a browser goes at the end.

        Args:
            kind: the flow that ends; without one, only the common default counts.
            default: where it goes when nothing is requested and the configuration names nothing for the kind.

        Raises:
            ApiError: when the requested address is not on the list.
        """
        configured = self.services.configuration
        common = configured.text("selfservice.default_browser_return_url") or ""
        if requested:
            allowed = configured.texts("selfservice.allowed_return_urls")
            return return_to.resolve(requested, base=common, allowed=[*allowed, self.services.public_url])
        keys = [f"selfservice.flows.{kind}.after.default_browser_return_url"]
        if method:
            keys.insert(0, f"selfservice.flows.{kind}.after.{method}.default_browser_return_url")
        after = (value for key in keys if configured.knows(key) and (value := configured.text(key)))
        return next(after, default or common)

    # -- start and fetch -------------------------------------------------------

    def new(self, kind: Kind, flow_type: str, caller: Caller, source: Flow | None = None) -> Flow:
        """A new flow with its anti-forgery field, not stored yet.

        Args:
            source: an expired flow that it replaces and takes its parameters from.

        Raises:
            ApiError: when ``return_to`` is not on the list.
        """
        requested = source.return_to if source else caller.parameter("return_to")
        if requested and source is None:
            self.return_url(requested, kind)
        flow = new_flow(
            kind,
            flow_type,
            action=f"{self.services.public_url}self-service/{kind}",
            request_url=source.request_url if source else caller.url,
            now=self.services.now(),
            lifespan=self.services.configuration.span(f"selfservice.flows.{kind}.lifespan"),
        )
        flow.return_to = requested
        if source is not None:
            flow.identity_schema, flow.organization_id = source.identity_schema, source.organization_id
            flow.oauth2_login_challenge = source.oauth2_login_challenge
            flow.oauth2_login_request = source.oauth2_login_request
        if flow_type == BROWSER:
            flow.csrf_token = caller.csrf_secret
        flow.ui.set_csrf(self._token(flow, caller))
        return flow

    def selected_schema(self, requested: str) -> str:
        """The identity schema that a flow was asked to use; empty for the default one.

        Raises:
            ApiError: 400 when there is none of the name that people may choose.
        """
        allowed = [entry.id for entry in self.services.schemas.entries() if entry.selfservice_selectable]
        if requested and requested not in allowed:
            raise bad_request(f"The identity schema {requested!r} cannot be chosen; allowed are {allowed}.")
        return requested

    async def begin_exchange(self, flow: Flow, caller: Caller) -> None:
        """Gives an app the first of two codes that it may trade for a session token later, when it asks for one."""
        if not flow.is_native or caller.parameter("return_session_token_exchange_code") != "true":
            return
        flow.session_token_exchange_code = randomness.token(64)
        await self.services.exchanges.insert(
            randomness.new_id(), flow.id, flow.session_token_exchange_code, randomness.token(64), self.services.now()
        )

    def mask(self, flow: Flow, caller: Caller) -> None:
        """Masks the form's anti-forgery field anew."""
        if flow.ui.find("csrf_token") is not None:
            flow.ui.set_csrf(self._token(flow, caller))

    @staticmethod
    def _token(flow: Flow, caller: Caller) -> str:
        return "" if flow.type == NATIVE else csrf.masked(caller.csrf_secret or flow.csrf_token)

    def shown(self, flow: Flow, caller: Caller, status: int = 200) -> Answer:
        """A flow as the start of it answers: JSON, or a redirect to its page."""
        if flow.is_native or caller.wants_json:
            return Answer(status, flow.to_json())
        return redirect(self.page_of(flow))

    async def load(self, kind: Kind, flow_id: str) -> Flow:
        """A flow for a submission.

        Raises:
            ApiError: 400 without an id, 404 when there is no such flow.
        """
        if not flow_id:
            raise bad_request("The query parameter 'flow' is missing.")
        flow = await self.find(kind, flow_id)
        trail.entered(kind, flow.id, flow.identity_id)
        return flow

    async def find(self, kind: Kind, flow_id: str) -> Flow:
        """A flow by its id.

        Raises:
            ApiError: 404 when there is none.
        """
        flow = await self.services.flows.find(kind, flow_id) if randomness.is_uuid(flow_id) else None
        if flow is None:
            raise not_found()
        return flow

    async def fetch(self, kind: Kind, caller: Caller) -> Flow:
        """A flow for its page.

        Raises:
            ApiError: 404 when there is none, 403 in another browser, 410 when it has expired.
        """
        flow = await self.find(kind, caller.parameter("id"))
        if not flow.is_native and not self._same_browser(flow, caller):
            raise csrf.violation(caller)
        if flow.is_expired(self.services.now()):
            raise self.expired_fetch(flow)
        self.mask(flow, caller)
        return flow

    @staticmethod
    def _same_browser(flow: Flow, caller: Caller) -> bool:
        sent = any(name.startswith("csrf_token_") for name in caller.cookies)
        return flow.skip_csrf_check or (sent and compare(flow.csrf_token, caller.csrf_secret))

    def expired_fetch(self, flow: Flow) -> ApiError:
        """The refusal of a page's question for an expired flow."""
        start = f"{self.services.public_url}self-service/{flow.kind}/{'api' if flow.is_native else 'browser'}"
        details = {"api": start} if flow.is_native else {"redirect_to": start, "return_to": flow.return_to}
        return ApiError(
            410,
            f"The {flow.kind} flow has expired; start a new one.",
            id="self_service_flow_expired" if flow.kind in ("login", "registration") else "",
            details=details,
        )

    def expired_submit(self, flow: Flow, replacement: Flow, *, expired_at: str = "") -> ApiError:
        """The refusal of a submission to an expired flow.

        Args:
            expired_at: when something else ran out that was submitted, such as a code.
        """
        expired_at = expired_at or flow.expires_at
        late = times.seconds_between(expired_at, self.services.now())
        return ApiError(
            410,
            f"The flow expired {late / 60:.2f} minutes ago; continue with the new one.",
            id="self_service_flow_expired",
            message="The self-service flow has expired.",
            extra={
                "expired_at": expired_at,
                "since": int(late * 1_000_000_000),
                "use_flow_id": replacement.id,
            },
        )

    # -- submission ------------------------------------------------------------

    def guard(self, flow: Flow, caller: Caller, form: Form) -> None:
        """Refuses what another site may have sent.

        Raises:
            ApiError: 403 in browser flows without the matching token.
            FromBrowser: for native flows sent by a browser.
        """
        if flow.is_native:
            check_native(caller)
            return
        if flow.skip_csrf_check:
            return
        token = forms.text_of(form, "csrf_token")
        if not csrf.matches(caller.csrf_secret, token):
            raise csrf.violation(caller, token_sent=bool(token), secret=caller.csrf_secret)

    async def submit(self, context: StepContext, form: Form) -> tuple[Method | None, Outcome]:
        """Asks each method in turn; the first that feels meant answers.

        Raises:
            ApiError: when another site may have sent the submission.
        """
        if not context.resumed:
            context.guard = lambda fields: self.guard(context.flow, context.caller, fields)
        for room, step in self.steps(context.flow.kind):
            trail.asked(room.id)
            try:
                outcome = await step.submit(context, form)
            except FromBrowser as error:
                return room, self.misused(context.flow, error)
            if not isinstance(outcome, NotMine):
                return room, outcome
        trail.asked("")
        method = forms.text_of(form, "method")
        if method in TAKES_PART[context.flow.kind] and method not in self.enabled(context.flow.kind):
            raise not_found(f"The method {method!r} is switched off.")
        return None, NotMine()

    @staticmethod
    def misused(flow: Flow, error: FromBrowser) -> Stay:
        """Says in the form that an app's flow came from a browser."""
        if flow.kind != "settings":
            flow.ui.clear_messages()
        flow.ui.add_message(error_messages.invalid(str(error)))
        return Stay()

    def enabled(self, kind: Kind) -> set[str]:
        """The methods that the configuration lets take part in a kind of flow."""
        return {room.id for room, _ in self.steps(kind)}

    async def fill(self, context: StepContext, screen: Screen = "whole") -> None:
        """Lets every method put its nodes into the form."""
        context.screen = screen
        for _, step in self.steps(context.flow.kind):
            await step.fill(context)

    async def read(self, context: StepContext) -> Form | None:
        """What was submitted; None when it cannot be read, which the form then says.

        Raises:
            ApiError: 400 when ``transient_payload`` is no object.
        """
        flow = context.flow
        try:
            form = forms.read(context.caller)
        except forms.UnreadableForm as error:
            flow.ui.clear_messages()
            flow.ui.add_message(error_messages.invalid(str(error)))
            return None
        form["transient_payload"] = flow.transient_payload = forms.payload_of(context.caller, form)
        return form

    async def stay(self, flow: Flow, caller: Caller, outcome: Stay | None = None, *, page_status: int = 303) -> Answer:
        """Stores the form with what it now says, and shows it again.

        Args:
            page_status: how a browser is redirected to the form's page.
        """
        refusals.note(flow.ui)
        outcome = outcome or Stay()
        if outcome.status != 200 and not outcome.moved:
            flow.transient_payload = None
        self.mask(flow, caller)
        flow.updated_at = self.services.now()
        # Another submission of the same form may have been faster; what it left in the form is as good as this.
        with contextlib.suppress(StaleFlow):
            await self.services.flows.save(flow)
        if flow.is_native or caller.submits_json:
            headers = {"retry-after": str(outcome.retry_after)} if outcome.retry_after else {}
            return Answer(outcome.status, flow.to_json(), headers=headers)
        return redirect(self.page_of(flow), page_status)

    async def replaced(self, flow: Flow, replacement: Flow, caller: Caller, *, expired_at: str = "") -> Answer:
        """Stores the flow that stands for an expired one, and sends the client there.

        Args:
            expired_at: when something else ran out that was submitted, such as a code.

        Raises:
            ApiError: 410 to scripts and apps.
        """
        await self.services.flows.insert(replacement)
        await self.services.exchanges.move(flow.id, replacement.id)
        if flow.is_native or caller.submits_json:
            raise self.expired_submit(flow, replacement, expired_at=expired_at)
        return redirect(self.page_of(replacement))

    @staticmethod
    def refused(error: ApiError, page: str, caller: Caller, flow: Flow) -> Answer:
        """Ends a flow as a hook wants it: scripts get the error, browsers the hook's page or the error page."""
        if page and not flow.is_native and not caller.submits_json:
            return redirect(page)
        raise error

    async def say(self, flow: Flow, caller: Caller, reason: str) -> Answer:
        """Shows the form again with a sentence that no other message fits."""
        flow.ui.clear_messages()
        flow.ui.add_message(error_messages.invalid(reason))
        return await self.stay(flow, caller)

    def fill_order(self, flow: Flow, schema_id: str = "") -> list[str]:
        """Names of trait fields in the schema's order, for sorting the form."""
        schema = self.services.schemas.get(schema_id or flow.identity_schema or self.services.schemas.default_id)
        return list(schema.field_names)


async def not_here(context: StepContext, outcome: Outcome) -> Answer:
    """For what a flow cannot end in."""
    raise TypeError(f"a {context.flow.kind} cannot end in {outcome!r}")


def browser_redirect(url: str, caller: Caller, flow: Flow, cookies: Sequence[Cookie] = ()) -> Answer:
    """Sends a browser elsewhere; scripts are told where."""
    if flow.is_native or caller.submits_json:
        return failed(location_change(url), list(cookies))
    answer = redirect(url)
    answer.cookies.extend(cookies)
    return answer


def location_change(url: str) -> ApiError:
    """Tells a script that the browser has to go elsewhere."""
    return ApiError(
        422,
        "The browser has to go to the address in redirect_browser_to.",
        id="browser_location_change_required",
        extra={"redirect_browser_to": url},
    )


def with_query(url: str, **parameters: Any) -> str:
    """An address with further query parameters, sorted as Go's encoder would."""
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True) + [(k, str(v)) for k, v in parameters.items()]
    return urlunsplit(parts._replace(query=urlencode(sorted(pairs))))

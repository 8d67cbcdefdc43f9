"""Login challenges in flows: read when one starts, answered when somebody signed in."""

from identity_server.errors import ApiError, bad_request
from identity_server.flows.answer import Answer, Cookie, failed, redirect
from identity_server.flows.caller import Caller
from identity_server.flows.engine import location_change, with_query
from identity_server.flows.model import Flow
from identity_server.oauth2.login_requests import Login, LoginRequest, LoginRequests
from identity_server.services import Services
from identity_server.session.model import Session

PARAMETER = "login_challenge"
#: What a verification remembers of the application that waits.
POSTPONED = "oauth2"


class OAuth2Bridge:
    """What flows need of an OAuth2 server.

    Args:
        services: the parts of the server.
    """

    def __init__(self, services: Services) -> None:
        self.services = services
        self._requests = LoginRequests(services)

    def challenge_of(self, caller: Caller) -> str:
        """The challenge that a flow is started with; empty without any.

        Raises:
            ApiError: 400 when it is empty, 500 when there is no OAuth2 server to ask.
        """
        if PARAMETER not in caller.query:
            return ""
        if not self.services.configuration.text("oauth2_provider.url"):
            raise ApiError(
                500,
                f"The parameter {PARAMETER} is of no use: oauth2_provider.url is not set.",
                id="invalid_configuration",
                message="The configuration does not fit the request.",
            )
        if not caller.parameter(PARAMETER):
            raise bad_request(f"The parameter {PARAMETER} is there, but empty.")
        return caller.parameter(PARAMETER)

    async def begin(self, caller: Caller) -> LoginRequest | None:
        """What the OAuth2 server wants of a browser that it sent; changes the caller's parameters accordingly.

        Raises:
            ApiError: when the challenge leads nowhere.
        """
        challenge = self.challenge_of(caller)
        if not challenge:
            return None
        request = await self._requests.read(challenge)
        if request.request_url and self.services.configuration.flag("oauth2_provider.override_return_to"):
            # A person who changes between flows ends up where the application had sent them.
            _set(caller, "return_to", request.request_url)
        return request

    @staticmethod
    def insist(caller: Caller) -> None:
        """Wants a sign-in even with an open session."""
        _set(caller, "refresh", "true")

    async def accept(self, flow: Flow, session: Session) -> str:
        """Where a browser goes after signing in for an application; empty when the flow is for none.

        Raises:
            ApiError: 500 when the OAuth2 server does not accept the login.
        """
        if flow.is_native or not flow.oauth2_login_challenge:
            return ""
        return await self._requests.accept(flow.oauth2_login_challenge, Login.of(session))

    async def postpone(self, verification_id: str, flow: Flow, session: Session) -> None:
        """Lets the verification of an address answer the challenge once it is done."""
        verification = await self.services.flows.find("verification", verification_id)
        if verification is None:
            return
        verification.internal[POSTPONED] = {
            "challenge": flow.oauth2_login_challenge,
            "identity": session.identity_id,
            "session": session.id,
            "amr": [proof.method for proof in session.methods],
        }
        await self.services.flows.save(verification)

    async def postponed(self, verification: Flow) -> str:
        """Where a browser goes that proved an address on its way to an application; empty when it goes nowhere."""
        kept = verification.internal.pop(POSTPONED, None)
        if not kept:
            return ""
        login = Login(kept["identity"], kept["session"], tuple(kept["amr"]))
        return await self._requests.accept(kept["challenge"], login)

    async def accept_open(self, request: LoginRequest, session: Session) -> str:
        """Where a browser goes whose open session is enough."""
        return await self._requests.accept(request.challenge, Login.of(session))

    async def after_login(self, flow: Flow, session: Session, caller: Caller, cookies: list[Cookie]) -> Answer | None:
        """The answer to whoever signed in for an application; None when the flow is for none."""
        try:
            url = await self.accept(flow, session)
        except ApiError as error:
            if not caller.submits_json:
                raise
            return failed(error, cookies)
        if not url:
            return None
        answer = failed(location_change(url), cookies) if caller.submits_json else redirect(url)
        answer.cookies = cookies
        return answer


def _set(caller: Caller, name: str, value: str) -> None:
    """As if the browser had sent a parameter so; the flow's request URL shows it."""
    base, _, query = caller.url.partition("?")
    kept = "&".join(part for part in query.split("&") if part and part.partition("=")[0] != name)
    caller.url = with_query(f"{base}?{kept}" if kept else base, **{name: value})
    caller.query = {**caller.query, name: [value]}

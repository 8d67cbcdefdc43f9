"""Login requests of an OAuth2 server: what they ask for, and that somebody signed in."""

from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

import orjson
import structlog

from identity_server.errors import ApiError
from identity_server.outbound.answers import Answer
from identity_server.outbound.errors import OutboundError
from identity_server.services import Services
from identity_server.session.model import Session

log = structlog.get_logger("oauth2")
_PATH: Final = "/admin/oauth2/auth/requests/login"
_OK: Final = 200
#: These answers are no errors of OAuth2's form.
_NO_HINT: Final = (200, 410)


@dataclass(frozen=True)
class LoginRequest:
    """An application wants somebody to sign in.

    Attributes:
        challenge: the server's name for it.
        body: what the server says about it.
    """

    challenge: str
    body: dict[str, Any] = field(repr=False)

    @property
    def skip(self) -> bool:
        """Whether the server remembers who it is, so that an open session is enough."""
        return self.body.get("skip") is True

    @property
    def request_url(self) -> str:
        """Where the application had sent the browser to."""
        return str(self.body.get("request_url") or "")


@dataclass(frozen=True)
class Login:
    """Who signed in, and how."""

    identity_id: str
    session_id: str
    methods: tuple[str, ...]

    @classmethod
    def of(cls, session: Session) -> "Login":
        """The login behind a session."""
        return cls(session.identity_id, session.id, tuple(proof.method for proof in session.methods))


class LoginRequests:
    """The part of Hydra's admin API that login pages use.

    Args:
        services: the configuration and the one way out.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    async def read(self, challenge: str) -> LoginRequest:
        """What a challenge stands for.

        Raises:
            ApiError: 400 when the server does not know it, or says nothing that makes sense.
        """
        answer = await self._call("GET", "", challenge)
        body = _object(answer)
        if answer.status != _OK or not body:
            raise _refused(answer, body, 400, "The OAuth2 server does not know this login challenge.")
        client = body.get("client")
        if isinstance(client, dict):
            client.pop("client_secret", None)  # the request is shown to the browser
        return LoginRequest(challenge, body)

    async def accept(self, challenge: str, login: Login) -> str:
        """Tells the server who signed in; where the browser goes on to.

        Raises:
            ApiError: 500 when the server does not accept it.
        """
        configuration = self._services.configuration
        body = {
            "subject": login.identity_id,
            "identity_provider_session_id": login.session_id,
            "remember": configuration.get("session.cookie.persistent", True),
            "remember_for": int(configuration.span("session.lifespan").total_seconds()),
            "amr": list(login.methods),
        }
        answer = await self._call("PUT", "/accept", challenge, orjson.dumps(body))
        said = _object(answer)
        target = said.get("redirect_to")
        if answer.status != _OK or not isinstance(target, str) or not target:
            raise _refused(answer, said, 500, "The OAuth2 server did not accept the login.")
        return target

    async def _call(self, method: str, path: str, challenge: str, content: bytes | None = None) -> Answer:
        configuration = self._services.configuration
        base = (configuration.text("oauth2_provider.url") or "").rstrip("/")
        headers = {name: str(value) for name, value in configuration.section("oauth2_provider.headers").items()}
        headers = {"Accept": "application/json", "Content-Type": "application/json", **headers}
        url = f"{base}{_PATH}{path}?{urlencode({'login_challenge': challenge})}"
        try:
            return await self._services.outbound.request(method, url, headers, content)
        except OutboundError as error:
            log.error("the OAuth2 server gave no answer", cause=error.reason.value)
            raise ApiError(502, "The OAuth2 server gave no answer; try again.", id="upstream_error") from error


def _object(answer: Answer) -> dict[str, Any]:
    try:
        body = orjson.loads(answer.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _refused(answer: Answer, body: dict[str, Any], status: int, reason: str) -> ApiError:
    log.warning("the OAuth2 server refused", status=answer.status, error=str(body.get("error"))[:100])
    details: dict[str, Any] = {"status_code": answer.status}
    if body and answer.status not in _NO_HINT:
        details["oauth2_error_hint"] = str(body.get("error_hint") or "")
    return ApiError(status, reason, details=details)

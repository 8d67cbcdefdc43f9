"""Sessions as requests carry them: found by header, cookie or bearer token; issued as cookie or token."""

from datetime import timedelta
from email.utils import format_datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

import orjson

from identity_server import randomness, times
from identity_server.audit import trail
from identity_server.ciphers.errors import BadToken
from identity_server.ciphers.signing import seal, unseal
from identity_server.errors import ApiError
from identity_server.flows.answer import Cookie
from identity_server.flows.caller import Caller
from identity_server.identity import document as identity_document
from identity_server.identity.model import Identity
from identity_server.services import Services
from identity_server.session import document
from identity_server.session.model import AAL2, Authentication, Device, Session

PURPOSE = "session"


class Presented(NamedTuple):
    """What a request carries of a session.

    Attributes:
        token: the session's secret; empty without any.
        known_end: the end that the browser's cookie knows; empty when the secret came by a header.
    """

    token: str
    known_end: str = ""


def presented(caller: Caller, services: Services) -> Presented:
    """The secret that a request carries: the token header, else the cookie, else a bearer token."""
    header = caller.header("x-session-token")
    if header:
        return Presented(header)
    sealed = caller.cookies.get(cookie_name(services))
    if sealed:
        return _opened_cookie(sealed, services)
    scheme, _, token = caller.header("authorization").partition(" ")
    return Presented(token.strip() if scheme.lower() == "bearer" else "")


def cookie_name(services: Services) -> str:
    """The name of the session cookie."""
    return services.configuration.text("session.cookie.name") or "ory_kratos_session"


def _opened_cookie(sealed: str, services: Services) -> Presented:
    try:
        token, _, known_end = unseal(PURPOSE, sealed, services.cookie_keys).decode().partition("|")
    except BadToken:
        return Presented("")
    return Presented(token, known_end)


async def usable_row(token: str, services: Services) -> Any | None:
    """The session of a secret and its identity, as stored; None for one that cannot be used."""
    row = await services.sessions.row_by_token(token) if token else None
    if row is None or not is_usable(row, services):
        return None
    trail.identified(row[1])
    return row


def is_usable(row: Any, services: Services) -> bool:
    """Whether a stored session counts: neither ended nor expired, and its identity is switched on."""
    return document.is_active(row, row[document.WIDTH + 4], services.now())


async def active_row(caller: Caller, services: Services) -> Any | None:
    """The session and identity that a request carries, as stored; None without a usable one."""
    return await usable_row(presented(caller, services).token, services)


def session_of(row: Any, token: str = "") -> Session:
    """The session of a joined row."""
    return document.session_from(row, token)


def identity_values(row: Any) -> Any:
    """The identity's columns of a joined row."""
    return row[document.WIDTH :]


async def active_session(caller: Caller, services: Services) -> Session | None:
    """The usable session that a request carries, with its secret."""
    token = presented(caller, services).token
    row = await usable_row(token, services)
    return None if row is None else session_of(row, token)


def unauthorized() -> ApiError:
    """The refusal of a request without a usable session."""
    return ApiError(401, "The request carries no valid session.")


def aal2_required(services: Services, return_to: str = "") -> ApiError:
    """The refusal of a session whose level is too low for its identity."""
    url = f"{services.public_url}self-service/login/browser?aal=aal2"
    if return_to:
        url += "&" + urlencode({"return_to": return_to})
    return ApiError(
        403,
        "Sign in with a second factor as well; this account has one.",
        id="session_aal2_required",
        details={"redirect_browser_to": url},
        extra={"redirect_browser_to": url},
    )


def check_level(row: Any, services: Services, return_to: str = "") -> None:
    """Refuses a session that has not given the second factor its identity has.

    Raises:
        ApiError: 403 with the address that asks for it.
    """
    required = services.configuration.text("session.whoami.required_aal") or ""
    available = identity_values(row)[identity_document.COLUMNS.index("available_aal")]
    if not level_is_enough(required, str(row[3]), str(available)):
        raise aal2_required(services, return_to)


def level_is_enough(required: str, reached: str, available: str | None) -> bool:
    """Whether a session satisfies ``aal1`` or ``highest_available``; level two satisfies everything."""
    if reached == AAL2 or required != "highest_available":
        return True
    return available != AAL2


def new_session(
    identity: Identity, methods: list[Authentication], caller: Caller, services: Services, *, device: bool = True
) -> Session:
    """A session for a person who just proved who they are; not stored yet."""
    now = services.now()
    session = Session(
        id=randomness.new_id(),
        identity_id=identity.id,
        issued_at=now,
        authenticated_at=now,
        expires_at=times.after(now, services.configuration.span("session.lifespan")),
        created_at=now,
        updated_at=now,
        methods=methods,
        token=randomness.session_token(),
    )
    if device:
        session.devices.append(device_of(caller))
    return session


def device_of(caller: Caller, device_id: str = "") -> Device:
    """From where a request comes."""
    places = (caller.header("cf-ipcity"), caller.header("cf-ipcountry"))
    location = ", ".join(place for place in places if place)
    return Device(device_id or randomness.new_id(), caller.ip_address, caller.user_agent, location)


def confirm(session: Session, method: Authentication, services: Services) -> None:
    """Adds a further proof to a session: it starts anew, its id and secret stay."""
    now = services.now()
    session.methods.append(method)
    session.issued_at = session.authenticated_at = session.updated_at = now
    session.expires_at = times.after(now, services.configuration.span("session.lifespan"))


def strengthen(session: Session, method: Authentication, services: Services) -> None:
    """Adds a factor that was just enrolled: proved now, but no reason for the session to last longer."""
    session.methods.append(method)
    session.authenticated_at = session.updated_at = services.now()


def is_recent(session: Session, limit: timedelta, services: Services) -> bool:
    """Whether somebody proved within a time who they are."""
    return times.seconds_between(session.authenticated_at, services.now()) <= limit.total_seconds()


def session_cookie(session: Session, services: Services) -> Cookie:
    """The cookie that carries a session."""
    configuration = services.configuration
    remaining = int(times.seconds_between(services.now(), session.expires_at) + 0.5)
    persistent = configuration.get("session.cookie.persistent", True)
    return Cookie(
        cookie_name(services),
        seal(PURPOSE, f"{session.token}|{session.expires_at}".encode(), services.cookie_keys),
        max_age=max(1, remaining) if persistent else None,
        expires=format_datetime(times.parse(session.expires_at), usegmt=True) if persistent else "",
        **cookie_attributes(services, session=True),
    )


def ended_cookie(services: Services) -> Cookie:
    """The cookie that removes a session from a browser."""
    attributes = cookie_attributes(services, session=True)
    return Cookie(cookie_name(services), "ended", max_age=0, expires="Thu, 01 Jan 1970 00:00:01 GMT", **attributes)


def cookie_attributes(services: Services, *, session: bool = False) -> dict[str, Any]:
    """Path, domain, SameSite and Secure as configured; the session's own settings go over the common ones."""

    def setting(name: str) -> Any:
        configuration = services.configuration
        own = configuration.get(f"session.cookie.{name}") if session else None
        return own if own is not None else configuration.get(f"cookies.{name}")

    secure = setting("secure")
    return {
        "path": setting("path") or "/",
        "domain": setting("domain") or "",
        "same_site": setting("same_site") or "Lax",
        "secure": not services.configuration.dev if secure is None else str(secure).lower() == "true",
    }


def session_json(session: Session, services: Services, identity: Identity | None, *, active: bool = True) -> Any:
    """Kratos' JSON of a session, as parsed JSON."""
    shown = ""
    if identity is not None:
        shown = identity_document.identity_text(identity_document.identity_row(identity), services.public_url)
    return orjson.loads(document.session_text(document.session_row(session), active=active, identity=shown))

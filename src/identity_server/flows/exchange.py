"""An app that let a browser sign in trades two codes for the session's token, one from each end of the detour."""

from identity_server import randomness
from identity_server.ciphers.errors import BadToken
from identity_server.ciphers.signing import seal, unseal
from identity_server.errors import bad_request, not_found
from identity_server.flows import session_access
from identity_server.flows.answer import Answer, redirect
from identity_server.flows.caller import Caller
from identity_server.flows.engine import Engine, with_query
from identity_server.flows.model import Flow
from identity_server.identity import document as identity_document
from identity_server.services import Services
from identity_server.session.model import Session

PURPOSE = "session token exchange"
_CODE_LENGTH = 64


async def finish(engine: Engine, flow: Flow, method: str, session: Session) -> Answer | None:
    """Sends a browser back to the app with the second code; None when the flow knows of no exchange."""
    services = engine.services
    if not flow.is_native or method not in ("oidc", "saml"):
        return None
    if await services.exchanges.by_flow(flow.id) is None:
        return None
    code = randomness.token(_CODE_LENGTH)
    sealed = seal(PURPOSE, session.token.encode(), services.default_keys)
    await services.exchanges.complete(flow.id, session.id, sealed, code)
    return redirect(with_query(engine.return_url(flow.return_to, flow.kind, method), code=code))


async def trade(caller: Caller, services: Services) -> Answer:
    """The session's token for both codes, once.

    A session that needs a second factor is handed out as a login hands it out: its token is what the factor is added
    with, and nothing is told about the person.

    Raises:
        ApiError: 400 when a code is missing, 404 when they belong to no finished exchange, or when its flow expired or
            its session ended meanwhile.
    """
    first, second = caller.parameter("init_code"), caller.parameter("return_to_code")
    if not first or not second:
        raise bad_request("The query parameters 'init_code' and 'return_to_code' are required.")
    exchange = await services.exchanges.by_codes(first, second, services.now())
    if exchange is None or exchange.session_id is None or not await services.exchanges.take(exchange.id):
        raise not_found("There is no session for these codes.")
    row = await services.sessions.row_by_id(exchange.session_id)
    token = _opened(exchange.sealed_token or "", services)
    if row is None or not session_access.is_usable(row, services) or not token:
        raise not_found("There is no session for these codes.")
    identity = identity_document.identity_from(session_access.identity_values(row))
    session = session_access.session_of(row, token)
    session.devices = []
    shown = session_access.session_json(session, services, identity)
    required = services.configuration.text("session.whoami.required_aal") or ""
    if not session_access.level_is_enough(required, session.aal, identity.available_aal):
        shown["identity"] = None
    return Answer(200, {"session_token": token, "session": shown})


def _opened(sealed: str, services: Services) -> str:
    try:
        return unseal(PURPOSE, sealed, services.default_keys).decode()
    except BadToken:
        return ""

"""Passwords that another system still knows: asked there at the first sign-in, kept here from then on."""

from typing import Any, Final

import orjson
import structlog

from identity_server.courier.channels.http_post import HttpSettings, http_settings
from identity_server.errors import ApiError
from identity_server.identity import document
from identity_server.identity.model import Credential, Identity
from identity_server.mappers.errors import MapperError
from identity_server.methods.interface import StepContext
from identity_server.outbound.answers import Answer
from identity_server.outbound.errors import OutboundError
from identity_server.services import Services

log = structlog.get_logger("password migration")
FLAG: Final = "use_password_migration_hook"
KEY: Final = "selfservice.methods.password.config.migrate_hook"
#: The other system says one word; more than this is no answer of its.
MOST_ANSWER: Final = 1024
MATCH: Final = "password_match"


def is_elsewhere(credential: Credential | None) -> bool:
    """Whether the password of a credential is known to the other system alone."""
    return (
        credential is not None and credential.config.get(FLAG) is True and not credential.config.get("hashed_password")
    )


async def matches(context: StepContext, identity: Identity, identifier: str, password: str) -> bool:
    """Whether the other system knows this password for an identifier, which it gets as it was typed.

    Raises:
        ApiError: 500 when nobody is configured to be asked, 502 when there is no proper answer.
    """
    services = context.services
    if not services.configuration.flag(f"{KEY}.enabled"):
        log.error("an identity waits for the password migration hook, which is switched off", identity=identity.id)
        raise ApiError(500, "The password migration hook is not enabled.", id="invalid_configuration")
    settings = await _settings(services)
    body = await _body(context, settings, identity, identifier, password)
    return _agrees(await _ask(services, settings, body))


async def _settings(services: Services) -> HttpSettings:
    config = services.configuration.section(f"{KEY}.config")
    source = config.get("body")
    try:
        return http_settings(config, (await services.read_uri(str(source))).decode() if source else "")
    except Exception as error:
        log.error("the password migration hook is not configured properly", problem=type(error).__name__)
        raise ApiError(500, "The password migration hook cannot be used.", id="invalid_configuration") from error


async def _body(
    context: StepContext, settings: HttpSettings, identity: Identity, identifier: str, password: str
) -> bytes:
    if not settings.snippet:
        return orjson.dumps({"identifier": identifier, "password": password})
    try:
        made = await context.services.jsonnet.evaluate(
            settings.snippet, tla={"ctx": _seen(context, identity, identifier, password)}
        )
    except MapperError as error:
        log.error("the body of the password migration hook cannot be made", reason=error.reason.value)
        raise ApiError(500, "The password migration hook cannot be used.", id="invalid_configuration") from None
    return orjson.dumps(made)


def _seen(context: StepContext, identity: Identity, identifier: str, password: str) -> dict[str, Any]:
    caller, services = context.caller, context.services
    allowed = {name.lower() for name in services.configuration.texts("clients.web_hook.header_allowlist")}
    return {
        "flow": context.flow.to_json(),
        "identity": document.public_json(identity, services.public_url),
        "identifier": identifier,
        "password": password,
        "request_headers": {name.title(): [value] for name, value in caller.headers.items() if name in allowed},
        "request_method": caller.method,
        "request_url": caller.url,
        "request_cookies": dict(caller.cookies),
    }


async def _ask(services: Services, settings: HttpSettings, body: bytes) -> Answer:
    headers = {"Content-Type": "application/json", **settings.headers}
    if settings.auth is not None:
        name, value = settings.auth.header()
        headers[name] = value
    try:
        answer = await services.outbound.request("POST", settings.url, headers, body)
    except OutboundError as error:
        log.warning("the password migration hook gave no answer", reason=error.reason.value)
        raise _upstream() from None
    if answer.status not in (200, 403):
        log.warning("the password migration hook failed", status=answer.status)
        raise _upstream()
    return answer


def _upstream() -> ApiError:
    return ApiError(502, "The system that knows this password gave no proper answer; try again.")


def _agrees(answer: Answer) -> bool:
    if answer.status != 200 or len(answer.body) > MOST_ANSWER:
        return False
    try:
        said = orjson.loads(answer.body)
    except ValueError:
        return False
    return isinstance(said, dict) and said.get("status") == MATCH

"""Session checks by API keys: a key that opens answers as a session does that was begun with it."""

from typing import Any

from identity_server import times
from identity_server.audit import trail
from identity_server.identity import api_keys
from identity_server.identity import document as identity_document
from identity_server.identity.api_keys import PREFIX, TYPE, ApiKey
from identity_server.identity.document import dump
from identity_server.identity.model import ACTIVE
from identity_server.services import Services
from identity_server.session.model import AAL1, Authentication
from identity_server.times import Timestamp

ENABLED = "selfservice.methods.api_key.enabled"
_STATE = identity_document.COLUMNS.index("state")


def is_meant(token: str, services: Services) -> bool:
    """Whether a token is to be looked up among API keys."""
    return token.startswith(PREFIX) and services.configuration.flag(ENABLED)


async def usable_row(token: str, services: Services) -> Any | None:
    """A session and its identity in the form in which sessions are stored; None for a key that opens nothing."""
    key_id = api_keys.id_in(token)
    found = await services.api_keys.owner_of(key_id) if key_id else None
    if found is None:
        return None
    (identity, key), now = found, services.now()
    if not key.opens_for(token, now) or identity[_STATE] != ACTIVE:
        return None
    trail.identified(identity[0])
    if services.api_keys.is_news(key, now):
        services.background.start(services.api_keys.note_use(key.id, now), "noting the use of an API key")
    return (*_session(identity[0], key, now, services), *identity)


def _session(identity_id: str, key: ApiKey, now: Timestamp, services: Services) -> tuple[Any, ...]:
    """The columns of a session; a key that does not expire is good for a session's usual time from now."""
    proof = Authentication(TYPE, AAL1, now)
    ends = key.expires_at or times.after(now, services.configuration.span("session.lifespan"))
    return (
        key.id,
        identity_id,
        1,
        AAL1,
        dump([proof.to_json()]),
        "[]",
        key.created_at,
        now,
        ends,
        key.created_at,
        now,
    )

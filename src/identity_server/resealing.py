"""Seals anew what lies in the database under an older cipher secret, or under none, so that old secrets may go.

A pass goes through the credentials that hold something sealed, a few at a time, and changes each only if it still is
what was read. Which secret the last whole pass was for is noted, so that a restart looks at nothing twice.
"""

import asyncio
import hashlib
import hmac
from collections.abc import Iterator
from typing import Any

import orjson
import structlog
from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from identity_server.ciphers import at_rest
from identity_server.ciphers.cipher import Cipher, NoopCipher
from identity_server.ciphers.errors import Unreadable
from identity_server.errors import StorageError
from identity_server.services import Services
from identity_server.storage import tables
from identity_server.storage.port import Rows, Statement, among
from identity_server.web.runtime import Runtime

log = structlog.get_logger("resealing")
TYPES = ("oidc", "totp", "lookup_secret")
TOKENS = ("initial_id_token", "initial_access_token", "initial_refresh_token")
BATCH = 100
#: Others get the database for so long after each batch.
BREATH_SECONDS = 0.05
LOOK_SECONDS = 5.0
_NAME = "resealed_for"
_C = tables.identity_credentials
_S = tables.settings_values
_PAGE = Statement(
    select(_C.c.identity_id, _C.c.type, _C.c.config, _C.c.updated_at)
    .where(
        among(_C.c.type, TYPES),
        or_(
            _C.c.identity_id > bindparam("owner"),
            and_(_C.c.identity_id == bindparam("owner"), _C.c.type > bindparam("kind")),
        ),
    )
    .order_by(_C.c.identity_id, _C.c.type)
    .limit(bindparam("most"))
)
_NOTED = Statement(select(_S.c.value).where(_S.c.name == _NAME))
_NOTE = {
    name: Statement(
        statement.on_conflict_do_update(index_elements=[_S.c.name], set_={"value": statement.excluded.value}),
        writes=True,
    )
    for name, statement in (
        ("sqlite", sqlite.insert(_S).values(name=_NAME, value=bindparam("value"))),
        ("postgresql", postgresql.insert(_S).values(name=_NAME, value=bindparam("value"))),
    )
}


async def keep_sealed(runtime: Runtime) -> None:
    """A pass for each configuration that comes into use, for as long as the task runs."""
    done: Services | None = None
    while True:
        services = runtime.services
        if services is not done:
            try:
                await reseal(services)
                done = services
            except StorageError as error:
                log.warning("sealing anew is put off", cause=str(error))
        await asyncio.sleep(LOOK_SECONDS)


async def reseal(services: Services) -> int:
    """One pass; how many credentials were changed.

    Raises:
        StorageError: when the database does not answer; the next pass starts anew.
    """
    secrets = services.configuration.secrets("cipher")
    if isinstance(services.cipher, NoopCipher) or not secrets:
        return 0
    database = services.database
    mark = hmac.digest(secrets[0], _NAME.encode(), hashlib.sha256).hex()
    if [row[0] for row in await database.fetch(_NOTED())] == [mark]:
        return 0
    changed = unread = 0
    owner = kind = ""
    while rows := await database.fetch(_PAGE(owner=owner, kind=kind, most=BATCH)):
        done, left = await _reseal_batch(services, rows)
        changed, unread = changed + done, unread + left
        owner, kind = rows[-1][0], rows[-1][1]
        await asyncio.sleep(BREATH_SECONDS)
    if unread:
        log.warning("some credentials are sealed with no known secret, or changed meanwhile", count=unread)
    else:
        await database.fetch(_NOTE[database.dialect](value=mark))
    log.info("everything is sealed with the first cipher", changed=changed, left=unread)
    return changed


async def _reseal_batch(services: Services, rows: Rows) -> tuple[int, int]:
    changed = unread = 0
    for owner, kind, text, updated_at in rows:
        seen = orjson.loads(text)
        try:
            renewed = renew(services.cipher, str(kind), orjson.loads(text))
        except Unreadable:
            unread += 1
            continue
        if renewed == seen:
            continue
        if await services.once.replace_config(owner, kind, seen, renewed, updated_at):
            changed += 1
        else:
            unread += 1
    return changed, unread


def renew(cipher: Cipher, kind: str, config: dict[str, Any]) -> dict[str, Any]:
    """A credential's configuration with everything in it sealed as it would be now.

    Raises:
        Unreadable: when something in it opens with none of the secrets.
    """
    for place, name in _places(kind, config):
        stored = str(place.get(name) or "")
        place[name] = _renewed_token(cipher, stored) if kind == "oidc" else _renewed(cipher, stored)
    return config


def _places(kind: str, config: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    if kind == "totp":
        found = [(config, "totp_url")]
    elif kind == "lookup_secret":
        found = [(each, "code") for each in config.get("recovery_codes") or ()]
    else:
        found = [(each, name) for each in config.get("providers") or () for name in TOKENS]
    return ((place, name) for place, name in found if place.get(name))


def _renewed(cipher: Cipher, stored: str) -> str:
    if at_rest.is_current(cipher, stored):
        return stored
    return at_rest.sealed(cipher, at_rest.opened(cipher, stored))


def _renewed_token(cipher: Cipher, stored: str) -> str:
    """Tokens have Kratos' form, which does not say whether it is sealed: what opens with no key may be plain."""
    if cipher.is_current(stored):
        return stored
    try:
        return cipher.encrypt(cipher.decrypt(stored))
    except Unreadable:
        plain = NoopCipher().decrypt(stored)
        if not (plain.isascii() and plain.decode().isprintable()):
            raise
        return cipher.encrypt(plain)

"""Flows, and what travels beside them: continuity, errors for the error page."""

from typing import Any

import orjson
from sqlalchemy import bindparam, delete, insert, select, update

from identity_server.ciphers import at_rest
from identity_server.ciphers.cipher import Cipher, NoopCipher
from identity_server.ciphers.errors import Unreadable
from identity_server.flows.model import Flow
from identity_server.storage import tables
from identity_server.storage.port import Database, Operation, Statement

_F = tables.selfservice_flows
_E = tables.selfservice_errors
_K = tables.continuity_containers

_INSERT = Statement(insert(_F))
_SELECT = Statement(
    select(_F.c.document, _F.c.version).where(_F.c.id == bindparam("id"), _F.c.kind == bindparam("kind"))
)
_UPDATE = Statement(
    update(_F)
    .where(_F.c.id == bindparam("id_"), _F.c.version == bindparam("seen"))
    .values(document=bindparam("document"), version=bindparam("next"), expires_at=bindparam("expires_at"))
    .returning(_F.c.id)
)
_DELETE = Statement(delete(_F).where(_F.c.id == bindparam("id")).returning(_F.c.id))

_INSERT_ERROR = Statement(insert(_E))
_SEEN_ERROR = Statement(
    update(_E)
    .where(_E.c.id == bindparam("id_"))
    .values(seen_at=bindparam("now"))
    .returning(_E.c.error, _E.c.created_at)
)

_INSERT_CONTAINER = Statement(insert(_K))
_TAKE_CONTAINER = Statement(
    delete(_K)
    .where(_K.c.id == bindparam("id"), _K.c.name == bindparam("name"))
    .returning(_K.c.identity_id, _K.c.payload, _K.c.expires_at)
)


class StaleFlow(Exception):
    """Another request changed the flow meanwhile."""


class Flows:
    """The store of flows.

    Args:
        cipher: seals those that show a secret.
    """

    def __init__(self, database: Database, cipher: Cipher | None = None) -> None:
        self._database = database
        self._cipher = cipher or NoopCipher()

    def _text(self, flow: Flow) -> str:
        text = orjson.dumps(flow.document()).decode()
        return at_rest.sealed(self._cipher, text) if flow.confidential else text

    async def insert(self, flow: Flow) -> None:
        """Stores a new flow."""
        await self._database.fetch(
            _INSERT(
                id=flow.id,
                kind=flow.kind,
                document=self._text(flow),
                version=flow.version,
                expires_at=flow.expires_at,
            )
        )

    async def find(self, kind: str, flow_id: str) -> Flow | None:
        """A flow by its id, expired or not; None as well when no secret opens it any more."""
        rows = await self._database.fetch(_SELECT(id=flow_id, kind=kind))
        if not rows:
            return None
        stored, version = rows[0]
        try:
            text = at_rest.opened(self._cipher, stored)
        except Unreadable:
            return None
        flow = Flow.from_document(orjson.loads(text), version)
        flow.confidential = text is not stored
        return flow

    async def save(self, flow: Flow) -> None:
        """Stores what changed about a flow.

        Raises:
            StaleFlow: when another request saved it since it was read.
        """
        await self._database.run(self.saving(flow))
        flow.version += 1

    def saving(self, flow: Flow) -> Operation:
        """The operation that stores what changed; the caller counts the flow's version on after it committed."""
        rows = yield _UPDATE(
            id_=flow.id,
            seen=flow.version,
            next=flow.version + 1,
            document=self._text(flow),
            expires_at=flow.expires_at,
        )
        if not rows:
            raise StaleFlow(flow.id)

    async def delete(self, flow_id: str) -> bool:
        """Removes a flow; False when it was gone already."""
        return bool(await self._database.fetch(_DELETE(id=flow_id)))


class ErrorPages:
    """Errors that a page shows after a redirect."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def insert(self, error_id: str, error: dict[str, Any], now: str) -> None:
        """Keeps an error for the page."""
        await self._database.fetch(
            _INSERT_ERROR(id=error_id, error=orjson.dumps(error).decode(), created_at=now, seen_at=None)
        )

    async def see(self, error_id: str, now: str) -> tuple[Any, str] | None:
        """An error and when it happened; marks it as seen."""
        rows = await self._database.fetch(_SEEN_ERROR(id_=error_id, now=now))
        return (orjson.loads(rows[0][0]), rows[0][1]) if rows else None


class Continuity:
    """What a browser wanted to do before it was sent elsewhere; each is taken once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, container_id: str, name: str, identity_id: str | None, payload: Any, expires_at: str) -> None:
        """Keeps a payload under an id that the browser carries in a cookie."""
        await self._database.fetch(
            _INSERT_CONTAINER(
                id=container_id,
                name=name,
                identity_id=identity_id,
                payload=orjson.dumps(payload).decode(),
                expires_at=expires_at,
            )
        )

    async def take(self, container_id: str, name: str, now: str) -> tuple[str | None, Any] | None:
        """The identity and payload, once; None when it is gone or too old."""
        rows = await self._database.fetch(_TAKE_CONTAINER(id=container_id, name=name))
        if not rows or rows[0][2] <= now:
            return None
        return rows[0][0], orjson.loads(rows[0][1])

"""Sessions as an operator works with them: pages over all of them, many ended or removed at once."""

from collections.abc import Sequence
from functools import cache
from typing import Any, Literal

from sqlalchemy import bindparam, cast, delete, func, join, select, tuple_, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql import ColumnElement, Select

from identity_server.audit.events import SESSION_REVOKED
from identity_server.identity.document import dump
from identity_server.session import document
from identity_server.storage import tables, telling
from identity_server.storage.identities import IDENTITY
from identity_server.storage.port import Call, Database, Rows, Statement

_S = tables.sessions
_I = tables.identities
_SESSION = tuple(_S.c[name] for name in document.COLUMNS)
_JOINED = join(_S, _I, _S.c.identity_id == _I.c.id)

#: Sorts behind every position.
END = ("~", "~")
#: How many sessions one statement ends; more would hold locks for too long.
BATCH = 5000

_ENDED = telling.sessions(SESSION_REVOKED)

Action = Literal["disable", "delete"]
By = Literal["session", "identity", "everybody"]


@cache
def _page(active: bool | None) -> Statement:
    chosen = select(*_SESSION, *IDENTITY).select_from(_JOINED)
    place = tuple_(_S.c.created_at, _S.c.id)
    chosen = chosen.where(place < tuple_(bindparam("created_at"), bindparam("id")))
    if active is not None:
        alive = (_S.c.active == 1) & (_S.c.expires_at > bindparam("now"))
        chosen = chosen.where(alive if active else ~alive)
    return Statement(chosen.order_by(_S.c.created_at.desc(), _S.c.id.desc()).limit(bindparam("limit")))


def page(active: bool | None, position: tuple[str, ...], limit: int, now: str) -> Call:
    """The call for sessions with their identities, newest first.

    Args:
        active: only those that can be used, or only the others.
        position: ``created_at`` and id of the session before them; nothing at the beginning.
    """
    created_at, session_id = position or END
    extra = {} if active is None else {"now": now}
    return _page(active)(created_at=created_at, id=session_id, limit=limit, **extra)


async def end(database: Database, action: Action, by: By, ids: Sequence[str], now: str) -> tuple[int, bool]:
    """Ends or removes up to ``BATCH`` sessions: how many, and whether there may be more."""
    values: dict[str, Any] = {"limit": BATCH}
    if by != "everybody":
        values["ids"] = dump(list(ids))
    if action == "disable":
        values["now"] = now
    rows: Rows = await database.fetch(_end(action, by, database.dialect)(**values))
    return len(rows), len(rows) == BATCH


@cache
def _end(action: Action, by: By, dialect: str) -> Statement:
    chosen = select(_S.c.id)
    if by != "everybody":
        column: ColumnElement[str] = _S.c.id if by == "session" else _S.c.identity_id
        chosen = chosen.where(column.in_(_each(dialect)))
    if action == "delete":
        chosen = chosen.limit(bindparam("limit"))
        return Statement(delete(_S).where(_S.c.id.in_(chosen)).returning(_S.c.id, _S.c.identity_id), tells=_ENDED)
    chosen = chosen.where(_S.c.active == 1).limit(bindparam("limit"))
    values = {"active": 0, "updated_at": bindparam("now")}
    ending = update(_S).where(_S.c.id.in_(chosen)).values(values).returning(_S.c.id, _S.c.identity_id)
    return Statement(ending, tells=_ENDED)


def _each(dialect: str) -> Select[Any]:
    """The members of the parameter ``ids``, a JSON list of texts."""
    if dialect == "postgresql":
        return select(func.jsonb_array_elements_text(cast(bindparam("ids"), JSONB)))
    return select(func.json_each(bindparam("ids")).table_valued("value").c.value)

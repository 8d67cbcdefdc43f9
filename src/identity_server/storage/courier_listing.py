"""Messages as an operator looks at them: pages of them, the newest first, and one with its attempts."""

from functools import cache

from sqlalchemy import bindparam, select, tuple_

from identity_server.storage import tables
from identity_server.storage.courier import recipient_key
from identity_server.storage.port import Call, Statement
from identity_server.storage.session_listing import END

_M = tables.courier_messages
_D = tables.courier_dispatches

#: Columns of a message in the order in which both statements read them.
COLUMNS: tuple[str, ...] = (
    "id",
    "created_at",
    "status",
    "type",
    "recipient",
    "body",
    "subject",
    "template_type",
    "channel",
    "send_count",
    "updated_at",
)
DISPATCH: tuple[str, ...] = ("id", "message_id", "status", "error", "created_at", "updated_at")
_MESSAGE = tuple(_M.c[name] for name in COLUMNS)

_ONE = Statement(select(*_MESSAGE).where(_M.c.id == bindparam("id")))
_DISPATCHES = Statement(
    select(*(_D.c[name] for name in DISPATCH))
    .where(_D.c.message_id == bindparam("id"))
    .order_by(_D.c.created_at.desc(), _D.c.id)
)


@cache
def _page(names: frozenset[str]) -> Statement:
    chosen = select(*_MESSAGE)
    chosen = chosen.where(tuple_(_M.c.created_at, _M.c.id) < tuple_(bindparam("created_at"), bindparam("id")))
    for name in sorted(names):
        chosen = chosen.where(_M.c[name] == bindparam(name))
    return Statement(chosen.order_by(_M.c.created_at.desc(), _M.c.id.desc()).limit(bindparam("limit")))


def page(position: tuple[str, ...], limit: int, *, status: str | None = None, recipient: str | None = None) -> Call:
    """The call for messages, the newest first.

    Args:
        position: ``created_at`` and id of the message before them; nothing at the beginning.
        status, recipient: only those.
    """
    created_at, message_id = position or END
    filters = {name: value for name, value in (("status", status), ("recipient", recipient)) if value is not None}
    if recipient is not None:
        # What the index knows.
        filters["recipient_key"] = recipient_key(recipient)
    return _page(frozenset(filters))(created_at=created_at, id=message_id, limit=limit, **filters)


def one(message_id: str) -> Call:
    """The call for one message."""
    return _ONE(id=message_id)


def dispatches(message_id: str) -> Call:
    """The call for the attempts of a message, the newest first."""
    return _DISPATCHES(id=message_id)

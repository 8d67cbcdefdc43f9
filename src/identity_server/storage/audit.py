"""The audit trail in the database: entries are stored with the change that they are about, and never changed."""

from collections.abc import Generator, Sequence
from functools import cache
from typing import Any, Final

import structlog
from sqlalchemy import bindparam, insert, select, tuple_

from identity_server.audit import trail
from identity_server.audit.facts import Fact
from identity_server.audit.record import Record
from identity_server.audit.trail import COMMAND_LINE, Trail
from identity_server.errors import StorageError
from identity_server.storage import tables
from identity_server.storage.bulk import chunks
from identity_server.storage.port import Call, Database, Operation, Rows, Statement
from identity_server.storage.session_listing import END
from identity_server.times import Timestamp

_A = tables.audit_events
_INSERT = Statement(insert(_A))
#: Filters of pages, each by a column that has to be the same.
FILTERS: Final = ("identity_id", "event", "actor", "result")
log = structlog.get_logger("audit")


class RecordingDatabase:
    """A database that keeps the trail: who changes something within a request leaves an entry, or changes nothing.

    Args:
        inner: the database itself.
    """

    def __init__(self, inner: Database) -> None:
        self.inner = inner
        self.dialect = inner.dialect

    async def fetch(self, call: Call) -> Rows:
        """Rows of a single statement, committed by itself."""
        if call.statement.tells is None or trail.current() is None:
            return await self.inner.fetch(call)
        return await self.run(_single(call))

    async def run(self, operation: Operation) -> Any:
        """What an operation returns; all its calls commit together or not at all."""
        current = trail.current()
        if current is None:
            return await self.inner.run(operation)
        kept: list[Record] = []
        result = await self.inner.run(_recording(operation, current, kept))
        if current.origin.api != COMMAND_LINE:  # a command's output is no log
            for entry in kept:
                write_line(entry)
        return result

    async def ping(self) -> None:
        """Asks the database for a sign of life."""
        await self.inner.ping()

    async def close(self) -> None:
        """Gives up all connections."""
        await self.inner.close()

    async def finish(self, current: Trail) -> None:
        """Keeps what was refused; a database that is away is no reason to answer otherwise, the log has the line."""
        entry = current.failure()
        if entry is None:
            return
        write_line(entry)
        try:
            await self.inner.fetch(_INSERT(**_row(entry)))
        except StorageError as error:
            log.error("an entry of the audit trail is in this log alone", id=entry.id, problem=type(error).__name__)


def recorded(database: Database, enabled: bool) -> Database:
    """A database with or without a trail, whichever it had before."""
    plain = database.inner if isinstance(database, RecordingDatabase) else database
    return RecordingDatabase(plain) if enabled else plain


def write_line(entry: Record) -> None:
    """The entry as a line of the log."""
    details = {name: value for name, value in entry.document.items() if name != "event"}
    log.info(entry.event, audience="audit", **details)


def _single(call: Call) -> Operation:
    return (yield call)


def _recording(operation: Operation, current: Trail, kept: list[Record]) -> Generator[Call, Rows, Any]:
    """The operation, with the entries about it at its end."""
    facts: list[Fact] = []
    try:
        call = next(operation)
        while True:
            try:
                rows = yield call
            except StorageError as error:
                call = operation.throw(error)
            else:
                if call.statement.tells is not None:
                    facts.extend(call.statement.tells(call.parameters, rows))
                call = operation.send(rows)
    except StopIteration as done:
        kept.extend(current.records(facts))
        yield from chunks(_INSERT, [_row(entry) for entry in kept])
        return done.value


def _row(entry: Record) -> dict[str, Any]:
    return {
        "id": entry.id,
        "at": entry.at,
        "event": entry.event,
        "actor": entry.actor,
        "identity_id": entry.identity_id,
        "result": entry.result,
        "document": entry.text,
    }


@cache
def _page(names: frozenset[str], since: bool, until: bool) -> Statement:
    chosen = select(_A.c.at, _A.c.id, _A.c.document)
    chosen = chosen.where(tuple_(_A.c.at, _A.c.id) < tuple_(bindparam("behind"), bindparam("id")))
    for name in sorted(names):
        chosen = chosen.where(_A.c[name] == bindparam(name))
    if since:
        chosen = chosen.where(_A.c.at >= bindparam("since"))
    if until:
        chosen = chosen.where(_A.c.at < bindparam("until"))
    return Statement(chosen.order_by(_A.c.at.desc(), _A.c.id.desc()).limit(bindparam("limit")))


def page(
    position: Sequence[str],
    limit: int,
    filters: dict[str, str],
    *,
    since: Timestamp | None = None,
    until: Timestamp | None = None,
) -> Call:
    """The call for entries, the newest first: time, id and document of each.

    Args:
        position: time and id of the entry before them; nothing at the beginning.
        filters: by names of ``FILTERS``.
        since, until: not before, and before.
    """
    behind, entry_id = position or END
    times = {name: value for name, value in (("since", since), ("until", until)) if value is not None}
    statement = _page(frozenset(filters), since is not None, until is not None)
    return statement(behind=behind, id=entry_id, limit=limit, **filters, **times)

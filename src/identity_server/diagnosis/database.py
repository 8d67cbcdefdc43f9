"""The database: whether it answers, how old its tables are, and what time it has."""

import time
from collections.abc import AsyncIterator
from datetime import datetime

from sqlalchemy import func, select

from identity_server import times
from identity_server.diagnosis.finding import Finding
from identity_server.errors import StorageError
from identity_server.storage import readiness, tables
from identity_server.storage.port import Database, Statement
from identity_server.times import Clock

#: Sessions, codes and tokens of other replicas end at the wrong time when clocks differ; TOTP allows 30 seconds.
MOST_SECONDS, WARN_SECONDS = 10.0, 2.0
_VERSION = {
    "postgresql": Statement(select(func.current_setting("server_version"))),
    "sqlite": Statement(select(func.sqlite_version())),
}
_NAMES = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}
_NOW = Statement(select(func.clock_timestamp()))
_NEWEST = Statement(select(func.max(tables.sessions.c.created_at)))


async def findings(database: Database, clock: Clock) -> AsyncIterator[Finding]:
    """Connection, migrations, clock."""
    try:
        began = time.monotonic()
        await database.ping()
        took = (time.monotonic() - began) * 1000
        rows = await database.fetch(_VERSION[database.dialect]())
    except StorageError as error:
        yield Finding("database", "wrong", f"It cannot be used: {error or 'it does not answer'}.")
        yield Finding("migrations", "skipped", "The database must answer first.")
        yield Finding("clock", "skipped", "The database must answer first.")
        return
    yield Finding("database", "ok", f"{_NAMES[database.dialect]} {rows[0][0]}, answers in {took:.0f} ms.")
    behind = await readiness.behind(database)
    if behind:
        yield Finding("migrations", "wrong", f"{behind[:1].upper()}{behind[1:]}")
        yield await _against_database(database, clock)
    else:
        yield Finding("migrations", "ok", f"The tables are at version {await readiness.current(database)}.")
        yield await _clock(database, clock)


async def _clock(database: Database, clock: Clock) -> Finding:
    """A clock that was set back shows in what is stored already."""
    rows = await database.fetch(_NEWEST())
    newest = str(rows[0][0] or "")
    ahead = times.seconds_between(times.text(clock()), newest) if newest else 0.0
    if ahead > MOST_SECONDS:
        return Finding(
            "clock", "wrong", f"A session was made {ahead:.0f} s from now: the clock was set back, or differs."
        )
    return await _against_database(database, clock)


async def _against_database(database: Database, clock: Clock) -> Finding:
    if database.dialect != "postgresql":
        return Finding("clock", "ok", f"It is {times.text(clock())[:19]}Z, and nothing stored is newer.")
    before = clock()
    rows = await database.fetch(_NOW())
    after = clock()
    theirs: datetime = rows[0][0]
    # The truth lies somewhere between asking and being told.
    off = max((before - theirs).total_seconds(), (theirs - after).total_seconds(), 0.0)
    said = f"It is {off:.1f} s off the database's."
    if off > MOST_SECONDS:
        return Finding("clock", "wrong", f"{said} Let both follow a time server.")
    return Finding("clock", "warning" if off > WARN_SECONDS else "ok", said)

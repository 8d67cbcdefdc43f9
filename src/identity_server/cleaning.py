"""Removes what has expired, by itself and now and then, where the configuration says how often.

Of many servers on one database one does it: whoever notes first that it begins. A server that ends meanwhile leaves the
rest to the next time.
"""

import asyncio
from datetime import timedelta

import structlog
from sqlalchemy import bindparam
from sqlalchemy.dialects import postgresql, sqlite

from identity_server import times
from identity_server.configuration import Configuration
from identity_server.configuration import cleanup as keys
from identity_server.errors import StorageError
from identity_server.services import Services
from identity_server.storage import cleanup, tables
from identity_server.storage.port import Statement
from identity_server.web.runtime import Runtime

log = structlog.get_logger("cleaning")
LOOK_SECONDS = 60.0
_NAME = "cleaned_at"
_S = tables.settings_values


def _begin(insert: "sqlite.Insert | postgresql.Insert") -> Statement:
    return Statement(
        insert.values(name=_NAME, value=bindparam("now"))
        .on_conflict_do_update(
            index_elements=[_S.c.name], set_={"value": insert.excluded.value}, where=_S.c.value < bindparam("before")
        )
        .returning(_S.c.name),
        writes=True,
    )


#: Gives a row to the one who begins, and none while the last time is too recent.
_BEGIN = {"sqlite": _begin(sqlite.insert(_S)), "postgresql": _begin(postgresql.insert(_S))}


async def keep_clean(runtime: Runtime) -> None:
    """Looks now and then whether it is time, for as long as the task runs."""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        try:
            await clean_when_due(runtime.services)
        except StorageError as error:
            log.warning("cleaning up is put off", cause=str(error))


async def clean_when_due(services: Services) -> dict[str, int] | None:
    """One round, unless it is not wanted or not time yet; how many rows went, by table.

    Raises:
        StorageError: when the database does not answer.
    """
    configuration = services.configuration
    every = configuration.span(keys.EVERY)
    if not every or not await _begins(services, every):
        return None
    removed = await cleanup.clean(services.database, _extent(configuration), lambda: times.parse(services.now()))
    log.info("what has expired is removed", rows=sum(removed.values()))
    return removed


async def _begins(services: Services, every: timedelta) -> bool:
    now = services.now()
    begin = _BEGIN[services.database.dialect]
    return bool(await services.database.fetch(begin(now=now, before=times.after(now, -every))))


def _extent(configuration: Configuration) -> cleanup.Extent:
    return cleanup.Extent(
        configuration.integer(keys.BATCH),
        configuration.span(keys.PAUSE),
        configuration.span(keys.KEEP),
        configuration.span(keys.RETENTION),
        max(configuration.span(limit) for limit in keys.GUESSING),
    )
